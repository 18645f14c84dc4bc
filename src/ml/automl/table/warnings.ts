/**
 * What makes a model look better than it will ever be: columns that know the answer (Kaufman et al. 2012, "Leakage in
 * data mining"), keys that name single rows, the same row twice.
 */
import {foldText} from '../../../lib/spanish.ts';
import {isCode, type TableColumn} from './columns.ts';

export interface TableWarning {
  readonly kind: 'copy' | 'tells' | 'key' | 'after' | 'constant' | 'duplicates' | 'unfit';
  /** Null: of the rows. */
  readonly column: string | null;
  readonly text: string;
  /** The column is left out of training, unless it is kept by name. */
  readonly isDropped: boolean;
}

/** Rank correlation from which a column is the target under another name. */
const COPY_CORRELATION = 0.995;
/** Share of the target's variance that a repeated value may explain before it is suspicious. */
const TELLING_SHARE = 0.99;
const KEY_SHARE = 0.99;
/** Names of facts that are known only when all is over. */
const AFTER_NAMES =
  /(^|[_ ])(sold|sale_price|closing|closed|final|outcome|result|days_online|days_on_market|delisted|vendido|vendida|cierre|escritura|predicted|prediction|residual|estimado|avaluo)([_ ]|$)/;
const KEY_NAMES =
  /(^|[_ ])(id|ids|uuid|key|llave|codigo|folio|matricula|ref|referencia|url|link|consecutivo)([_ ]|$)/;

/** @param keep names of columns a person vouches for. @param time days of each row, where rows have an order. */
export function findLeaks(
  columns: readonly TableColumn[],
  target: Float64Array,
  {keep, time}: {readonly keep: ReadonlySet<string>; readonly time?: Float64Array | undefined},
): TableWarning[] {
  const ranks = rank(target);
  return columns.flatMap((column): TableWarning[] => {
    const warn = (kind: TableWarning['kind'], text: string, drops: boolean): TableWarning => {
      return {kind, column: column.name, text, isDropped: drops && !keep.has(column.name)};
    };
    if (column.distinct <= 1) return [warn('constant', 'holds one value or none: it says nothing', true)];
    const found: TableWarning[] = [];
    const correlation = column.numbers.length === 0 ? 0 : spearman(column.numbers, target, ranks);
    if (Math.abs(correlation) >= COPY_CORRELATION) {
      found.push(
        warn(
          'copy',
          `puts the rows in the target's very order (rank correlation ${correlation.toFixed(3)}): the target itself, or made from it`,
          true,
        ),
      );
    } else if (isKey(column)) {
      found.push(warn('key', 'names each row: a model could only learn the rows by heart', true));
    } else if (explainedShare(column, target) >= TELLING_SHARE) {
      found.push(
        warn('tells', 'rows with the same value have the same target: it stands for the answer', true),
      );
    }
    if (AFTER_NAMES.test(foldText(column.name).replaceAll('-', '_')))
      found.push(warn('after', 'sounds like something known only afterwards: --drop it if so', false));
    if (time !== undefined && column.kind === 'date' && isLater(column.numbers, time))
      found.push(
        warn('after', 'lies after the time of its row: it was not known then; --drop it if so', false),
      );
    if (column.unfit > 0)
      found.push(warn('unfit', `${column.unfit} cells are no ${column.kind} and count as missing`, false));
    return found;
  });
}

function isKey(column: TableColumn): boolean {
  const {kind, distinct, stated, name, numbers} = column;
  if (stated < 20 || distinct < KEY_SHARE * stated) return false;
  if (kind === 'category') return true;
  const isWhole =
    numbers.length > 0 && numbers.every(value => Number.isNaN(value) || Number.isInteger(value));
  return (
    kind === 'number' &&
    isWhole &&
    (KEY_NAMES.test(foldText(name).replaceAll('-', '_')) || isCounter(numbers))
  );
}

/** 1, 2, 3, …: a row number. */
function isCounter(numbers: Float64Array): boolean {
  return numbers.every((value, row) => row === 0 || value === (numbers[row - 1] ?? 0) + 1);
}

/** Share of variance between the values of a repeated category; values seen once say nothing either way. */
function explainedShare(column: TableColumn, target: Float64Array): number {
  if (column.kind !== 'category' && !isCode(column)) return 0;
  const groups = new Map<string | number, {rows: number; sum: number; squares: number}>();
  for (const [row, value] of target.entries()) {
    const key = column.words[row] ?? column.numbers[row];
    if (key === undefined || Number.isNaN(key)) continue;
    const group = groups.get(key) ?? {rows: 0, sum: 0, squares: 0};
    groups.set(key, {rows: group.rows + 1, sum: group.sum + value, squares: group.squares + value ** 2});
  }
  let rows = 0;
  let sum = 0;
  let squares = 0;
  let within = 0;
  for (const group of groups.values()) {
    if (group.rows < 2) continue;
    rows += group.rows;
    sum += group.sum;
    squares += group.squares;
    within += group.squares - group.sum ** 2 / group.rows;
  }
  const total = squares - sum ** 2 / rows;
  return rows >= 50 && total > 0 ? 1 - within / total : 0;
}

function isLater(days: Float64Array, time: Float64Array): boolean {
  let later = 0;
  let stated = 0;
  for (const [row, day] of days.entries()) {
    if (Number.isNaN(day)) continue;
    stated += 1;
    if (day > (time[row] ?? Number.NaN)) later += 1;
  }
  return stated >= 20 && later >= 0.95 * stated;
}

/** Rank correlation (Spearman 1904) over rows where the column is stated. */
function spearman(values: Float64Array, target: Float64Array, targetRanks: Float64Array): number {
  const rows = [...values.keys()].filter(row => !Number.isNaN(values[row] ?? Number.NaN));
  if (rows.length < 20) return 0;
  const own = rank(Float64Array.from(rows, row => values[row] ?? 0));
  const other =
    rows.length === target.length ? targetRanks : rank(Float64Array.from(rows, row => target[row] ?? 0));
  return pearson(own, other);
}

function rank(values: Float64Array): Float64Array {
  const order = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let at = start; at < end; at++) ranks[order[at] ?? 0] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}

function pearson(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (const [row, value] of a.entries()) {
    const [left, right] = [value - meanA, (b[row] ?? 0) - meanB];
    product += left * right;
    squaresA += left ** 2;
    squaresB += right ** 2;
  }
  return product / Math.sqrt(squaresA * squaresB);
}
