/** The anomaly report: one page without scripts, to read on a phone and to pass on. */
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type AnomalyRow, type ScoredPoint, selectAnomalies, selectScoredPoints} from '../db/anomalies.ts';
import type {Db} from '../db/client.ts';
import {ConfigError} from '../domain/errors.ts';
import {ANOMALY_KINDS, OPERATIONS, type Operation, type PropertyType} from '../domain/vocabulary.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import {groupBy} from '../lib/group-by.ts';
import {escapeHtml} from '../lib/html.ts';
import {ANOMALY_WORDS, gapHistograms, scatterPlot} from './anomaly-plots.ts';

export interface AnomalyReport {
  readonly points: readonly ScoredPoint[];
  readonly anomalies: readonly AnomalyRow[];
  readonly now: Date;
}

export interface ReportOptions {
  readonly operation: Operation | undefined;
  /** Adverts listed of each operation and kind. */
  readonly limit: number;
  readonly now: Date;
}

/** Writes `<folder>/index.html`. @returns its path. @throws ConfigError when nothing was scored yet. */
export async function writeAnomalyReport(
  db: Db,
  folder: string,
  {operation, limit, now}: ReportOptions,
): Promise<string> {
  const scored = await selectScoredPoints(db);
  const points = scored.filter(point => operation === undefined || point.operation === operation);
  if (points.length === 0)
    throw new ConfigError(
      'no advert on offer has a score, so there is nothing to report. Run: raiz stage score',
    );
  const anomalies = await selectAnomalies(db, {operation, limit});
  const path = join(folder, 'index.html');
  await mkdir(folder, {recursive: true});
  await writeFile(path, renderAnomalyReport({points, anomalies, now}));
  return path;
}

/** The page as HTML. Everything that came from outside is escaped. */
export function renderAnomalyReport({points, anomalies, now}: AnomalyReport): string {
  const isSimulated = anomalies.some(row => row.isSynthetic);
  const mark = isSimulated
    ? '<p class="simulated"><b>SIMULADO</b> Mercado simulado, ningún aviso real. <small lang="en">Simulated market, no real advert.</small></p>'
    : '';
  return `<!doctype html>
<html lang="es">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Raíz · precios que se apartan${isSimulated ? ' · SIMULADO' : ''}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Raíz · precios que se apartan <small lang="en">anomalies</small></h1>
<p>${points.length.toLocaleString('es-CO')} avisos en línea con precio estimado, ${bogotaDay(now)}. Son precios pedidos, no de venta; y candidatos para mirar, no recomendaciones.</p>
${mark}
</header>
<main>
${OPERATIONS.map(operation => operationSection(operation, points, anomalies)).join('\n')}
</main>
</body>
</html>
`;
}

const OPERATION_WORDS: Readonly<Record<Operation, string>> = {sale: 'Venta', rent: 'Arriendo'};

const HOME_WORDS: Readonly<Partial<Record<PropertyType, string>>> = {
  apartment: 'apartamento',
  studio: 'apartaestudio',
  house: 'casa',
  country_house: 'casa campestre',
};

const TYPE_WORDS: Readonly<Partial<Record<PropertyType, string>>> = {
  apartment: 'apartamentos',
  studio: 'apartaestudios',
  house: 'casas',
  country_house: 'casas campestres',
};

function operationSection(
  operation: Operation,
  allPoints: readonly ScoredPoint[],
  anomalies: readonly AnomalyRow[],
): string {
  const points = allPoints.filter(point => point.operation === operation);
  if (points.length === 0) return '';
  const types = [...groupBy(points, ({propertyType}) => propertyType)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([type, own]) => ({
      name: TYPE_WORDS[type] ?? type,
      gaps: own.map(({priceCop, midCop}) => priceCop / midCop - 1),
    }));
  const own = anomalies.filter(row => row.operation === operation);
  const legend = ANOMALY_KINDS.map(
    kind =>
      `<span><i class="${kind}"></i> ${ANOMALY_WORDS[kind]} ${points.filter(({anomaly}) => anomaly === kind).length.toLocaleString('es-CO')}</span>`,
  );
  return `<section>
<h2>${OPERATION_WORDS[operation]}</h2>
<div class="plots">
<figure>${scatterPlot(points, operation === 'rent')}
<figcaption>Cada punto es un aviso; sobre la línea se pide lo esperado; lo más lejano se dibuja en el borde. <span class="legend">${legend.join(' ')}</span></figcaption></figure>
<figure>${gapHistograms(types)}
<figcaption>Cuánto se aparta lo pedido de lo esperado, por tipo y con su número de avisos. Lo que está más lejos cae en las barras de los extremos.</figcaption></figure>
</div>
${list('Los que más bajo piden', own, 'below_normal')}
${list('Parecen errores del aviso', own, 'error_candidate')}
${list('Los que más alto piden', own, 'above_normal')}
</section>`;
}

function list(title: string, rows: readonly AnomalyRow[], kind: AnomalyRow['anomaly']): string {
  const own = rows.filter(row => row.anomaly === kind);
  if (own.length === 0) return '';
  return `<h3>${title}</h3>\n<ol>${own.map(item).join('\n')}</ol>`;
}

function item(row: AnomalyRow): string {
  const {gapPct, priceCop, midCop, reasons, warnings, verdict, verdictWhy} = row;
  const home = [
    row.propertyType === null ? null : (HOME_WORDS[row.propertyType] ?? row.propertyType),
    row.areaM2 === null ? null : `${row.areaM2.toLocaleString('es-CO')} m²`,
    row.stratum === null ? null : `estrato ${row.stratum}`,
    [row.neighbourhood, row.municipality].filter(part => part !== null).join(', '),
  ].filter(part => part !== null && part !== '');
  const title = `<b>${gapPct > 0 ? '+' : ''}${gapPct.toFixed(0)} %</b> pide ${millions(priceCop)}; se espera ${millions(midCop)}`;
  const said =
    verdict === null
      ? ''
      : `<p class="verdict">Revisado: <b>${verdict === 'real' ? 'es real' : 'no lo es'}</b>. ${escapeHtml(verdictWhy ?? '')}</p>`;
  return `<li class="${row.anomaly}">
<p>${title}</p>
<p class="home">${escapeHtml(home.join(' · '))} · <code>${escapeHtml(row.listingId)}</code>${link(row.url)}</p>
<ul>${reasons.map(reason => `<li>${escapeHtml(reason)}</li>`).join('')}${warnings.map(warning => `<li class="warning">${escapeHtml(warning)}</li>`).join('')}</ul>
${said}</li>`;
}

/** Only web addresses become links. */
function link(url: string | null): string {
  return url === null || !/^https?:\/\//.test(url)
    ? ''
    : ` · <a href="${escapeHtml(url)}" rel="noreferrer">aviso</a>`;
}

function millions(cop: number): string {
  return `${(cop / 1e6).toLocaleString('es-CO', {maximumFractionDigits: cop >= 1e8 ? 0 : 2})} M`;
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1c2321;--soft:#5d6a66;--paper:#fbfaf7;--card:#fff;--line:#dcdfd9;--none:#9aa6a1;--below:#1f7a55;--above:#c07f10;--error:#c0352c}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebe8;--soft:#9aa6a1;--paper:#151917;--card:#1d2320;--line:#343c38;--none:#6d7874;--below:#4fb98a;--above:#e0b148;--error:#ee746b}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:80rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{margin:0;font-size:1.6rem}h2{margin:1.6rem 0 .5rem;font-size:1.3rem}h3{margin:1.2rem 0 .4rem;font-size:1.05rem}
p{margin:.2rem 0}small{color:var(--soft);font-size:.8em;font-weight:400}code{font-size:.85em;overflow-wrap:anywhere}
.simulated{padding:.5rem .8rem;border:2px dashed var(--above);border-radius:.5rem}
.plots{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));align-items:start}
figure{margin:0;padding:.7rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card)}
figcaption{color:var(--soft);font-size:.85rem}svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:12px system-ui,sans-serif}.grid{stroke:var(--line)}.axis{stroke:var(--soft)}
circle.none{fill:var(--none);fill-opacity:.45}circle.below_normal{fill:var(--below)}circle.above_normal{fill:var(--above)}circle.error_candidate{fill:var(--error)}
.bar{fill:var(--below);fill-opacity:.75}
.legend{display:inline-flex;flex-wrap:wrap;gap:.2rem .8rem}.legend i{display:inline-block;width:.7rem;height:.7rem;border-radius:50%;background:var(--none)}
.legend i.below_normal{background:var(--below)}.legend i.above_normal{background:var(--above)}.legend i.error_candidate{background:var(--error)}
ol{display:grid;gap:.6rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));margin:0;padding:0;list-style:none}
ol>li{padding:.6rem .8rem;border-left:4px solid var(--below);border-radius:.3rem;background:var(--card)}
ol>li.error_candidate{border-color:var(--error)}ol>li.above_normal{border-color:var(--above)}
li ul{margin:.3rem 0 0;padding-left:1.1rem;font-size:.9rem}.home{color:var(--soft);font-size:.9rem;overflow-wrap:anywhere}
.warning{color:var(--error)}.verdict{margin-top:.3rem;font-size:.9rem}
`;
