/** Plots of the anomaly report as SVG: no script, no library, colours from the page's style. Pure. */
import type {ScoredPoint} from '../db/anomalies.ts';
import type {AnomalyKind} from '../domain/vocabulary.ts';
import {escapeHtml} from '../lib/html.ts';
import {quantileOfSorted} from '../lib/stats.ts';

const WIDTH = 640;
const HEIGHT = 460;
const MARGIN = {left: 64, right: 16, top: 12, bottom: 48};
/** More dots than this only hide each other; anomalies are always drawn. */
const MOST_DOTS = 3000;

/** The axes hold all but this share of the expected prices at either end, and so many times more; the rest is drawn on the edge. */
const EDGE_SHARE = 0.005;
const BEYOND = 3;

/** Asked against expected price, both logarithmic; on the line a home asks what is expected. */
export function scatterPlot(points: readonly ScoredPoint[], perMonth: boolean): string {
  if (points.length === 0) return '';
  const expected = Float64Array.from(points, ({midCop}) => midCop).sort();
  const low = quantileOfSorted(expected, EDGE_SHARE) / BEYOND;
  const high = quantileOfSorted(expected, 1 - EDGE_SHARE) * BEYOND;
  const place = (cop: number) => {
    const share = (Math.log(cop) - Math.log(low)) / (Math.log(high) - Math.log(low));
    return Math.min(1, Math.max(0, share));
  };
  const x = (cop: number) => MARGIN.left + place(cop) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (cop: number) => HEIGHT - MARGIN.bottom - place(cop) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const ticks = priceTicks(low, high);
  const usual = points.filter(({anomaly}) => anomaly === 'none');
  const step = Math.max(1, Math.ceil(usual.length / MOST_DOTS));
  const drawn = [
    ...usual.filter((_, at) => at % step === 0),
    ...points.filter(({anomaly}) => anomaly !== 'none'),
  ];
  const dots = drawn.map(
    ({priceCop, midCop, anomaly}) =>
      `<circle class="${anomaly}" cx="${x(midCop).toFixed(1)}" cy="${y(priceCop).toFixed(1)}" r="${anomaly === 'none' ? 1.8 : 3}"/>`,
  );
  return svg(
    'Precio pedido contra precio esperado',
    [
      ...ticks.map(
        cop =>
          `<line class="grid" x1="${x(cop).toFixed(1)}" x2="${x(cop).toFixed(1)}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}"/>` +
          `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(cop).toFixed(1)}" y2="${y(cop).toFixed(1)}"/>` +
          `<text x="${x(cop).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${label(cop)}</text>` +
          `<text x="${MARGIN.left - 6}" y="${(y(cop) + 4).toFixed(1)}" text-anchor="end">${label(cop)}</text>`,
      ),
      `<line class="axis" x1="${x(low)}" y1="${y(low)}" x2="${x(high)}" y2="${y(high)}"/>`,
      ...dots,
      axisNames(
        `esperado, millones de COP${perMonth ? ' al mes' : ''}`,
        `pedido, millones de COP${perMonth ? ' al mes' : ''}`,
      ),
    ].join('\n'),
    HEIGHT,
  );
}

/** Edges of the histogram, as shares of the expected price. */
const LOWEST = -0.6;
const HIGHEST = 1;
const BINS = 32;
const ROW_HEIGHT = 120;

/** How far asked prices lie from the expected, one row a type; what lies further stands in the outermost bars. */
export function gapHistograms(
  rows: readonly {readonly name: string; readonly gaps: readonly number[]}[],
): string {
  if (rows.length === 0) return '';
  const inner = WIDTH - MARGIN.left - MARGIN.right;
  const x = (gap: number) => MARGIN.left + ((gap - LOWEST) / (HIGHEST - LOWEST)) * inner;
  const height = rows.length * ROW_HEIGHT + MARGIN.bottom;
  const parts = rows.map(({name, gaps}, row) => {
    const counts = new Array<number>(BINS).fill(0);
    for (const gap of gaps) {
      const bin = Math.floor(((gap - LOWEST) / (HIGHEST - LOWEST)) * BINS);
      const at = Math.min(BINS - 1, Math.max(0, bin));
      counts[at] = (counts[at] ?? 0) + 1;
    }
    const most = Math.max(...counts, 1);
    const base = (row + 1) * ROW_HEIGHT;
    const bars = counts.map((count, bin) => {
      const tall = (count / most) * (ROW_HEIGHT - 34);
      const left = MARGIN.left + (bin * inner) / BINS;
      return `<rect class="bar" x="${(left + 0.5).toFixed(1)}" y="${(base - tall).toFixed(1)}" width="${(inner / BINS - 1).toFixed(1)}" height="${tall.toFixed(1)}"/>`;
    });
    return [
      ...bars,
      `<line class="axis" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${base}" y2="${base}"/>`,
      `<text x="${MARGIN.left}" y="${base - ROW_HEIGHT + 22}">${escapeHtml(name)} · ${gaps.length.toLocaleString('es-CO')}</text>`,
    ].join('\n');
  });
  const ticks = [-0.5, -0.25, 0, 0.25, 0.5, 0.75].map(
    gap =>
      `<line class="${gap === 0 ? 'axis' : 'grid'}" x1="${x(gap).toFixed(1)}" x2="${x(gap).toFixed(1)}" y1="30" y2="${height - MARGIN.bottom}"/>` +
      `<text x="${x(gap).toFixed(1)}" y="${height - MARGIN.bottom + 16}" text-anchor="middle">${gap > 0 ? '+' : ''}${gap * 100} %</text>`,
  );
  const name = `<text x="${WIDTH / 2}" y="${height - 6}" text-anchor="middle">pedido frente a esperado</text>`;
  return svg('Cuánto se aparta lo pedido, por tipo', [...ticks, ...parts, name].join('\n'), height);
}

/** What the colours of the dots mean. */
export const ANOMALY_WORDS: Readonly<Record<AnomalyKind, string>> = {
  none: 'normal',
  below_normal: 'debajo de lo normal',
  above_normal: 'encima de lo normal',
  error_candidate: 'parece un error',
};

function svg(title: string, content: string, height: number): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(title)}">\n${content}\n</svg>`;
}

function axisNames(below: string, beside: string): string {
  const middle = (HEIGHT - MARGIN.bottom + MARGIN.top) / 2;
  return (
    `<text x="${(WIDTH + MARGIN.left) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${below}</text>` +
    `<text x="14" y="${middle}" text-anchor="middle" transform="rotate(-90 14 ${middle})">${beside}</text>`
  );
}

/** 1, 2, 5, 10 … times a power of ten; every third power's 1 only when there would be too many. */
function priceTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of [1, 2, 5]) {
      const cop = digit * 10 ** power;
      if (cop >= low && cop <= high) ticks.push(cop);
    }
  }
  return ticks.length <= 12 ? ticks : ticks.filter(cop => Math.abs(Math.log10(cop) % 1) < 1e-9);
}

function label(cop: number): string {
  return (cop / 1e6).toLocaleString('es-CO', {maximumFractionDigits: 2});
}
