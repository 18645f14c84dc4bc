import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../../src/lib/random.ts';
import {isCode, recogniseColumn, type TableCell} from '../../../../../src/ml/automl/table/columns.ts';
import {openTableProblem, type TableQuestion} from '../../../../../src/ml/automl/table/read-table.ts';

const NAMES = ['id', 'area', 'type', 'zone', 'built', 'listed', 'sold_on', 'price', 'price_usd', 'note'];
const random = createRandom('table');
const ZONES = ['norte', 'sur', 'centro'];

/** Price = area × level of the zone, with noise; price_usd is the price again; id names the row. */
const ROWS: TableCell[][] = Array.from({length: 240}, (_, row) => {
  const area = random.int(40, 200);
  const zone = random.pick(ZONES);
  const price = Math.round(area * (2 + ZONES.indexOf(zone)) * Math.exp(0.1 * random.normal()));
  const day = String(1 + (row % 28)).padStart(2, '0');
  return [
    `H-${row}`,
    String(area),
    random.pick(['casa', 'apto']),
    random.chance(0.1) ? '' : zone,
    random.chance(0.5) ? 'sí' : 'no',
    `2024-0${1 + Math.floor(row / 60)}-${day}`,
    `2025-0${1 + Math.floor(row / 60)}-${day}`,
    String(price),
    String(price / 4000),
    'una casa amplia con jardín y una vista que se extiende por el valle',
  ];
});

const question = (changes: Partial<TableQuestion> = {}): TableQuestion => ({
  ...{file: 'f.csv', target: 'price', drop: [], keep: [], seed: 1},
  ...changes,
});
const open = (changes: Partial<TableQuestion> = {}, rows = ROWS) =>
  openTableProblem(NAMES, rows, question(changes));

describe('recogniseColumn', () => {
  const kindOf = (...cells: TableCell[]) => recogniseColumn('c', cells).kind;

  it.each([
    ['number', ['1', '-2.5', '3e2', '', 'NA', '$ 7']],
    ['number', ['1,5', '2,25', '3']],
    ['boolean', ['sí', 'no', null, 'SI']],
    ['boolean', [true, false]],
    ['date', ['2024-05-31', '2024-06-01T10:00:00Z', '-']],
    ['date', ['20141013T000000', '20150225T000000']],
    ['date', ['31/05/2024', '1/6/2024']],
    ['category', ['casa', 'apto', 'casa', '2024-13-45']],
    ['text', ['una casa amplia con jardín y vista al valle, cerca de todo', null]],
    ['empty', ['', 'null', null, 'Sin especificar']],
  ])('reads %s', (kind, cells) => expect(kindOf(...cells)).toBe(kind));

  it('counts stray words in a column of numbers as missing', () => {
    const cells = [...Array.from({length: 40}, (_, row) => String(row)), 'doce'];
    expect(recogniseColumn('c', cells)).toMatchObject({kind: 'number', unfit: 1, stated: 40, distinct: 40});
    expect(recogniseColumn('c', ['31/02/2024']).kind).toBe('category');
  });

  it('knows codes from measures', () => {
    const codes = Array.from({length: 400}, (_, row) => String(98_000 + (row % 12)));
    expect(isCode(recogniseColumn('zip', codes))).toBe(true);
    expect(
      isCode(
        recogniseColumn(
          'x',
          codes.map((code, row) => `${code}.${row}`),
        ),
      ),
    ).toBe(false);
  });
});

describe('openTableProblem', () => {
  it('leaves out copies of the target and keys, and warns of what is known afterwards', () => {
    const {warnings, problem} = open({time: 'listed'});
    const found = new Map(warnings.map(({column, kind, isDropped}) => [column, {kind, isDropped}]));
    expect(found.get('price_usd')).toEqual({kind: 'copy', isDropped: true});
    expect(found.get('id')).toEqual({kind: 'key', isDropped: true});
    expect(found.get('note')).toEqual({kind: 'constant', isDropped: true});
    expect(found.get('sold_on')).toEqual({kind: 'after', isDropped: false});
    expect(problem.features.columns.map(({name}) => name)).toEqual([
      'area',
      'type',
      'zone',
      'built',
      'listed',
      'sold_on',
    ]);
    // Its name warns, and so does that it lies after the row's time.
    expect(warnings.filter(({column}) => column === 'sold_on')).toHaveLength(2);
  });

  it('finds monotone transforms and categories that stand for the answer; a person may keep them', () => {
    const names = [...NAMES, 'root', 'band'];
    const rows = ROWS.map(row => {
      const price = Number(row[7]);
      return [...row, String(-Math.sqrt(price)), `b${Math.round(price / 5)}`];
    });
    const kinds = (keep: string[]) =>
      openTableProblem(names, rows, question({keep}))
        .warnings.filter(({column}) => column === 'root' || column === 'band')
        .map(({column, kind, isDropped}) => [column, kind, isDropped]);
    expect(kinds([])).toEqual([
      ['root', 'copy', true],
      ['band', 'tells', true],
    ]);
    expect(kinds(['root'])[0]).toEqual(['root', 'copy', false]);
  });

  it('keeps equal rows and groups on one side of every fold', () => {
    const rows = [...ROWS, ...ROWS.slice(0, 30)];
    const doubled = open({}, rows);
    expect(doubled.warnings.at(-1)).toMatchObject({
      kind: 'duplicates',
      text: expect.stringMatching(/^30 rows/),
    });
    for (const changes of [{}, {group: 'id'}]) {
      for (const {tested, train} of open(changes, rows).problem.folds) {
        const learned = new Set(train.map(row => rows[row]?.[0]));
        expect(tested.filter(row => learned.has(rows[row]?.[0]))).toEqual([]);
      }
    }
  });

  it('predicts later rows from earlier ones with --time', () => {
    const {folds} = open({time: 'listed'}).problem;
    const day = (row: number) => String(ROWS[row]?.[5]);
    for (const {tested, train} of folds) {
      const newest = train.map(day).sort().at(-1)!;
      for (const row of tested) expect(day(row) > newest).toBe(true);
    }
    expect(new Set(folds.flatMap(({tested}) => tested)).size).toBe(200);
  });

  it('puts rows without a target behind the others', () => {
    const rows = ROWS.map((row, place) => (place % 4 === 0 ? row.with(7, '') : row));
    const {known, fileRows, problem} = open({}, rows);
    expect(known).toBe(180);
    expect(problem.target).toHaveLength(180);
    expect(fileRows.slice(180, 183)).toEqual([0, 4, 8]);
  });

  it.each<[string, Partial<TableQuestion>, TableCell[][], RegExp]>([
    ['too few rows', {}, ROWS.slice(0, 70), /70 rows with a number in "price"; .* needs 100\. Bring 30 more/],
    [
      'too few groups',
      {group: 'zone'},
      ROWS.map(row => row.with(3, 'sur')),
      /1 groups of "zone"; .* needs 20/,
    ],
    ['an unknown column', {target: 'prize'}, ROWS, /no column "prize"\. It has: id, area/],
    ['words to predict', {target: 'type'}, ROWS, /read as category \(for example "(casa|apto)"\)/],
    ['one value to predict', {target: 'area'}, ROWS.map(row => row.with(1, '70')), /the same in every row/],
    ['time of words', {time: 'type'}, ROWS, /"type" is read as category: --time needs dates/],
    [
      'time not stated',
      {time: 'listed'},
      ROWS.map((row, place) => (place === 9 ? row.with(5, '') : row)),
      /not stated in every row/,
    ],
    ['half a place', {latitude: 'area'}, ROWS, /--lat and --lon belong together/],
    ['nothing to learn from', {drop: NAMES.slice(1, 7)}, ROWS, /no column is left to learn from/],
  ])('refuses %s', (_what, changes, rows, message) => {
    expect(() => open(changes, rows)).toThrow(message);
  });
});
