import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {hedonicResiduals} from '../../../src/ml/hedonic.ts';
import {type Matrix, takeRows} from '../../../src/ml/matrix.ts';
import {fitRidge, predictRidge} from '../../../src/ml/ridge.ts';

const random = createRandom(1);
const x: Matrix = {rows: 200, columns: 3, values: Float32Array.from({length: 600}, () => random.normal())};
const y = Float64Array.from({length: 200}, (_, row) => 5 + x.values[row * 3]! + 0.3 * random.normal());
const part = Uint8Array.from({length: 200}, (_, row) => row % 4);

describe('hedonicResiduals', () => {
  it('is what a ridge regression leaves, of all rows and without each part', () => {
    const [all, ...without] = hedonicResiduals(x, y, part, 4);
    expect(without).toHaveLength(4);
    const line = predictRidge(fitRidge(x, y, 30), x);
    for (const [row, left] of all!.entries()) expect(left).toBeCloseTo(y[row]! - line[row]!, 4);
    const others = [...part.keys()].filter(row => part[row] !== 2);
    const own = predictRidge(
      fitRidge(
        takeRows(x, others),
        Float64Array.from(others, row => y[row]!),
        30,
      ),
      x,
    );
    for (const [row, left] of without[2]!.entries()) expect(left).toBeCloseTo(y[row]! - own[row]!, 4);
  });

  it('leaves the other homes as they are, to the bit, when prices of the part change', () => {
    const dearer = y.map((value, row) => (part[row] === 1 ? value + 3 : value));
    const before = hedonicResiduals(x, y, part, 4)[2]!;
    const after = hedonicResiduals(x, dearer, part, 4)[2]!;
    for (const row of part.keys()) if (part[row] !== 1) expect(after[row]).toBe(before[row]);
  });

  it('leaves the target where a part holds every row', () => {
    expect([...hedonicResiduals(x, y, new Uint8Array(200), 1)[1]!]).toEqual([...y]);
  });
});
