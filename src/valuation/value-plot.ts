/** A value as a picture (SVG): what makes the price, the fair range, and what similar homes ask. Pure. */
import {escapeHtml} from '../lib/html.ts';
import {nameTypicalHome, roundDifference, writeAmount, writeSigned} from '../ml/price-reasons.ts';
import type {HomeValue} from './value-home.ts';

const WIDTH = 960;
const LEFT = 320;
const RIGHT = 40;
const TOP = 96;
const ROW_HEIGHT = 34;
const BAR_HEIGHT = 20;
const RANGE_HEIGHT = 120;
const BOTTOM = 92;
/** Dots of comparables; all of them are counted. */
const MOST_DOTS = 60;

const COLOURS = {
  text: '#1f2937',
  quiet: '#6b7280',
  line: '#d1d5db',
  up: '#0f766e',
  down: '#c2410c',
  band: '#dbeafe',
  mid: '#1d4ed8',
  dot: '#475569',
  asking: '#7c3aed',
  simulated: '#b91c1c',
} as const;

export interface PlotWords {
  /** What the home is, one line. */
  readonly home: string;
  /** Model and date of the data, one line. */
  readonly source: string;
  readonly isSynthetic: boolean;
}

interface Row {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly colour: string;
}

/** @throws RangeError for a value without a range: there is nothing to draw. */
export function drawValue(value: HomeValue, words: PlotWords): string {
  if (value.status !== 'valued') throw new RangeError('a value without a range has no picture');
  const {range, standing, row, comparables} = value;
  const unit = 10 ** (Math.floor(Math.log10(range.midCop)) - 2);
  const rows = waterfall(value);
  // As if they had this home's area: prices of larger and smaller homes can't share an axis.
  const asked = comparables.homes.slice(0, MOST_DOTS).map(({perM2}) => perM2 * row.areaM2);
  const marks = [
    ...rows.flatMap(({from, to}) => [from, to]),
    ...asked,
    range.lowCop,
    range.highCop,
    ...(standing === null ? [] : [standing.askingCop]),
  ];
  const scale = scaleOver(marks);
  const rangeTop = TOP + rows.length * ROW_HEIGHT + 34;
  const height = rangeTop + RANGE_HEIGHT + BOTTOM;
  const axisY = rangeTop + RANGE_HEIGHT;
  return svg(height, words, [
    text(24, 36, words.home, {size: fitSize(19, words.home, WIDTH - 48), weight: 600}),
    text(24, 60, subtitle(value, unit), {size: 14, colour: COLOURS.quiet}),
    ...drawAxis(scale, TOP - 8, axisY, unit),
    ...drawRows(rows, scale),
    ...drawRange(value, scale, rangeTop, unit),
    ...asked.map((cop, index) => drawDot(scale(cop), rangeTop, index)),
    ...(standing === null ? [] : drawAsking(scale, standing.askingCop, rangeTop, axisY, unit)),
    text(24, axisY + 56, words.source, {size: 12, colour: COLOURS.quiet}),
    text(24, axisY + 74, 'Precios pedidos en avisos, no de cierre.', {size: 12, colour: COLOURS.quiet}),
  ]);
}

function subtitle({range, standing}: HomeValue & {status: 'valued'}, unit: number): string {
  const fair = `Rango justo (80 %): ${writeAmount(range.lowCop, unit)} a ${writeAmount(range.highCop, unit)}`;
  return standing === null ? fair : `${fair} · se pide ${writeAmount(standing.askingCop, unit)}`;
}

/** Typical price, what is added and taken, expected price. */
function waterfall({row, range, difference}: HomeValue & {status: 'valued'}): Row[] {
  if (difference === null) return [];
  const {unit, typicalCop, midCop, lines} = roundDifference(range.midCop, difference);
  const mark = (name: string, cop: number): Row => {
    return {name, from: cop, to: cop, label: writeAmount(cop, unit), colour: COLOURS.text};
  };
  let at = typicalCop;
  const steps = lines.map(({name, cop}): Row => {
    const from = at;
    at += cop;
    const colour = cop < 0 ? COLOURS.down : COLOURS.up;
    return {name, from, to: at, label: writeSigned(cop, unit), colour};
  });
  return [mark(nameTypicalHome(row, difference), typicalCop), ...steps, mark('Este se espera en', midCop)];
}

type Scale = ((cop: number) => number) & {readonly low: number; readonly high: number};

function scaleOver(marks: readonly number[]): Scale {
  const [least, most] = [Math.min(...marks), Math.max(...marks)];
  const margin = Math.max((most - least) * 0.08, most * 0.02);
  const [low, high] = [Math.max(least - margin, 0), most + margin];
  const scale = (cop: number): number => LEFT + ((cop - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  return Object.assign(scale, {low, high});
}

function drawAxis(scale: Scale, top: number, bottom: number, unit: number): string[] {
  const step = niceStep((scale.high - scale.low) / 6);
  const parts: string[] = [];
  for (let cop = Math.ceil(scale.low / step) * step; cop <= scale.high; cop += step) {
    const x = scale(cop);
    parts.push(line(x, top, x, bottom, {colour: COLOURS.line}));
    parts.push(
      text(x, bottom + 18, writeAmount(cop, Math.min(unit, step)), {
        size: 12,
        colour: COLOURS.quiet,
        anchor: 'middle',
      }),
    );
  }
  return parts;
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power;
}

function drawRows(rows: readonly Row[], scale: Scale): string[] {
  return rows.flatMap(({name, from, to, label, colour}, index) => {
    const y = TOP + index * ROW_HEIGHT;
    const [left, right] = [Math.min(scale(from), scale(to)), Math.max(scale(from), scale(to))];
    const isMark = from === to;
    const next = rows[index + 1];
    const beside = right + 8 + 7.5 * label.length < WIDTH - 8;
    return [
      text(LEFT - 16, y + 15, name, {
        size: fitSize(13, name, LEFT - 28),
        anchor: 'end',
        weight: isMark ? 600 : 400,
      }),
      isMark
        ? `<rect x="${px(left - 2.5)}" y="${y - 1}" width="5" height="${BAR_HEIGHT + 2}" rx="2" fill="${colour}"/>`
        : `<rect x="${px(left)}" y="${y}" width="${px(Math.max(right - left, 1.5))}" height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`,
      text(beside ? right + 8 : left - 8, y + 15, label, {
        size: 13,
        weight: 600,
        colour,
        anchor: beside ? 'start' : 'end',
      }),
      ...(next === undefined
        ? []
        : [line(scale(to), y + BAR_HEIGHT, scale(to), y + ROW_HEIGHT, {colour: COLOURS.quiet, dash: '2 2'})]),
    ];
  });
}

function drawRange(value: HomeValue & {status: 'valued'}, scale: Scale, top: number, unit: number): string[] {
  const {range, comparables} = value;
  const [low, mid, high] = [scale(range.lowCop), scale(range.midCop), scale(range.highCop)];
  const ends = {size: 12, weight: 600, colour: COLOURS.mid};
  return [
    text(LEFT - 16, top + 38, 'Rango justo (80 %)', {size: 13, anchor: 'end', weight: 600}),
    text(LEFT - 16, top + 76, `${comparables.count} comparables, por m²`, {size: 13, anchor: 'end'}),
    text(LEFT - 16, top + 93, 'llevados a esta área', {size: 13, anchor: 'end'}),
    `<rect x="${px(low)}" y="${top + 20}" width="${px(high - low)}" height="88" rx="4" fill="${COLOURS.band}"/>`,
    line(mid, top + 20, mid, top + 108, {colour: COLOURS.mid, width: 2.5}),
    text(low, top + 14, writeAmount(range.lowCop, unit), {...ends, anchor: 'middle'}),
    text(high, top + 14, writeAmount(range.highCop, unit), {...ends, anchor: 'middle'}),
  ];
}

/** Dots in three lanes, so that equal prices stay apart. */
function drawDot(x: number, top: number, index: number): string {
  const y = top + 66 + (index % 3) * 13;
  return `<circle cx="${px(x)}" cy="${y}" r="4.5" fill="${COLOURS.dot}" fill-opacity="0.55"/>`;
}

function drawAsking(scale: Scale, askingCop: number, top: number, bottom: number, unit: number): string[] {
  const label = {size: 13, weight: 600, colour: COLOURS.asking, anchor: 'middle'} as const;
  const x = scale(askingCop);
  const words = `se pide ${writeAmount(askingCop, unit)}`;
  return [
    line(x, top + 20, x, bottom, {colour: COLOURS.asking, width: 2.5, dash: '5 3'}),
    text(Math.min(Math.max(x, LEFT), WIDTH - 70), bottom + 36, words, label),
  ];
}

/** Mean width of a letter, in font sizes; a little wide, as fonts differ. */
const LETTER_WIDTH = 0.58;

/** The size, or a smaller one in which the words are not wider than `width`. */
function fitSize(size: number, words: string, width: number): number {
  return Math.min(size, Math.floor((10 * width) / (LETTER_WIDTH * words.length)) / 10);
}

interface TextStyle {
  readonly size: number;
  readonly weight?: number;
  readonly colour?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

function text(x: number, y: number, words: string, style: TextStyle): string {
  const {size, weight = 400, colour = COLOURS.text, anchor = 'start'} = style;
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" font-weight="${weight}" fill="${colour}" text-anchor="${anchor}">${escapeHtml(words)}</text>`;
}

function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  {colour, width = 1, dash}: {colour: string; width?: number; dash?: string},
): string {
  const dashed = dash === undefined ? '' : ` stroke-dasharray="${dash}"`;
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}" stroke-width="${width}"${dashed}/>`;
}

function svg(height: number, {home, isSynthetic}: PlotWords, parts: readonly string[]): string {
  const mark = isSynthetic
    ? [text(WIDTH - 24, 62, 'SIMULADO', {size: 16, weight: 700, colour: COLOURS.simulated, anchor: 'end'})]
    : [];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif" role="img" aria-label="${escapeHtml(home)}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    ...mark,
    '</svg>',
  ].join('\n')}\n`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
