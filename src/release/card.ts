/** What a release says of itself to people: README.md and data_dictionary.csv. */
import {stringify} from 'csv-stringify/sync';
import {dictionaryRows, FILES} from '../domain/dictionary.ts';
import type {ReleaseManifest} from './manifest.ts';

const COUNTS_ES = new Intl.NumberFormat('es-CO');
const COUNTS_EN = new Intl.NumberFormat('en-US');

/** Every column of every table file, one line each; the Spanish meaning first. */
export function dictionaryCsv(): string {
  return stringify(
    FILES.flatMap(file => dictionaryRows(file.name, file)),
    {header: true, cast: {boolean: value => String(value)}},
  );
}

/** The dataset card, Spanish first. */
export function readme(manifest: ReleaseManifest): string {
  return `${[...spanish(manifest), '', '---', '', ...english(manifest)].join('\n')}\n`;
}

const day = (instant: string) => instant.slice(0, 10);
const places = (table: ReleaseManifest['tables'][number]) =>
  `\`${table.name}.parquet\`, \`${table.name}.csv.gz\``;

function spanish(manifest: ReleaseManifest): string[] {
  const {version, is_synthetic, listings, data_from, data_until, sources, models, tables, tier_reason} =
    manifest;
  return [
    `# Raíz · avisos de vivienda · ${version}${is_synthetic ? ' · SIMULADO' : ''}`,
    '',
    ...(is_synthetic
      ? [
          '> **SIMULADO.** Todo lo que hay aquí salió del mercado de demostración: ningún inmueble existe. Sirve para aprender a',
          '> usar los archivos, no para saber precios. Con datos reales: `raiz import archivo.csv` y luego `raiz release build`.',
          '',
        ]
      : []),
    `${COUNTS_ES.format(listings)} avisos vistos entre ${day(data_from)} y ${day(data_until)}.`,
    '',
    '## Qué trae',
    '',
    '| archivo | filas | una fila es |',
    '|---|---:|---|',
    ...tables.map(
      table => `| ${places(table)} | ${COUNTS_ES.format(table.rows)} | ${table.description.es} |`,
    ),
    '',
    'Cada columna está explicada en `data_dictionary.csv`: qué significa, en qué unidad, qué quiere decir que esté vacía, de',
    'dónde sale y un ejemplo. Un mismo nombre significa lo mismo en todos los archivos.',
    '',
    '```python',
    'import pandas as pd',
    'avisos = pd.read_parquet("listings.parquet")',
    'usables = avisos[avisos.exclusions.str.len() == 0]',
    'print(usables.groupby(["operation", "municipality"]).price_per_m2_cop.median())',
    '```',
    '',
    '## Antes de usarlo',
    '',
    '- Son **precios pedidos**, no precios pagados. Los arriendos son al mes y sin administración.',
    '- **Retirado no quiere decir vendido.** Un aviso no cuenta por qué se fue; `ended_reason` nunca lo afirma.',
    '- Vacío no es cero. Cada columna dice qué significa su vacío.',
    '- `exclusions` nombra las reglas que sacan un aviso de estadísticas y modelos; nada se borra en silencio.',
    '- Para entrenar, separe por `property_id`: los avisos de un mismo inmueble deben quedar del mismo lado.',
    '- Las distancias son en línea recta. Los rangos de precio son estimaciones de un modelo, no avalúos.',
    '',
    '## De dónde viene',
    '',
    ...sources.map(source => {
      const complete =
        source.last_complete_at === null
          ? 'sin búsqueda completa'
          : `última búsqueda completa ${day(source.last_complete_at)}`;
      return `- ${source.portal}: ${COUNTS_ES.format(source.listings)} avisos, vistos hasta ${day(source.last_seen_at)}, ${complete}.`;
    }),
    ...models.map(
      model =>
        `- Modelo de ${model.operation === 'sale' ? 'venta' : 'arriendo'}: ${model.model_id} (${model.algorithm}).`,
    ),
    ...(models.length === 0
      ? ['- Sin modelo: `scores` está vacío hasta correr `raiz stage train` y `raiz stage score`.']
      : []),
    '',
    `## Nivel: ${manifest.tier}`,
    '',
    tier_reason.es,
    '',
    'Para comprobar una copia: `raiz release verify <carpeta>`, o `sha256sum -c SHA256SUMS`.',
  ];
}

function english(manifest: ReleaseManifest): string[] {
  const {version, is_synthetic, listings, data_from, data_until, sources, tables, tier_reason} = manifest;
  return [
    `# Raíz · housing adverts · ${version}${is_synthetic ? ' · SIMULATED' : ''}`,
    '',
    ...(is_synthetic
      ? [
          '> **SIMULATED.** All of this comes from the demo market: no home in it exists. Good for learning the files, not for',
          '> knowing prices. Real data: `raiz import file.csv`, then `raiz release build`.',
          '',
        ]
      : []),
    `${COUNTS_EN.format(listings)} adverts seen from ${day(data_from)} to ${day(data_until)}: ` +
      `${sources.map(source => `${source.portal} (${COUNTS_EN.format(source.listings)})`).join(', ')}.`,
    '',
    '| file | rows | one row is |',
    '|---|---:|---|',
    ...tables.map(
      table => `| ${places(table)} | ${COUNTS_EN.format(table.rows)} | ${table.description.en} |`,
    ),
    '',
    '`data_dictionary.csv` explains every column. Prices are **asked, not paid**; rents are per month without the',
    'administration fee. **Withdrawn does not mean sold.** Null is not zero. Split by `property_id` when you train.',
    '',
    `Tier ${manifest.tier}: ${tier_reason.en}`,
    '',
    'Check a copy with `raiz release verify <folder>` or `sha256sum -c SHA256SUMS`.',
  ];
}
