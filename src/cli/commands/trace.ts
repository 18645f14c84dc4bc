import {Command} from 'commander';
import {
  type ListingTrace,
  loadTrace,
  type TracedFinding,
  type TracedNear,
  type TracedSight,
} from '../../db/trace.ts';
import {ConfigError} from '../../domain/errors.ts';
import {withDatabase} from '../context.ts';
import {formatMillions, print, printJson} from '../output.ts';

interface Flags {
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** `raiz trace`: one advert from what the portal said to what we guess, step by step, for people who learn the pipeline. */
export function traceCommand(): Command {
  return new Command('trace')
    .description('one listing from what was seen to its score: each change with its rule, page, run and date')
    .argument('<listing>', 'listing id, as fincaraiz:id:193349683')
    .argument('[field]', 'only this field, as areaM2, stratum or price')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz trace fincaraiz:id:193349683 --demo\n  raiz trace fincaraiz:id:193349683 price',
    )
    .action(async (listing: string, field: string | undefined, flags: Flags) => {
      await withDatabase({demo: flags.demo}, async ({database}) => {
        const trace = await loadTrace(database.orm, listing);
        if (trace === undefined) {
          throw new ConfigError(
            `no listing "${listing}" was ever seen here. Ids read portal:space:number, as fincaraiz:id:193349683; ` +
              `list some with: raiz db query "select listing_id from core.listing limit 10"`,
          );
        }
        if (flags.json === true) printJson(trace);
        else print(describeTrace(trace, field));
      });
    });
}

/**
 * The trace as text, headings in Spanish.
 * @param field camel case or snake case; undefined: all
 */
function describeTrace(trace: ListingTrace, field?: string): string {
  const wanted = field === undefined ? undefined : toSnakeCase(field);
  return [
    `Aviso ${trace.listingId} · ${trace.status ?? 'aún sin limpiar'}`,
    section('1. Visto (raw): lo que dijo el portal', describeSights(trace, wanted)),
    section('2. Limpiado (clean): lo que creemos y por qué', describeClean(trace, wanted)),
    section('3. Ubicado y enriquecido (enrich)', describeLocation(trace, wanted)),
    section('4. Emparejado (match): el inmueble', describeProperty(trace)),
    section('5. Valorado (score): lo que estimamos', describeScores(trace)),
  ].join('\n\n');
}

function section(title: string, lines: readonly string[]): string {
  return [title, '─'.repeat(title.length), ...(lines.length === 0 ? ['  (nada todavía)'] : lines)].join('\n');
}

/** `builtAreaM2` → `built_area_m2`. */
function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

const DAY = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'America/Bogota',
  dateStyle: 'short',
  timeStyle: 'short',
});
const when = (instant: unknown) => (typeof instant === 'string' ? DAY.format(new Date(instant)) : 'hoy');

function describeSights({sights, observations}: ListingTrace, wanted: string | undefined): string[] {
  const payloads = new Map(observations.map(({payloadHash, payload}) => [payloadHash, payload]));
  const shown = new Set<string>();
  return sights.flatMap(sight => {
    const head = `  ${when(sight.observedAt)}  corrida ${sight.runId}, ${placeOf(sight)}`;
    if (sight.payloadHash === null)
      return [`${head}`, `    el portal dijo que ya no está: ${sight.goneReason ?? 'sin motivo'}`];
    const observation = `observación ${sight.payloadHash.slice(0, 8)}`;
    if (shown.has(sight.payloadHash)) return [`${head}: igual que antes, ${observation}`];
    shown.add(sight.payloadHash);
    const payload = payloads.get(sight.payloadHash) ?? {};
    return [`${head}: ${observation}`, ...listFields(payload, wanted).map(line => `    ${line}`)];
  });
}

function placeOf({source, row, url, file, fileOffset, scope}: TracedSight): string {
  if (source === 'import') return `fila ${row ?? '?'} del archivo importado (${scope})`;
  return `página ${url ?? '?'}${file === null ? '' : ` guardada en ${file} desde el byte ${fileOffset ?? 0}`}`;
}

/** Names of offers in a payload, prices in a table: one thing to whoever asks for the price. */
const PRICE_FIELDS = new Set(['price', 'price_cop', 'price_stated', 'admin_fee_cop', 'currency', 'offers']);
const isPrice = (wanted: string | undefined) => wanted === undefined || PRICE_FIELDS.has(wanted);

function listFields(fields: Readonly<Record<string, unknown>>, wanted: string | undefined): string[] {
  return Object.entries(fields)
    .filter(([name]) => {
      const column = toSnakeCase(name);
      return wanted === undefined || column === wanted || (column === 'offers' && isPrice(wanted));
    })
    .filter(([, value]) => wanted !== undefined || isStated(value))
    .map(([name, value]) => `${toSnakeCase(name)} = ${textOf(value)}`);
}

const isStated = (value: unknown) =>
  value !== null && value !== false && !(Array.isArray(value) && value.length === 0);

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'sin dato';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

const EFFECTS: Readonly<Record<string, string>> = {
  flagged: 'anotado',
  nulled: 'borrado, porque no es creíble',
  corrected: 'corregido',
  excluded: 'fuera de estadísticas y modelos',
};

function describeClean(trace: ListingTrace, wanted: string | undefined): string[] {
  const findings = trace.findings.filter(
    ({field}) =>
      wanted === undefined ||
      toSnakeCase(field) === wanted ||
      (isPrice(toSnakeCase(field)) && isPrice(wanted)),
  );
  return [
    ...stageLine(trace, 'clean'),
    ...findings.map(describeFinding),
    ...(findings.length === 0 && trace.versions.length > 0 ? ['  ninguna regla cambió nada aquí'] : []),
    ...describeVersions(trace.versions, wanted),
    ...(isPrice(wanted) ? trace.prices.map(describePrice) : []),
  ];
}

function describeFinding({rule, field, effect, value, message, payloadHash}: TracedFinding): string {
  const was = value === null ? '' : ` (decía ${textOf(value)})`;
  return `  regla ${rule}: ${toSnakeCase(field)} ${EFFECTS[effect] ?? effect}${was}: ${message} [observación ${payloadHash.slice(0, 8)}]`;
}

const INTERVAL = new Set(['listing_id', 'valid_from', 'valid_to', 'payload_hash']);

/** The first version in full, later ones by what changed. */
function describeVersions(
  versions: readonly Readonly<Record<string, unknown>>[],
  wanted: string | undefined,
): string[] {
  let before: Readonly<Record<string, unknown>> = {};
  return versions.flatMap(version => {
    const changed = Object.fromEntries(
      Object.entries(version).filter(
        ([name, value]) => !INTERVAL.has(name) && JSON.stringify(value) !== JSON.stringify(before[name]),
      ),
    );
    before = version;
    const lines = listFields(changed, wanted).map(line => `    ${line}`);
    const span = version.valid_to === null ? 'vigente' : `hasta ${when(version.valid_to)}`;
    const source = textOf(version.payload_hash).slice(0, 8);
    return lines.length === 0
      ? []
      : [`  versión desde ${when(version.valid_from)}, ${span} [observación ${source}]`, ...lines];
  });
}

function describePrice(price: Readonly<Record<string, unknown>>): string {
  const operation = price.operation === 'rent' ? 'arriendo' : 'venta';
  const believed =
    typeof price.price_cop === 'number' ? `${formatMillions(price.price_cop)} COP` : 'no creíble';
  const rule = price.correction === null ? '' : ` por la regla ${textOf(price.correction)}`;
  return `  precio de ${operation} desde ${when(price.valid_from)}: pedido ${textOf(price.price_stated)} ${textOf(price.currency)} → ${believed}${rule}`;
}

function describeLocation(trace: ListingTrace, wanted: string | undefined): string[] {
  if (trace.location === null) return [];
  const {evidence, listing_id: _id, ...place} = trace.location;
  const near = wanted === undefined || wanted === 'near' ? trace.near : [];
  return [
    ...stageLine(trace, 'enrich'),
    ...listFields(place, wanted).map(line => `  ${line}`),
    ...(wanted === undefined || wanted === 'evidence' ? describeEvidence(Object(evidence ?? {})) : []),
    ...near.map(found => `  cerca: ${found.category}: ${describeNear(found)}`),
  ];
}

/** The nearest with their metres and ids, which say where they come from: `osm:`, `reference:` or a source's name. */
function describeNear({nearest, gravity}: TracedNear): string {
  const places = nearest.map(({name, metres, id}) => `${name ?? 'sin nombre'} a ${metres} m (${id})`);
  const listed = places.length === 0 ? 'ninguno a menos de 20 km' : places.join(', ');
  return `${listed}; accesibilidad ${gravity}`;
}

const FOUND_BY: Readonly<Record<string, string>> = {
  polygon: 'el punto cae dentro de su polígono',
  name: 'el aviso lo nombra',
  alias: 'el aviso lo nombra con un nombre popular',
};

const LEVELS = [
  ['municipality', 'municipio'],
  ['district', 'comuna o corregimiento'],
  ['neighbourhood', 'barrio o vereda'],
] as const;

/** Why the listing is placed where it is: each level, the point, and what contradicts. */
function describeEvidence(evidence: Readonly<Record<string, unknown>>): string[] {
  const levels = LEVELS.map(([level, word]) => {
    const {by, stated} = Object(evidence[level] ?? {});
    if (by === undefined) return `  ${word}: no se sabe`;
    return `  ${word}: ${FOUND_BY[String(by)] ?? textOf(by)}${stated === undefined ? '' : ` («${textOf(stated)}»)`}`;
  });
  const conflicts = Array.isArray(evidence.conflicts) ? evidence.conflicts : [];
  return [
    ...levels,
    `  punto: ${textOf(evidence.point)}`,
    ...conflicts.map(conflict => `  contradicción: ${textOf(conflict)}`),
  ];
}

const MATCH_REASONS: Readonly<Record<string, string>> = {
  single: 'no se conoce otro aviso de este inmueble',
  reference_code: 'el mismo código de referencia en los textos',
  same_text: 'el mismo texto, poco común',
  same_spot: 'el mismo punto y los mismos datos',
  same_facts: 'los mismos datos, poco comunes, en el mismo lugar',
  by_hand: 'una persona lo decidió',
};

function describeProperty(trace: ListingTrace): string[] {
  if (trace.property === null) return [];
  const reason = String(trace.property.reason);
  return [
    ...stageLine(trace, 'match'),
    `  inmueble ${textOf(trace.property.property_id)}: ${MATCH_REASONS[reason] ?? reason} (seguridad ${textOf(trace.property.score)})`,
    ...trace.siblings.map(sibling => `  también lo anuncia ${sibling}`),
  ];
}

function describeScores({scores}: ListingTrace): string[] {
  return scores.flatMap(score => {
    const money = (value: unknown) => (typeof value === 'number' ? formatMillions(value) : 'sin dato');
    const operation = score.operation === 'rent' ? 'arriendo' : 'venta';
    return [
      `  ${operation}: pide ${money(score.price_cop)}, esperado ${money(score.mid_cop)} (entre ${money(score.low_cop)} y ${money(score.high_cop)}), diferencia ${Number(score.gap_pct).toFixed(1)} %: ${textOf(score.anomaly)}`,
      `    modelo ${textOf(score.model_id)} (${textOf(score.algorithm)}), entrenado el ${when(score.trained_at)}; ${score.is_out_of_fold === true ? 'nunca vio este inmueble' : 'pudo ver este inmueble'}; ${textOf(score.comparables)} comparables`,
      `    razones: ${textOf(score.reasons)}`,
    ];
  });
}

function stageLine({stages}: Pick<ListingTrace, 'stages'>, name: string): string[] {
  const stage = stages.find(candidate => candidate.stage === name);
  if (stage === undefined) return [];
  return [
    `  etapa ${name} versión ${stage.version}, corrida de etapa ${stage.stageRunId}, ${when(stage.finishedAt)}`,
  ];
}
