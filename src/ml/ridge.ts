/** Linear hedonic regression with a ridge penalty, in closed form. */
import {type Matrix, solveSymmetric} from './matrix.ts';

export interface RidgeModel {
  readonly intercept: number;
  readonly weights: readonly number[];
}

/**
 * Fits target ≈ intercept + X · weights. Columns should have about unit scale.
 * @param penalty in rows: a weight on a unit-variance column is shrunk by n / (n + penalty).
 */
export function fitRidge(x: Matrix, target: Float64Array, penalty: number): RidgeModel {
  const {rows, columns, values} = x;
  const means = new Float64Array(columns);
  for (let index = 0; index < values.length; index++) {
    const column = index % columns;
    means[column] = (means[column] ?? 0) + (values[index] ?? 0) / rows;
  }
  let targetMean = 0;
  for (const value of target) targetMean += value / rows;
  const gram = new Float64Array(columns * columns);
  const moment = new Float64Array(columns);
  const centred = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      centred[column] = (values[row * columns + column] ?? 0) - (means[column] ?? 0);
    }
    const residual = (target[row] ?? 0) - targetMean;
    for (let i = 0; i < columns; i++) {
      const left = centred[i] ?? 0;
      if (left === 0) continue;
      moment[i] = (moment[i] ?? 0) + left * residual;
      const start = i * columns;
      for (let j = 0; j <= i; j++) gram[start + j] = (gram[start + j] ?? 0) + left * (centred[j] ?? 0);
    }
  }
  for (let i = 0; i < columns; i++) {
    gram[i * columns + i] = (gram[i * columns + i] ?? 0) + penalty;
    for (let j = 0; j < i; j++) gram[j * columns + i] = gram[i * columns + j] ?? 0;
  }
  const weights = solveSymmetric(gram, moment);
  const shift = weights.reduce((sum, weight, column) => sum + weight * (means[column] ?? 0), 0);
  return {intercept: targetMean - shift, weights: [...weights]};
}

export function predictRidge(model: RidgeModel, x: Matrix): Float64Array {
  const {rows, columns, values} = x;
  return Float64Array.from({length: rows}, (_, row) => {
    let sum = model.intercept;
    for (let column = 0; column < columns; column++) {
      sum += (values[row * columns + column] ?? 0) * (model.weights[column] ?? 0);
    }
    return sum;
  });
}
