import {describe, expect, it} from 'vitest';
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
    // The control: encoded as if they were strangers, rows see themselves among their neighbours.
    const leaking = encodeRows(encoder, permuted);
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
