import {describe, expect, it} from 'vitest';
import {binMatrix} from '../../../../src/ml/gbdt/binning.ts';

const column = (values: number[]) => ({rows: values.length, columns: 1, values: Float32Array.from(values)});

describe('binMatrix', () => {
  it('gives every distinct value a bin, missing ones bin 0, cuts halfway', () => {
    const {bins, cuts} = binMatrix(column([5, Number.NaN, 1, 3, 3]));
    expect([...bins]).toEqual([3, 0, 1, 2, 2]);
    expect([...cuts[0]!]).toEqual([2, 4]);
  });

  it('cuts at about equal counts when there are more values than bins', () => {
    const {bins, cuts} = binMatrix(column(Array.from({length: 1000}, (_, at) => at)), 10);
    expect(cuts[0]).toHaveLength(9);
    for (let bin = 1; bin <= 10; bin++) expect(bins.filter(own => own === bin)).toHaveLength(100);
  });

  it('never needs more than 255 bins and never parts equal values', () => {
    const values = Array.from({length: 5000}, (_, at) => (at % 5 === 0 ? at : 7));
    const {bins, cuts} = binMatrix(column(values));
    expect(cuts[0]!.length).toBeLessThanOrEqual(254);
    expect(new Set(bins.filter((_, at) => values[at] === 7)).size).toBe(1);
  });

  it('puts a value on the same side of a cut as its bin says, even between neighbouring floats', () => {
    const low = Math.fround(0.1);
    const high = low + 2 ** -27;
    const {bins, cuts} = binMatrix(column([low, high]));
    expect([...bins]).toEqual([1, 2]);
    expect(low <= cuts[0]![0]! && high > cuts[0]![0]!).toBe(true);
  });

  it('has no cut where there is nothing to cut', () => {
    expect(binMatrix(column([2, 2, Number.NaN])).cuts[0]).toHaveLength(0);
    expect(binMatrix(column([Number.NaN, Number.NaN])).cuts[0]).toHaveLength(0);
  });
});
