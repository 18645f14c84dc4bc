/** The health page: one file without scripts, readable on a phone and while the database is down. */
import {randomBytes} from 'node:crypto';
import {mkdir, open, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {Incident, ScopeRunRow} from '../db/health.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import {groupBy} from '../lib/group-by.ts';
import {escapeHtml} from '../lib/html.ts';
import {HEALTH_STYLE} from './style.ts';

export interface HealthPage {
  /** Oldest first within a scope. */
  readonly rows: readonly ScopeRunRow[];
  readonly shownRuns: number;
  readonly incidents: readonly Incident[];
  readonly now: Date;
}

/** Writes `<dataDir>/health/index.html`; a reader sees the old page or the new one, never half of one. @returns its path. */
export async function writeHealthPage(dataDir: string, page: HealthPage): Promise<string> {
  const folder = join(dataDir, 'health');
  const path = join(folder, 'index.html');
  const unfinished = join(folder, `.index-${randomBytes(4).toString('hex')}.html`);
  await mkdir(folder, {recursive: true});
  try {
    const file = await open(unfinished, 'wx');
    try {
      await file.writeFile(renderHealthPage(page));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, {force: true});
  }
  return path;
}

/** The page as HTML: Spanish with English labels. Everything that came from outside is escaped. */
export function renderHealthPage({rows, shownRuns, incidents, now}: HealthPage): string {
  const isSimulated = rows.some(row => row.isSynthetic);
  const newest = rows.reduce<Date | null>(
    (at, row) => (at === null || row.observedAt > at ? row.observedAt : at),
    null,
  );
  const portals = [...new Set(rows.map(row => row.portal))].sort();
  const mark = isSimulated
    ? '<p class="simulated"><b>SIMULADO</b> Mercado simulado, ningún aviso real. Datos reales: <code>raiz import</code> · Simulated market, no real advert.</p>'
    : '';
  return `<!doctype html>
<html lang="es">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Raíz · salud de la recolección${isSimulated ? ' · SIMULADO' : ''}</title>
<style>${HEALTH_STYLE}</style>
</head>
<body>
<header>
<h1>Raíz · salud <small lang="en">health</small></h1>
<p>Datos hasta <small lang="en">data until</small> <b>${newest === null ? 'nunca · never' : minute(newest)}</b> ·
página de <small lang="en">page of</small> ${minute(now)} <small>(hora de Bogotá)</small></p>
${mark}
</header>
<main>
${incidentsSection(incidents)}
${portals.length === 0 ? '<p>Nada recolectado todavía. <small lang="en">Nothing collected yet:</small> <code>raiz crawl</code></p>' : ''}
${portals
  .map(portal =>
    portalSection(
      portal,
      rows.filter(row => row.portal === portal),
      shownRuns,
    ),
  )
  .join('\n')}
${portals.length === 0 ? '' : LEGEND}
</main>
</body>
</html>
`;
}

const LEGEND = `<footer>
<p><i class="dot complete"></i> completo <small lang="en">complete</small> · <i class="dot incomplete"></i> incompleto <small lang="en">incomplete</small> ·
<i class="dot blocked"></i> bloqueado <small lang="en">blocked</small> · <i class="dot failed"></i> fallido <small lang="en">failed</small></p>
<p>«Retirados» son los avisos de la corrida completa anterior que ya no están; nunca «vendidos». Un guion es «no se sabe».
<small lang="en">“Gone”: adverts of the complete run before that are no longer there; never “sold”. A dash: not known.</small></p>
</footer>`;

function incidentsSection(incidents: readonly Incident[]): string {
  if (incidents.length === 0) {
    return '<p class="calm">Sin incidentes abiertos <small lang="en">no open incidents</small></p>';
  }
  const cards = incidents.map(
    incident => `<li>
<h3><code>${escapeHtml(incident.kind)}</code> ${escapeHtml(incident.portal)}${incident.subject === null ? '' : ` · ${escapeHtml(incident.subject)}`}</h3>
<dl>
<dt>Observado <small lang="en">observed</small></dt><dd>${escapeHtml(incident.observed)}</dd>
<dt>Esperado <small lang="en">expected</small></dt><dd>${escapeHtml(incident.expected)}</dd>
<dt>Desde <small lang="en">since</small></dt><dd>${minute(incident.since)}</dd>
<dt>Qué hacer <small lang="en">what to do</small></dt><dd><code>docs/runbook.md#${escapeHtml(incident.kind)}</code></dd>
</dl>
</li>`,
  );
  return `<section class="incidents"><h2>${incidents.length} ${incidents.length === 1 ? 'incidente abierto' : 'incidentes abiertos'} <small lang="en">open incidents</small></h2>
<ul>${cards.join('\n')}</ul></section>`;
}

function portalSection(portal: string, rows: readonly ScopeRunRow[], shownRuns: number): string {
  const byScope = groupBy(rows, row => row.scope);
  const scopes = [...byScope].map(([scope, runs]) => ({scope, runs: runs.slice(-shownRuns)}));
  const newestRun = Math.max(...rows.map(row => row.runId));
  const verdicts = scopes.map(({runs}) => runs.at(-1)).filter(run => run?.runId === newestRun);
  const bad = verdicts.filter(run => run?.verdict !== 'complete').length;
  const isBad = (runs: readonly ScopeRunRow[]) => runs.at(-1)?.verdict !== 'complete';
  scopes.sort(
    (a, b) =>
      Number(isBad(b.runs)) - Number(isBad(a.runs)) ||
      (b.runs.at(-1)?.listingsSeen ?? 0) - (a.runs.at(-1)?.listingsSeen ?? 0) ||
      a.scope.localeCompare(b.scope),
  );
  return `<section>
<h2>${escapeHtml(portal)}</h2>
<p>Corrida <small lang="en">run</small> ${newestRun}: ${verdicts.length - bad} búsquedas completas <small lang="en">searches complete</small>${bad === 0 ? '' : `, <b>${bad} no</b>`}</p>
${runTable(runsOf(rows).slice(-shownRuns), 'Todas las búsquedas')}
${scopes.map(({scope, runs}) => scopeDetails(scope, runs, isBad(runs))).join('\n')}
</section>`;
}

function scopeDetails(scope: string, runs: readonly ScopeRunRow[], isOpen: boolean): string {
  const most = Math.max(1, ...runs.map(run => run.listingsSeen));
  const bars = runs
    .map(({verdict, listingsSeen}) => {
      const height = Math.max(8, Math.round((100 * listingsSeen) / most));
      return `<i class="${verdict}" style="height:${height}%"></i>`;
    })
    .join('');
  const newest = runs.at(-1);
  return `<details${isOpen ? ' open' : ''}>
<summary><span class="name">${escapeHtml(scope)}</span> <span class="bars" aria-hidden="true">${bars}</span> <b>${count(newest?.listingsSeen ?? null)}</b></summary>
${runTable(runs.map(lineOf), scope)}
</details>`;
}

/** One row of a table of runs. */
interface RunLine {
  readonly runId: number;
  readonly observedOn: string;
  readonly verdict: ScopeRunRow['verdict'];
  readonly total: number | null;
  readonly seen: number;
  readonly measured: ScopeRunRow['measure'];
  readonly seconds: number | null;
  readonly reason: string | null;
}

function lineOf(run: ScopeRunRow): RunLine {
  const {runId, observedOn, verdict, announcedTotal, listingsSeen, measure, reason} = run;
  const seconds = measure?.seconds ?? null;
  return {
    ...{runId, observedOn, verdict, seconds},
    total: announcedTotal,
    seen: listingsSeen,
    measured: measure,
    reason: verdict === 'complete' ? null : reason,
  };
}

const WORST = ['complete', 'incomplete', 'failed', 'blocked'] as const;

/** The scopes of each run added up; an advert that stands in two searches counts in both. */
function runsOf(rows: readonly ScopeRunRow[]): RunLine[] {
  const byRun = [...groupBy(rows, row => row.runId)].sort(([a], [b]) => a - b);
  return byRun.flatMap(([runId, scopes]) => {
    const [first] = scopes;
    if (first === undefined) return [];
    const worst = Math.max(...scopes.map(scope => WORST.indexOf(scope.verdict)));
    const bad = scopes.filter(scope => scope.verdict !== 'complete');
    const measured = scopes.flatMap(scope => scope.measure ?? []);
    return [
      {
        runId,
        observedOn: first.observedOn,
        verdict: WORST[worst] ?? 'incomplete',
        total: addKnown(scopes.map(scope => scope.announcedTotal)),
        seen: scopes.reduce((total, scope) => total + scope.listingsSeen, 0),
        measured: measured.length === 0 ? null : addMeasures(measured),
        seconds: measured.length === 0 ? null : Math.max(...measured.map(measure => measure.seconds ?? 0)),
        reason:
          bad.length === 0 ? null : `${bad.length} de ${scopes.length} búsquedas · ${bad[0]?.reason ?? ''}`,
      },
    ];
  });
}

type Measure = NonNullable<ScopeRunRow['measure']>;

function addMeasures(measures: readonly Measure[]): Measure {
  const total = (count: (measure: Measure) => number) =>
    measures.reduce((sum, measure) => sum + count(measure), 0);
  const fields = [...new Set(measures.flatMap(measure => Object.keys(measure.filled)))];
  return {
    listings: total(measure => measure.listings),
    listingsNew: total(measure => measure.listingsNew),
    listingsChanged: total(measure => measure.listingsChanged),
    listingsBefore: addKnown(measures.map(measure => measure.listingsBefore)),
    listingsGone: addKnown(measures.map(measure => measure.listingsGone)),
    duplicates: total(measure => measure.duplicates),
    filled: Object.fromEntries(fields.map(field => [field, total(measure => measure.filled[field] ?? 0)])),
    blocks: total(measure => measure.blocks),
    seconds: null,
  };
}

/** Null when none is known. */
function addKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter(value => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

const HEADS = [
  ['Día', 'day'],
  ['Total', 'total'],
  ['Vistos', 'seen'],
  ['Nuevos', 'new'],
  ['Cambiados', 'changed'],
  ['Retirados', 'gone'],
  ['Cobertura', 'coverage'],
  ['Precio·área·punto %', 'field fill'],
  ['Bloqueos', 'blocks'],
  ['Segundos', 'seconds'],
] as const;

function runTable(lines: readonly RunLine[], caption: string): string {
  const heads = HEADS.map(([es, en]) => `<th scope="col">${es} <small lang="en">${en}</small></th>`);
  return `<div class="scroll"><table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${heads.join('')}</tr></thead>
<tbody>${lines.toReversed().map(runRow).join('\n')}</tbody></table></div>`;
}

function runRow({observedOn, verdict, total, seen, measured, seconds, reason}: RunLine): string {
  const coverage = total === null || total === 0 ? DASH : `${((100 * seen) / total).toFixed(1)} %`;
  const cells = [
    count(total),
    count(seen),
    count(measured?.listingsNew ?? null),
    count(measured?.listingsChanged ?? null),
    count(measured?.listingsGone ?? null),
    coverage,
    measured === null || measured.listings === 0 ? DASH : fills(measured),
    count(measured?.blocks ?? null),
    seconds === null ? DASH : seconds.toFixed(1),
  ];
  const row = `<tr><th scope="row"><i class="dot ${verdict}" title="${verdict}"></i>${escapeHtml(observedOn)}</th>${cells
    .map(cell => `<td>${cell}</td>`)
    .join('')}</tr>`;
  if (reason === null) return row;
  const why = `<small>Motivo <span lang="en">reason</span></small> ${escapeHtml(reason)}`;
  return `${row}\n<tr class="why"><td colspan="${HEADS.length}"><div>${why}</div></td></tr>`;
}

function fills({filled, listings}: Measure): string {
  return ['price', 'areaM2', 'latitude']
    .map(field => Math.round((100 * (filled[field] ?? 0)) / listings))
    .join(' · ');
}

const DASH = '–';
const COUNTS = new Intl.NumberFormat('es-CO');

function count(value: number | null): string {
  return value === null ? DASH : COUNTS.format(value);
}

const CLOCK = new Intl.DateTimeFormat('es-CO', {
  timeZone: 'America/Bogota',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function minute(instant: Date): string {
  return `${bogotaDay(instant)} ${CLOCK.format(instant)}`;
}
