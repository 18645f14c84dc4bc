/** What a model leaves of one fold, and of all. */
import type {BenchFold} from './folds.ts';

export interface FoldResult {
  /** Log price per m² of the test rows. */
  readonly predicted: readonly number[];
  /** Mean absolute error of the log price on the inner folds, of the chosen settings; null: nothing was searched. */
  readonly innerError: number | null;
  readonly chosen: Readonly<Record<string, unknown>>;
  /** CPU seconds of the final fit, of the search before it, and of predicting the test rows. */
  readonly fitSeconds: number;
  readonly searchSeconds: number;
  readonly predictSeconds: number;
}

/** Out-of-fold predictions of every row of a set. */
export interface PooledModel {
  readonly name: string;
  /** Log price per m². */
  readonly predicted: Float64Array;
  /** Of each fold; null: nothing was searched. */
  readonly innerErrors: readonly number[] | null;
  readonly fitSeconds: number;
  readonly searchSeconds: number;
  readonly predictSeconds: number;
  readonly note?: string;
}

export function poolFolds(
  name: string,
  rows: number,
  folds: readonly BenchFold[],
  results: readonly FoldResult[],
): PooledModel {
  const predicted = new Float64Array(rows).fill(Number.NaN);
  for (const [at, {testAt}] of folds.entries()) {
    for (const [place, row] of testAt.entries()) predicted[row] = results[at]?.predicted[place] ?? Number.NaN;
  }
  const sumOf = (of: (result: FoldResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  const innerErrors = results.flatMap(({innerError}) => (innerError === null ? [] : [innerError]));
  return {
    name,
    predicted,
    innerErrors: innerErrors.length < results.length ? null : innerErrors,
    fitSeconds: sumOf(result => result.fitSeconds),
    searchSeconds: sumOf(result => result.searchSeconds),
    predictSeconds: sumOf(result => result.predictSeconds),
  };
}
