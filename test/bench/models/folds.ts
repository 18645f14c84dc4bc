/** The folds every model gets: encoded once inside the fold, kept as files that other languages read. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {FeatureRow} from '../../../src/domain/model.ts';
import type {TrainingSet} from '../../../src/ml/algorithms.ts';
import {encodeRows, encoderColumns, fitEncoder, logPricePerM2} from '../../../src/ml/features.ts';
import {chooseTreeColumns, toTreeMatrix} from '../../../src/ml/gbdt/columns.ts';
import {emptyMatrix, type Matrix} from '../../../src/ml/matrix.ts';
import {dealGroups, type Split} from '../../../src/ml/split.ts';
import {cpuSecondsSince} from './cpu-time.ts';
import type {ExtraColumns} from './king-county.ts';
import type {BenchSet} from './sets.ts';
import {bytesOf, hashBytes} from './work-folder.ts';

/** Grouped folds inside a fold's training rows, on which settings and the best peer are chosen. */
export const INNER_FOLDS = 3;
/** `fitBoost` holds the first of so many parts out to stop early; the peers stop on the same rows. */
const HELD_PARTS = 8;
const MAX_DEVIATIONS = 4;

export interface BenchFold {
  readonly folder: string;
  /** Hash of all numbers of the fold: equal keys mean the same rows, features and parts. */
  readonly key: string;
  /** Places of the test rows in the set. */
  readonly testAt: readonly number[];
  readonly testRows: readonly FeatureRow[];
  readonly set: TrainingSet;
  readonly testMatrix: Matrix;
  /** What trees get: one column a fact, NaN where nobody stated it. */
  readonly treeX: Matrix;
  readonly treeTestX: Matrix;
  /** Inner fold of each training row. */
  readonly inner: Uint8Array;
  /** CPU seconds of fitting the encoder and encoding training and test rows. */
  readonly encodeSeconds: number;
}

export function prepareFold(
  {rows, extra}: BenchSet,
  split: Split,
  fold: number,
  {folder, seed}: {folder: string; seed: number},
): BenchFold {
  const begun = process.cpuUsage();
  const all = [...rows.keys()];
  const trainAt = all.filter(row => split.fold[row] !== fold);
  const testAt = all.filter(row => split.fold[row] === fold);
  const take = (places: readonly number[]): FeatureRow[] => places.flatMap(row => rows[row] ?? []);
  const [trainRows, testRows] = [take(trainAt), take(testAt)];
  const group = Int32Array.from(trainAt, row => split.group[row] ?? row);
  const {encoder, matrix: encoded} = fitEncoder(trainRows, group, seed);
  const {matrix, testMatrix, names} = withExtra(
    {matrix: encoded, testMatrix: encodeRows(encoder, testRows), names: encoderColumns(encoder)},
    extra,
    {trainAt, testAt},
  );
  const encodeSeconds = cpuSecondsSince(begun);
  const columns = chooseTreeColumns(names);
  const [treeX, treeTestX] = [toTreeMatrix(columns, matrix), toTreeMatrix(columns, testMatrix)];
  const target = logPricePerM2(trainRows);
  const inner = dealGroups(group, INNER_FOLDS, seed + 7);
  const files: Record<string, Uint8Array> = {
    x: bytesOf(treeX.values),
    'test-x': bytesOf(treeTestX.values),
    y: bytesOf(target),
    held: heldRows(group, seed, null),
    inner,
  };
  for (let at = 0; at < INNER_FOLDS; at++) files[`held-${at}`] = heldRows(group, seed, {inner, at});
  const own = join(folder, `fold-${fold}`);
  mkdirSync(own, {recursive: true});
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(own, name), bytes);
  // Peers read the files and nothing else: what only our models see makes no other fold of theirs.
  const peerKey = hashBytes(Object.values(files));
  const key = hashBytes([peerKey, bytesOf(matrix.values), bytesOf(testMatrix.values)]);
  writeFileSync(
    join(own, 'fold.json'),
    JSON.stringify({key: peerKey, columns: treeX.columns, inner: INNER_FOLDS}),
  );
  const set = {rows: trainRows, target, group, matrix, columns: names};
  return {folder: own, key, testAt, testRows, set, testMatrix, treeX, treeTestX, inner, encodeSeconds};
}

/** 1 on the rows that `fitBoost` holds out of these training rows, or of those outside one inner fold. */
function heldRows(
  group: Int32Array,
  seed: number,
  within: {readonly inner: Uint8Array; readonly at: number} | null,
): Uint8Array {
  const places = [...group.keys()].filter(row => within === null || within.inner[row] !== within.at);
  const part = dealGroups(
    Int32Array.from(places, row => group[row] ?? row),
    HELD_PARTS,
    seed + 2,
  );
  const held = new Uint8Array(group.length);
  for (const [place, row] of places.entries()) if (part[place] === 0) held[row] = 1;
  return held;
}

interface Encoded {
  readonly matrix: Matrix;
  readonly testMatrix: Matrix;
  readonly names: readonly string[];
}

/** Puts a set's own columns beside the encoder's, on the scale of the training rows. */
function withExtra(
  encoded: Encoded,
  extra: ExtraColumns | null,
  {trainAt, testAt}: {trainAt: readonly number[]; testAt: readonly number[]},
): Encoded {
  if (extra === null) return encoded;
  const scales = extra.names.map((_, column) => {
    const values = trainAt.map(row => extra.values[row]?.[column] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return {mean, sd: Math.max(Math.sqrt(variance), 1e-6)};
  });
  const widen = (matrix: Matrix, places: readonly number[]): Matrix => {
    const wide = emptyMatrix(matrix.rows, matrix.columns + scales.length);
    for (const [at, row] of places.entries()) {
      const own = scales.map(({mean, sd}, column) => {
        const deviations = ((extra.values[row]?.[column] ?? 0) - mean) / sd;
        return Math.min(Math.max(deviations, -MAX_DEVIATIONS), MAX_DEVIATIONS);
      });
      wide.values.set(
        matrix.values.subarray(at * matrix.columns, (at + 1) * matrix.columns),
        at * wide.columns,
      );
      wide.values.set(own, at * wide.columns + matrix.columns);
    }
    return wide;
  };
  return {
    matrix: widen(encoded.matrix, trainAt),
    testMatrix: widen(encoded.testMatrix, testAt),
    names: [...encoded.names, ...extra.names],
  };
}
