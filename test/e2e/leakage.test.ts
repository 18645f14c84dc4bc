/** Nothing of a held-out price reaches what predicts it. */
import {describe, expect, it} from 'vitest';
import type {FeatureRow} from '../../src/domain/model.ts';
import {createRandom} from '../../src/lib/random.ts';
import {median} from '../../src/lib/stats.ts';
import {encodeRows, encoderColumns, fitEncoder, logPricePerM2} from '../../src/ml/features.ts';
import {fitBoost} from '../../src/ml/gbdt/boost.ts';
import {chooseTreeColumns, toTreeMatrix} from '../../src/ml/gbdt/columns.ts';
import {predictForest} from '../../src/ml/gbdt/forest.ts';
import {fitRidge, predictRidge} from '../../src/ml/ridge.ts';
import {joinGroups, type Split, splitFolds} from '../../src/ml/split.ts';
import {knownWorld} from '../support/housing-world.ts';

const WORDS = [
  'remodelado',
  'piscina',
  'balcon',
  'vista',
  'luminoso',
  'esquinero',
  'terraza',
  'porteria',
  'parque',
];

/** Homes with descriptions, so that text features have something to read. */
function writtenWorld(homes: number, seed: number): FeatureRow[] {
  const random = createRandom(`words/${seed}`);
  return knownWorld({homes, seed}).map(row => {
    return {...row, description: random.shuffle(WORDS).slice(0, 5).join(' ')};
  });
}

const LONG_TEXT =
  'Hermoso apartamento en piso alto con balcón y vista a la ciudad, cocina integral abierta, tres alcobas con clóset, ' +
  'dos baños, zona de ropas, parqueadero cubierto y cuarto útil, en unidad cerrada con piscina y portería.';

interface Fold {
  readonly train: FeatureRow[];
  readonly test: FeatureRow[];
  readonly group: Int32Array;
}

function foldOf(rows: readonly FeatureRow[], {fold, group}: Split, held: number): Fold {
  return {
    train: rows.filter((_, row) => fold[row] !== held),
    test: rows.filter((_, row) => fold[row] === held),
    group: group.filter((_, row) => fold[row] !== held),
  };
}

describe('a planted copy of a home', () => {
  const rows = writtenWorld(300, 1);
  const home = {...rows[0]!, description: LONG_TEXT};
  const others = rows.slice(1);

  it.each<[string, Partial<FeatureRow>]>([
    ['under another id and advertiser, found by the match stage', {listingId: 'other-agency:id:9'}],
    [
      'with the same text at another price',
      {listingId: 'x:1', groupId: 'x:1', priceCop: home.priceCop * 1.07},
    ],
    [
      'with the same price and attributes, another text',
      {listingId: 'x:2', groupId: 'x:2', description: 'Otro.'},
    ],
  ])('stands on the same side of every fold: %s', (_, changes) => {
    const copy = {...home, ...changes};
    for (let seed = 0; seed < 20; seed++) {
      const {fold} = splitFolds([home, ...others, copy], 5, seed);
      expect(fold[0]).toBe(fold[300]);
    }
  });

  it('tells the home nothing in training, and nothing when it is scored again', () => {
    const copy = {...home, listingId: 'other-agency:id:9', groupId: 'x:9'};
    const world = (priceOfCopy: number) => [home, ...others, {...copy, priceCop: priceOfCopy}];
    const group = joinGroups(world(home.priceCop));
    const [cheap, dear] = [home.priceCop * 0.5, home.priceCop * 2].map(price => {
      const {encoder, matrix} = fitEncoder(world(price), group, 1);
      const {mean, sd} = encoder.market;
      const again = encodeRows(encoder, [{...home, listingId: 'scored-later'}]);
      // The scale of a market column moves with the mean of all prices: undo it before comparing.
      const near = encoderColumns(encoder).indexOf('near_mean');
      return [matrix.values[near]! * sd + mean, again.values[near]! * sd + mean];
    });
    for (const side of [0, 1]) expect(dear![side]).toBeCloseTo(cheap![side]!, 5);
  });
});

describe('the features of a fold', () => {
  it('do not change by one bit when the held-out prices change', () => {
    const rows = writtenWorld(400, 2);
    const split = splitFolds(rows, 5, 1);
    const random = createRandom(3);
    const wild = rows.map((row, index) => {
      return split.fold[index] === 0 ? {...row, priceCop: row.priceCop * random.between(0.01, 100)} : row;
    });
    const [before, after] = [rows, wild].map(world => {
      const {train, test, group} = foldOf(world, split, 0);
      const {encoder, matrix} = fitEncoder(train, group, 1);
      return {encoder, matrix, test: encodeRows(encoder, test)};
    });
    expect(after!.matrix.values).toEqual(before!.matrix.values);
    expect(after!.test.values).toEqual(before!.test.values);
    expect(JSON.stringify(after!.encoder)).toBe(JSON.stringify(before!.encoder));
    // The control: prices of the training side do change them.
    const dearer = rows.map((row, index) =>
      split.fold[index] === 1 ? {...row, priceCop: 2 * row.priceCop} : row,
    );
    const {train, test, group} = foldOf(dearer, split, 0);
    expect(encodeRows(fitEncoder(train, group, 1).encoder, test).values).not.toEqual(before!.test.values);
  });
});

describe('a set whose prices were shuffled', () => {
  it('gives no skill: neither trees nor ridge beat the median, and nothing of the variance is explained', () => {
    const rows = writtenWorld(600, 4);
    const prices = createRandom(5).shuffle(rows.map(row => row.priceCop / row.areaM2));
    const shuffled = rows.map((row, index) => ({...row, priceCop: prices[index]! * row.areaM2}));
    const split = splitFolds(shuffled, 5, 1);
    const settings = {maxLeaves: 12, minLeafRows: 8, l2: 3, huberDelta: 0.1, maxTrees: 150, shrinkage: 0.1};
    const actual: number[] = [];
    const predicted = {naive: [] as number[], trees: [] as number[], ridge: [] as number[]};
    for (let fold = 0; fold < 5; fold++) {
      const {train, test, group} = foldOf(shuffled, split, fold);
      const {encoder, matrix} = fitEncoder(train, group, 1);
      const target = logPricePerM2(train);
      const columns = chooseTreeColumns(encoderColumns(encoder));
      const more = {patience: 20, rowShare: 0.8, columnShare: 0.4, mostBins: 63};
      const forest = fitBoost(toTreeMatrix(columns, matrix), target, group, 1, {...settings, ...more});
      const encoded = encodeRows(encoder, test);
      actual.push(...logPricePerM2(test));
      predicted.naive.push(...test.map(() => median(target)));
      predicted.trees.push(...predictForest(forest, toTreeMatrix(columns, encoded)));
      predicted.ridge.push(...predictRidge(fitRidge(matrix, target, 30), encoded));
    }
    const mdape = (values: number[]) =>
      median(values.map((value, at) => Math.abs(Math.expm1(value - actual[at]!))));
    const centre = actual.reduce((sum, value) => sum + value, 0) / actual.length;
    const r2 = (values: number[]) =>
      1 -
      values.reduce((sum, value, at) => sum + (value - actual[at]!) ** 2, 0) /
        actual.reduce((sum, value) => sum + (value - centre) ** 2, 0);
    for (const values of [predicted.trees, predicted.ridge]) {
      expect(r2(values)).toBeLessThan(0.02);
      expect(mdape(values)).toBeGreaterThan(0.97 * mdape(predicted.naive));
    }
  });
});
