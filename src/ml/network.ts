/**
 * The TensorFlow.js price model: an ensemble on piecewise linear numbers, whose members may share weights (TabM).
 *
 * Each backbone starts from other weights, sees the rows in another order, holds out another part of the groups, and
 * keeps its best weights on that part. The mean of all members of all backbones is the prediction.
 */
import type * as Tf from '@tensorflow/tfjs-core';
import {ModelError} from '../domain/errors.ts';
import {createRandom, type Random} from '../lib/random.ts';
import {Adam} from './adam.ts';
import type {Backend} from './backend.ts';
import {type Matrix, takeRows} from './matrix.ts';
import {type ColumnPieces, countPieces, encodePieces, fitPieces} from './network/pieces.ts';
import {
  forward,
  initialParameters,
  isDecayed,
  type Parameter,
  type TabmShape,
  toTensors,
} from './network/tabm.ts';
import {dealGroups} from './split.ts';

export interface NetworkSettings {
  /** Networks with nothing in common but the rows. */
  readonly backbones: number;
  /** Members that share a backbone. */
  readonly members: number;
  readonly hidden: readonly number[];
  /** Pieces a numeric column is cut into, at most. */
  readonly pieces: number;
  readonly epochs: number;
  /** Epochs without improvement before a backbone stops. */
  readonly patience: number;
  readonly batchRows: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Where the Huber loss turns from squares to absolute values, in standard deviations of the target. */
  readonly huberDelta: number;
}

/**
 * Chosen on two folds of Metrocuadrado 2021, by mean absolute error of the log price and CPU seconds a fold: four
 * backbones of one member .1337, 9 s; of two members .1339, 14 s; the first without pieces, 16 epochs, .1343, 8 s.
 */
export const DAILY_NETWORK: NetworkSettings = {
  backbones: 4,
  members: 1,
  hidden: [96, 64],
  pieces: 8,
  epochs: 14,
  patience: 5,
  batchRows: 128,
  learningRate: 0.003,
  weightDecay: 0.02,
  huberDelta: 0.3,
};

/** Three times the seconds. On a fold of King County .1048 instead of .1056, and .1040 instead of .1045 with trees. */
export const FULL_NETWORK: NetworkSettings = {
  ...DAILY_NETWORK,
  backbones: 8,
  hidden: [256, 64],
  batchRows: 256,
};

/** A trained ensemble: a plain value. */
export interface NetworkModel {
  readonly targetMean: number;
  readonly targetSd: number;
  readonly columns: number;
  readonly pieces: readonly ColumnPieces[];
  readonly members: number;
  readonly hidden: readonly number[];
  readonly backbones: readonly Backbone[];
}

export interface Backbone {
  readonly parameters: readonly Parameter[];
  /** Mean absolute error on the held-out groups after each epoch, in standard deviations of the target. */
  readonly heldLosses: readonly number[];
}

/** Parts of the groups, of which each backbone holds out one; fewer where there are fewer groups. */
const INNER_PARTS = 8;
/** Rows predicted at once. */
const PREDICT_ROWS = 1024;
/**
 * Columns that are left whole: sines of the position bend by themselves, and pieces of the text's directions were
 * learnt by heart (Metrocuadrado 2021, two folds, eight networks: mean log error .1323 with them, .1303 without).
 */
const WHOLE = /^(sin_|cos_|area_bin_|text_\d)/;

/**
 * Trains on encoded rows. The same seed on the same backend gives the same weights.
 * @param columns names of the matrix's columns.
 * @param target log price per m².
 * @param group groups of the rows: held-out parts are whole groups.
 * @throws ModelError when all rows are of one group.
 */
export async function fitNetwork(
  backend: Backend,
  x: Matrix,
  columns: readonly string[],
  target: Float64Array,
  group: Int32Array,
  seed: number,
  settings: NetworkSettings = DAILY_NETWORK,
): Promise<NetworkModel> {
  const targetMean = target.reduce((sum, value) => sum + value, 0) / target.length;
  const variance = target.reduce((sum, value) => sum + (value - targetMean) ** 2, 0) / target.length;
  const targetSd = Math.max(Math.sqrt(variance), 1e-6);
  const scaled = Float32Array.from(target, value => (value - targetMean) / targetSd);
  const skip = new Set([...columns.keys()].filter(column => WHOLE.test(columns[column] ?? '')));
  const pieces = fitPieces(x, settings.pieces, skip);
  const encoded = encodePieces(x, pieces);
  const {members, hidden} = settings;
  const shape = {inputs: encoded.columns, members, hidden};
  const part = dealGroups(group, INNER_PARTS, seed + 1);
  const parts = new Set(part).size;
  if (parts < 2)
    throw new ModelError('the network needs rows of two groups at least: one to learn from, one to stop by.');
  const all = [...group.keys()];
  const backbones: Backbone[] = [];
  for (let backbone = 0; backbone < settings.backbones; backbone++) {
    const train = all.filter(row => part[row] !== backbone % parts);
    const held = all.filter(row => part[row] === backbone % parts);
    const random = createRandom(`network/${seed}/${backbone}`);
    backbones.push(await fitBackbone(backend.tf, shape, encoded, scaled, {train, held}, random, settings));
  }
  return {targetMean, targetSd, columns: x.columns, pieces, members, hidden, backbones};
}

/** Mean of the members: log price per m². */
export function predictNetwork({tf}: Backend, model: NetworkModel, x: Matrix): Float64Array {
  const {targetMean, targetSd, pieces, members, hidden, backbones} = model;
  const shape = {inputs: countPieces(x.columns, pieces), members, hidden};
  const encoded = encodePieces(x, pieces);
  const result = new Float64Array(x.rows).fill(targetMean);
  for (const {parameters} of backbones) {
    const values = predictMean(tf, shape, parameters, encoded);
    for (const [row, value] of values.entries()) {
      result[row] = (result[row] ?? 0) + (value * targetSd) / backbones.length;
    }
  }
  return result;
}

async function fitBackbone(
  tf: typeof Tf,
  shape: TabmShape,
  x: Matrix,
  target: Float32Array,
  {train, held}: {train: readonly number[]; held: readonly number[]},
  random: Random,
  settings: NetworkSettings,
): Promise<Backbone> {
  const parameters = initialParameters(shape, random);
  const adam = new Adam(
    parameters.map(({values}) => values),
    parameters.map(parameter => (isDecayed(parameter) ? settings.weightDecay : 0)),
  );
  const heldX = takeRows(x, held);
  const heldTarget = held.map(row => target[row] ?? 0);
  const batches = Math.max(1, Math.floor(train.length / settings.batchRows));
  const heldLosses: number[] = [];
  let best = parameters.map(copyParameter);
  let bestEpoch = -1;
  let bestLoss = Number.POSITIVE_INFINITY;
  for (let epoch = 0; epoch < settings.epochs && epoch - bestEpoch <= settings.patience; epoch++) {
    const order = random.shuffle(train);
    for (let batch = 0; batch < batches; batch++) {
      const chosen = order.slice(batch * settings.batchRows, (batch + 1) * settings.batchRows);
      const gradients = gradientsOf(tf, shape, parameters, x, target, chosen, settings.huberDelta);
      adam.step(gradients, settings.learningRate * schedule((epoch + batch / batches) / settings.epochs));
    }
    const loss = meanAbsoluteError(predictMean(tf, shape, parameters, heldX), heldTarget);
    heldLosses.push(loss);
    if (loss < bestLoss) {
      bestLoss = loss;
      bestEpoch = epoch;
      best = parameters.map(copyParameter);
    }
    await tf.nextFrame();
  }
  return {parameters: best, heldLosses};
}

/** Gradients of the mean over rows and members of the Huber loss on the chosen rows. */
function gradientsOf(
  tf: typeof Tf,
  shape: TabmShape,
  parameters: readonly Parameter[],
  x: Matrix,
  target: Float32Array,
  chosen: readonly number[],
  huberDelta: number,
): Float32Array[] {
  const wanted = Float32Array.from(chosen, row => target[row] ?? 0);
  const rows = takeRows(x, chosen);
  let gradients: Float32Array[] = [];
  tidily(tf, () => {
    const input = tf.tensor2d(rows.values, [rows.rows, rows.columns]);
    const actual = tf.tensor2d(wanted, [rows.rows, 1]);
    const loss = (...tensors: Tf.Tensor[]): Tf.Tensor => {
      const errors = tf.abs(tf.sub(forward(tf, shape, tensors, input), actual));
      const inside = tf.minimum(errors, huberDelta);
      // Huber: min(e, δ)² / 2δ + e − min(e, δ)
      return tf.mean(tf.add(tf.mul(tf.square(inside), 0.5 / huberDelta), tf.sub(errors, inside)));
    };
    gradients = tf
      .grads(loss)(toTensors(tf, parameters))
      .map(gradient => gradient.dataSync() as Float32Array);
  });
  return gradients;
}

/** Mean of the members for each row, in standard deviations of the target. */
function predictMean(
  tf: typeof Tf,
  shape: TabmShape,
  parameters: readonly Parameter[],
  x: Matrix,
): Float32Array {
  const result = new Float32Array(x.rows);
  for (let start = 0; start < x.rows; start += PREDICT_ROWS) {
    const rows = Math.min(PREDICT_ROWS, x.rows - start);
    const part = x.values.subarray(start * x.columns, (start + rows) * x.columns);
    tidily(tf, () => {
      const input = tf.tensor2d(part, [rows, x.columns]);
      const values = forward(tf, shape, toTensors(tf, parameters), input).dataSync();
      for (const [place, value] of values.entries()) {
        const row = start + Math.floor(place / shape.members);
        result[row] = (result[row] ?? 0) + value / shape.members;
      }
    });
  }
  return result;
}

/** `tidy` looks for tensors in all it returns, number by number in an array of numbers: nothing is returned from it. */
function tidily(tf: typeof Tf, work: () => void): void {
  tf.tidy(() => {
    work();
  });
}

function meanAbsoluteError(predicted: Float32Array, actual: readonly number[]): number {
  return actual.reduce((sum, value, row) => sum + Math.abs((predicted[row] ?? 0) - value), 0) / actual.length;
}

function copyParameter(parameter: Parameter): Parameter {
  return {...parameter, values: parameter.values.slice()};
}

/** Share of the learning rate: warm-up over the first 5 %, then a cosine down to 1 %. `progress` 0–1. */
function schedule(progress: number): number {
  if (progress < 0.05) return 0.1 + (0.9 * progress) / 0.05;
  return 0.01 + 0.99 * 0.5 * (1 + Math.cos((Math.PI * (progress - 0.05)) / 0.95));
}
