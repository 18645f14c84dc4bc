/** A member's table as a problem that can be searched; what can't be learned from is refused with what it needs. */
import {ConfigError} from '../../../domain/errors.ts';
import {sha256Hex} from '../../../lib/hash.ts';
import {recogniseColumn, type TableCell, type TableColumn} from './columns.ts';
import {dealFolds, dealFoldsByTime, type TableProblem, wantsLog} from './table-search.ts';
import {findLeaks, type TableWarning} from './warnings.ts';

/** Fewer rows, or groups, make no fold that says anything. */
export const MIN_TABLE_ROWS = 100;
export const MIN_TABLE_GROUPS = 20;

export interface TableQuestion {
  readonly file: string;
  readonly target: string;
  readonly group?: string | undefined;
  readonly time?: string | undefined;
  readonly latitude?: string | undefined;
  readonly longitude?: string | undefined;
  readonly drop: readonly string[];
  readonly keep: readonly string[];
  readonly seed: number;
}

export interface OpenTable {
  /** Rows with a target come first, in the file's order, then those without. */
  readonly problem: TableProblem;
  /** Places in the file (0: first) of the problem's rows. */
  readonly fileRows: readonly number[];
  readonly known: number;
  readonly warnings: readonly TableWarning[];
  /** All but target, group and place; those left out too. */
  readonly columns: readonly TableColumn[];
  readonly datasetHash: string;
  readonly splitId: string;
}

/** @throws ConfigError for unknown columns, a target that is no number or always the same, and too few rows or groups. */
export function openTableProblem(
  names: readonly string[],
  rows: readonly (readonly TableCell[])[],
  question: TableQuestion,
): OpenTable {
  const {file, seed} = question;
  checkNames(names, question);
  const cellsOf = (name: string): TableCell[] => rows.map(row => row[names.indexOf(name)] ?? null);
  const targetColumn = readTarget(question, cellsOf(question.target));
  const order = orderOf(targetColumn.numbers);
  const known = targetColumn.stated;
  if (known < MIN_TABLE_ROWS) {
    throw new ConfigError(
      `${file}: ${known} rows with a number in "${question.target}"; a comparison of models needs ${MIN_TABLE_ROWS}. Bring ${MIN_TABLE_ROWS - known} more.`,
      {context: {rows: known, needed: MIN_TABLE_ROWS}},
    );
  }
  const read = (name: string): TableColumn =>
    recogniseColumn(
      name,
      order.map(row => rows[row]?.[names.indexOf(name)] ?? null),
    );
  const roles = new Set([
    question.target,
    question.group,
    question.latitude,
    question.longitude,
    ...question.drop,
  ]);
  const columns = names.filter(name => !roles.has(name)).map(read);
  const target = Float64Array.from(order, row => targetColumn.numbers[row] ?? Number.NaN);
  const stated = target.slice(0, known);
  const time = question.time === undefined ? undefined : readOrder(file, read(question.time));
  const first = columns.map(column => firstRows(column, known));
  const leaks = findLeaks(first, stated, {keep: new Set(question.keep), time: time?.slice(0, known)});
  const dropped = new Set(leaks.filter(({isDropped}) => isDropped).map(({column}) => column));
  const used = columns.filter(({name, kind}) => !dropped.has(name) && kind !== 'empty');
  if (used.length === 0)
    throw new ConfigError(`${file}: no column is left to learn from beside "${question.target}"`);
  const {group, duplicates} = groupRows(order, rows, names, question);
  const groups = new Set(group.subarray(0, known)).size;
  if (groups < MIN_TABLE_GROUPS) {
    throw new ConfigError(
      `${file}: ${groups} groups of "${question.group ?? 'equal rows'}"; whole groups are tested together, which needs ${MIN_TABLE_GROUPS}.`,
      {context: {groups, needed: MIN_TABLE_GROUPS}},
    );
  }
  const knownGroup = group.slice(0, known);
  const folds =
    time === undefined ? dealFolds(knownGroup, seed) : dealFoldsByTime(knownGroup, time.slice(0, known));
  if (folds.some(({tested, train}) => tested.length === 0 || train.length < MIN_TABLE_GROUPS)) {
    throw new ConfigError(
      `${file}: "${question.time}" has too few different times to predict later rows from earlier ones; leave --time out.`,
    );
  }
  const duplicateWarning: TableWarning[] =
    duplicates === 0
      ? []
      : [
          {
            kind: 'duplicates',
            column: null,
            isDropped: false,
            text: `${duplicates} rows repeat another: they stand on its side of every fold`,
          },
        ];
  const problem: TableProblem = {
    features: {columns: used, points: pointsOf(read, question)},
    target: stated,
    isLog: wantsLog(stated),
    group,
    folds,
    seed,
  };
  return {
    problem,
    fileRows: order,
    known,
    warnings: [...leaks, ...duplicateWarning],
    columns,
    datasetHash: sha256Hex(JSON.stringify([names, rows])).slice(0, 12),
    splitId: sha256Hex(JSON.stringify(folds.map(({tested}) => tested))).slice(0, 16),
  };
}

function checkNames(names: readonly string[], question: TableQuestion): void {
  const {file, target, group, time, latitude, longitude, drop, keep} = question;
  for (const name of [target, group, time, latitude, longitude, ...drop, ...keep]) {
    if (name === undefined || names.includes(name)) continue;
    throw new ConfigError(`${file} has no column "${name}". It has: ${names.join(', ')}`);
  }
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new ConfigError(`${file} has two columns "${twice}": rename one of them.`);
  if ((latitude === undefined) !== (longitude === undefined))
    throw new ConfigError('--lat and --lon belong together: give both or none.');
}

function readTarget({file, target}: TableQuestion, cells: readonly TableCell[]): TableColumn {
  const column = recogniseColumn(target, cells);
  if (column.kind !== 'number') {
    const example = column.words.find(word => word !== null) ?? null;
    throw new ConfigError(
      `${file}: the target "${target}" is read as ${column.kind}${example === null ? '' : ` (for example "${example.slice(0, 40)}")`}, and only numbers are predicted.`,
    );
  }
  if (column.distinct < 2) throw new ConfigError(`${file}: the target "${target}" is the same in every row.`);
  return column;
}

/** Rows with a target first. */
function orderOf(target: Float64Array): number[] {
  const rows = [...target.keys()];
  const isKnown = (row: number): boolean => !Number.isNaN(target[row] ?? Number.NaN);
  return [...rows.filter(isKnown), ...rows.filter(row => !isKnown(row))];
}

function readOrder(file: string, column: TableColumn): Float64Array {
  if (column.kind !== 'date' && column.kind !== 'number')
    throw new ConfigError(
      `${file}: "${column.name}" is read as ${column.kind}: --time needs dates or numbers.`,
    );
  const missing = column.numbers.findIndex(Number.isNaN);
  if (missing >= 0)
    throw new ConfigError(
      `${file}: "${column.name}" is not stated in every row: --time needs it everywhere.`,
    );
  return column.numbers;
}

function firstRows(column: TableColumn, rows: number): TableColumn {
  return {...column, numbers: column.numbers.slice(0, rows), words: column.words.slice(0, rows)};
}

/** Joins rows of one group and rows that are equal but for keys that name them. */
function groupRows(
  order: readonly number[],
  rows: readonly (readonly TableCell[])[],
  names: readonly string[],
  {group}: TableQuestion,
): {group: Int32Array; duplicates: number} {
  const at = group === undefined ? -1 : names.indexOf(group);
  const parent = Int32Array.from(order.keys());
  const rootOf = (row: number): number => {
    let root = row;
    while (parent[root] !== root) root = parent[root] ?? root;
    parent[row] = root;
    return root;
  };
  const firstOf = new Map<string, number>();
  let duplicates = 0;
  for (const [row, place] of order.entries()) {
    const cells = rows[place] ?? [];
    const whole = `row:${JSON.stringify(cells)}`;
    if (firstOf.has(whole)) duplicates += 1;
    const own = at < 0 || cells[at] === null || cells[at] === undefined ? [] : [`group:${String(cells[at])}`];
    for (const key of [whole, ...own]) {
      const first = firstOf.get(key);
      if (first === undefined) firstOf.set(key, row);
      else {
        const [low, high] = [rootOf(first), rootOf(row)].sort((a, b) => a - b);
        if (low !== undefined && high !== undefined) parent[high] = low;
      }
    }
  }
  return {group: parent.map((_, row) => rootOf(row)), duplicates};
}

function pointsOf(
  read: (name: string) => TableColumn,
  {latitude, longitude, file}: TableQuestion,
): TableProblem['features']['points'] {
  if (latitude === undefined || longitude === undefined) return null;
  const [lat, lon] = [read(latitude), read(longitude)];
  for (const column of [lat, lon]) {
    if (column.kind !== 'number')
      throw new ConfigError(`${file}: "${column.name}" is read as ${column.kind}, not as degrees.`);
  }
  return {latitude: lat.numbers, longitude: lon.numbers};
}
