import {describe, expect, it} from 'vitest';
import type {FeatureRow} from '../../../src/domain/model.ts';
import {createRandom} from '../../../src/lib/random.ts';
import {encodeRows, encoderColumns, fitEncoder, logPricePerM2} from '../../../src/ml/features.ts';
import {MARKET_COLUMNS} from '../../../src/ml/market.ts';
import type {Matrix} from '../../../src/ml/matrix.ts';
import {joinGroups} from '../../../src/ml/split.ts';
import {featureRow, knownWorld} from '../../support/housing-world.ts';

function columnOf({columns, rows, values}: Matrix, column: number): number[] {
  return Array.from({length: rows}, (_, row) => values[row * columns + column]!);
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const average = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / n;
  const [meanA, meanB] = [average(a), average(b)];
  let top = 0;
  let left = 0;
  let right = 0;
  for (let i = 0; i < n; i++) {
    top += (a[i]! - meanA) * (b[i]! - meanB);
    left += (a[i]! - meanA) ** 2;
    right += (b[i]! - meanB) ** 2;
  }
  return top / Math.sqrt(left * right);
}

describe('fitEncoder', () => {
  const rows = knownWorld({homes: 500, seed: 11});

  it('names every column and gives finite numbers of about unit scale', () => {
    const {encoder, matrix} = fitEncoder(rows, joinGroups(rows), 1);
    expect(encoderColumns(encoder)).toHaveLength(matrix.columns);
    expect(new Set(encoderColumns(encoder)).size).toBe(matrix.columns);
    expect(matrix.values.every(value => Number.isFinite(value) && Math.abs(value) <= 25)).toBe(true);
    expect(encoderColumns(encoder)).toContain('amenity_piscina');
  });

  it('shows a row nothing of its own price: permuted targets can not be told from the market columns', () => {
    const prices = createRandom(5).shuffle(rows.map(row => row.priceCop / row.areaM2));
    const permuted = rows.map((row, index) => ({...row, priceCop: prices[index]! * row.areaM2}));
    const {encoder, matrix} = fitEncoder(permuted, joinGroups(permuted), 1);
    const target = logPricePerM2(permuted);
    // The control: as strangers with a new id, home and text, rows see themselves among their neighbours.
    const strangers = permuted.map((row, index) => {
      return {...row, listingId: `new:${index}`, groupId: `new:${index}`};
    });
    const leaking = encodeRows(encoder, strangers);
    const similar = encoderColumns(encoder).indexOf('similar_mean');
    expect(correlation(columnOf(leaking, similar), target)).toBeGreaterThan(0.5);
    for (const name of MARKET_COLUMNS) {
      const values = columnOf(matrix, encoderColumns(encoder).indexOf(name));
      if (new Set(values).size > 1) expect(Math.abs(correlation(values, target))).toBeLessThan(0.16);
    }
  });

  it("does not change a row's own features when its price, or its twin's, changes", () => {
    const twin = {...rows[0]!, listingId: 'twin'};
    const withTwin = [...rows, twin];
    const group = joinGroups(withTwin);
    const dearer = withTwin.map(row =>
      row.groupId === twin.groupId ? {...row, priceCop: row.priceCop * 10} : row,
    );
    const [before, after] = [withTwin, dearer].map(list => fitEncoder(list, group, 1));
    const near = encoderColumns(before!.encoder).indexOf('near_mean');
    // The scale of the column moves with the mean of all rows: undo it before comparing.
    const unscaled = [before!, after!].map(({encoder, matrix}) => {
      return columnOf(matrix, near)[0]! * encoder.market.sd + encoder.market.mean;
    });
    expect(unscaled[1]).toBeCloseTo(unscaled[0]!, 5);
  });

  it('reads a home that comes again as it did in training, under its id, its home or its text', () => {
    const text =
      'Apartamento muy iluminado con vista al parque, cerca del metro y de los colegios del barrio. '.repeat(
        2,
      );
    const written = rows.map((row, index) => (index === 7 ? {...row, description: text} : row));
    const {encoder, matrix} = fitEncoder(written, joinGroups(written), 1);
    expect(encodeRows(encoder, written)).toEqual(matrix);
    const own = matrix.values.subarray(7 * matrix.columns, 8 * matrix.columns);
    const again = (changes: object) =>
      encodeRows(encoder, [{...written[7]!, priceCop: 1, ...changes}]).values;
    expect(again({listingId: 'elsewhere'})).toEqual(own);
    expect(again({groupId: 'other'})).toEqual(own);
    expect(again({listingId: 'elsewhere', groupId: 'other'})).toEqual(own);
    expect(again({listingId: 'elsewhere', groupId: 'other', description: null})).not.toEqual(own);
  });

  it('says what nobody stated', () => {
    const {encoder} = fitEncoder(rows, joinGroups(rows), 1);
    const columns = encoderColumns(encoder);
    const flags = (row: FeatureRow) => {
      const {values} = encodeRows(encoder, [row]);
      return ['condition_unknown', 'amenities_unknown', 'place_unknown'].map(
        name => values[columns.indexOf(name)],
      );
    };
    expect(flags(rows[0]!)).toEqual([0, 0, 0]);
    expect(flags(featureRow({condition: null, amenities: [], neighbourhood: null}))).toEqual([1, 1, 1]);
  });

  it('survives JSON and encodes rows with everything missing', () => {
    const {encoder} = fitEncoder(rows, joinGroups(rows), 1);
    const bare = featureRow({
      municipality: null,
      district: null,
      neighbourhood: null,
      stratum: null,
      bedrooms: null,
      bathrooms: null,
      parkingSpaces: null,
      floor: null,
      ageYearsMin: null,
      ageYearsMax: null,
      adminFeeCop: null,
      condition: null,
      latitude: null,
      longitude: null,
      amenities: [],
      nearestM: {},
    });
    const encoded = encodeRows(encoder, [bare, ...rows]);
    expect(encoded.values.every(Number.isFinite)).toBe(true);
    expect(encodeRows(JSON.parse(JSON.stringify(encoder)), [bare, ...rows])).toEqual(encoded);
  });
});
