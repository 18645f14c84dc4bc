import {describe, expect, it} from 'vitest';
import {chooseTreeColumns, toTreeMatrix} from '../../../../src/ml/gbdt/columns.ts';

describe('chooseTreeColumns', () => {
  const names = ['age', 'age_missing', 'area_bin_0', 'stratum', 'stratum_5', 'point_missing', 'x', 'sin_3_0'];

  it('leaves out the aids of lines and turns missing flags into NaN', () => {
    const columns = chooseTreeColumns(names);
    expect(columns.at.map(at => names[at])).toEqual(['age', 'stratum', 'point_missing', 'x']);
    const x = {
      rows: 2,
      columns: 8,
      values: Float32Array.from([0, 1, 9, 4, 9, 1, 7, 9, 2, 0, 9, 5, 9, 0, 8, 9]),
    };
    expect([...toTreeMatrix(columns, x).values]).toEqual([Number.NaN, 4, 1, 7, 2, 5, 0, 8]);
  });

  it('leaves lines their aids: knots, waves, directions of words, residuals of neighbours', () => {
    const names = ['area_bin_0', 'sin_24_0', 'text_0', 'text_15', 'near_residual', 'text_worth', 'near_mean'];
    expect(chooseTreeColumns(names).at.map(column => names[column])).toEqual(['text_worth', 'near_mean']);
  });
});
