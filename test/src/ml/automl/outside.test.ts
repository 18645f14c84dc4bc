import {describe, expect, it} from 'vitest';
import {ConfigError} from '../../../../src/domain/errors.ts';
import {type OutsideLine, readOutside} from '../../../../src/ml/automl/outside.ts';
import {knownWorld} from '../../../support/housing-world.ts';

const rows = knownWorld({homes: 6, seed: 1});
const lines: OutsideLine[] = rows.map((row, index) => ({
  row: index + 1,
  listingId: row.listingId,
  predicted: String(1e8 + index),
}));
const changed = (place: number, change: Partial<OutsideLine>) =>
  lines.map((line, index) => (index === place ? {...line, ...change} : line));
const read = (own: readonly OutsideLine[], elsewhere: ReadonlySet<string> = new Set()) =>
  readOutside(own, rows, elsewhere, 'preds.csv');

describe('readOutside', () => {
  it('puts predictions in the order of the rows, as logs', () => {
    const predicted = read([...lines].reverse());
    expect(predicted[4]).toBeCloseTo(Math.log(1e8 + 4), 12);
  });

  it('refuses missing, extra and doubled listings and what is no price, all at once and by name', () => {
    expect(() => read(lines.slice(1))).toThrow(/1 listings of the split have no prediction \(test:id:0\)/);
    expect(() => read([...lines, {row: 7, listingId: 'x', predicted: '1'}])).toThrow(
      /1 listings are not in the split \(x\)/,
    );
    expect(() => read([...lines, lines[2]!])).toThrow(/1 listings stand twice \(test:id:2\)/);
    for (const predicted of ['', 'abc', '-5', '0', 'Infinity', '1.000.000'])
      expect(() => read(changed(3, {predicted})), predicted).toThrow(/row 4: ".*"/);
    expect(() => read([...changed(3, {predicted: 'x'}).slice(1), lines[5]!])).toThrow(
      /have no prediction.*stand twice.*not a price/,
    );
    expect(() => read([])).toThrow(ConfigError);
  });

  it('sees that the listings are of the other operation', () => {
    const others = lines.map(line => ({...line, listingId: `rent:${line.listingId}`}));
    expect(() => read(others, new Set(others.map(line => line.listingId)))).toThrow(
      /of the other operation: this split is of sale/,
    );
  });
});
