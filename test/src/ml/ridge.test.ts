import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {emptyMatrix} from '../../../src/ml/matrix.ts';
import {fitRidge, predictRidge} from '../../../src/ml/ridge.ts';

describe('fitRidge', () => {
  const random = createRandom(1);
  const x = emptyMatrix(400, 3);
  for (let index = 0; index < x.values.length; index++) x.values[index] = 2 + random.normal();
  const y = Float64Array.from({length: 400}, (_, row) => {
    const [a, b] = x.values.subarray(row * 3, row * 3 + 3);
    return 5 + 2 * a! - b!;
  });

  it('finds the weights of a linear rule', () => {
    const model = fitRidge(x, y, 1e-6);
    expect(model.intercept).toBeCloseTo(5, 4);
    expect(model.weights[0]).toBeCloseTo(2, 4);
    expect(model.weights[1]).toBeCloseTo(-1, 4);
    expect(model.weights[2]).toBeCloseTo(0, 4);
    expect([...predictRidge(model, x)].every((value, row) => Math.abs(value - y[row]!) < 1e-4)).toBe(true);
  });

  it('shrinks a unit-variance weight by n / (n + penalty)', () => {
    const model = fitRidge(x, y, 400);
    expect(model.weights[0]).toBeGreaterThan(0.8);
    expect(model.weights[0]).toBeLessThan(1.2);
  });

  it('copes with constant and repeated columns', () => {
    const twice = emptyMatrix(400, 3);
    for (let row = 0; row < 400; row++)
      twice.values.set([x.values[row * 3]!, x.values[row * 3]!, 1], row * 3);
    const model = fitRidge(twice, y, 1);
    expect(model.weights[0]).toBeCloseTo(model.weights[1]!, 6);
    expect(model.weights[2]).toBeCloseTo(0, 9);
  });
});
