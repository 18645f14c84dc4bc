/**
 * The TensorFlow.js price model: a small ensemble of multilayer perceptrons.
 *
 * Each member starts from other weights, sees the rows in another order, holds out another part of the groups, and
 * keeps its best weights on that part. Their mean is the prediction.
 */
import type * as Tf from '@tensorflow/tfjs-core';
import {createRandom, type Random} from '../lib/random.ts';
import {Adam} from './adam.ts';
import type {Backend} from './backend.ts';
import {type Matrix, takeRows} from './matrix.ts';
import {dealGroups} from './split.ts';

export interface NetworkSettings {
  readonly members: number;
  readonly hidden: readonly number[];
  readonly epochs: number;
  /** Epochs without improvement before a member stops. */
  readonly patience: number;
  readonly batchRows: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Where the Huber loss turns from squares to absolute values, in standard deviations of the target. */
  readonly huberDelta: number;
}

export const DEFAULT_NETWORK: NetworkSettings = {
  members: 4,
  hidden: [96, 64],
  epochs: 16,
  patience: 6,
  batchRows: 128,
  learningRate: 0.003,
  weightDecay: 0.02,
  huberDelta: 0.3,
};

/** One member: weights and biases of each layer, row-major. */
interface Member {
  readonly layers: readonly Layer[];
  readonly bestEpoch: number;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

/** A trained ensemble: a plain value. */
export interface NetworkModel {
  readonly targetMean: number;
  readonly targetSd: number;
  readonly members: readonly Member[];
}

/** Parts of the groups, of which each member holds out one. */
const INNER_PARTS = 8;
/** Rows predicted at once. */
const PREDICT_ROWS = 4096;

/**
 * Trains on encoded rows. The same seed on the same backend gives the same weights.
 * @param target log price per m².
 * @param group groups of the rows: held-out parts are whole groups.
 */
export async function fitNetwork(
  backend: Backend,
  x: Matrix,
  target: Float64Array,
  group: Int32Array,
  seed: number,
  settings: NetworkSettings = DEFAULT_NETWORK,
): Promise<NetworkModel> {
  const targetMean = target.reduce((sum, value) => sum + value, 0) / target.length;
  const variance = target.reduce((sum, value) => sum + (value - targetMean) ** 2, 0) / target.length;
  const targetSd = Math.max(Math.sqrt(variance), 1e-6);
  const scaled = Float32Array.from(target, value => (value - targetMean) / targetSd);
  const part = dealGroups(group, INNER_PARTS, seed + 1);
  const all = [...group.keys()];
  const members: Member[] = [];
  for (let member = 0; member < settings.members; member++) {
    const train = all.filter(row => part[row] !== member % INNER_PARTS);
    const held = all.filter(row => part[row] === member % INNER_PARTS);
    members.push(
      await fitMember(
        backend.tf,
        x,
        scaled,
        train,
        held,
        createRandom(`network/${seed}/${member}`),
        settings,
      ),
    );
  }
  return {targetMean, targetSd, members};
}

/** Mean of the members: log price per m². */
export function predictNetwork(backend: Backend, model: NetworkModel, x: Matrix): Float64Array {
  const {tf} = backend;
  const result = new Float64Array(x.rows);
  for (const {layers} of model.members) {
    for (let start = 0; start < x.rows; start += PREDICT_ROWS) {
      const rows = Math.min(PREDICT_ROWS, x.rows - start);
      const values = tf.tidy(() => {
        const input = tf.tensor2d(x.values.subarray(start * x.columns, (start + rows) * x.columns), [
          rows,
          x.columns,
        ]);
        return forward(tf, tensorsOf(tf, layers), input).dataSync();
      });
      for (let row = 0; row < rows; row++) {
        const value = (values[row] ?? 0) * model.targetSd + model.targetMean;
        result[start + row] = (result[start + row] ?? 0) + value / model.members.length;
      }
    }
  }
  return result;
}

async function fitMember(
  tf: typeof Tf,
  x: Matrix,
  target: Float32Array,
  train: readonly number[],
  held: readonly number[],
  random: Random,
  settings: NetworkSettings,
): Promise<Member> {
  const layers = initialLayers([x.columns, ...settings.hidden, 1], random);
  const adam = new Adam(
    layers.flatMap(layer => [layer.weights, layer.biases]),
    settings.weightDecay,
  );
  const batches = Math.max(1, Math.floor(train.length / settings.batchRows));
  let best: Member = {layers: layers.map(copyLayer), bestEpoch: 0};
  let bestLoss = Number.POSITIVE_INFINITY;
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = random.shuffle(train);
    for (let batch = 0; batch < batches; batch++) {
      const chosen = order.slice(batch * settings.batchRows, (batch + 1) * settings.batchRows);
      const gradients = gradientsOf(tf, layers, x, target, chosen, settings.huberDelta);
      adam.step(gradients, settings.learningRate * schedule((epoch + batch / batches) / settings.epochs));
    }
    const loss = heldLoss(tf, layers, x, target, held);
    if (loss < bestLoss) {
      bestLoss = loss;
      best = {layers: layers.map(copyLayer), bestEpoch: epoch};
    }
    if (epoch - best.bestEpoch >= settings.patience) break;
    await tf.nextFrame();
  }
  return best;
}

/** Gradients of the mean Huber loss on the chosen rows: weights and biases of each layer in turn. */
function gradientsOf(
  tf: typeof Tf,
  layers: readonly Layer[],
  x: Matrix,
  target: Float32Array,
  chosen: readonly number[],
  huberDelta: number,
): Float32Array[] {
  return tf.tidy(() => {
    const rows = takeRows(x, chosen);
    const input = tf.tensor2d(rows.values, [rows.rows, rows.columns]);
    const wanted = tf.tensor1d(Float32Array.from(chosen, row => target[row] ?? 0));
    const loss = (...parameters: Tf.Tensor[]): Tf.Tensor => {
      const errors = tf.abs(tf.sub(forward(tf, parameters, input), wanted));
      const inside = tf.minimum(errors, huberDelta);
      // Huber: min(e, δ)² / 2δ + e − min(e, δ)
      return tf.mean(tf.add(tf.mul(tf.square(inside), 0.5 / huberDelta), tf.sub(errors, inside)));
    };
    return tf
      .grads(loss)(tensorsOf(tf, layers))
      .map(gradient => Float32Array.from(gradient.dataSync()));
  });
}

/** Mean absolute error, in standard deviations of the target. */
function heldLoss(
  tf: typeof Tf,
  layers: readonly Layer[],
  x: Matrix,
  target: Float32Array,
  held: readonly number[],
): number {
  const rows = takeRows(x, held);
  const predicted = tf.tidy(() =>
    forward(tf, tensorsOf(tf, layers), tf.tensor2d(rows.values, [rows.rows, rows.columns])).dataSync(),
  );
  let sum = 0;
  for (const [place, row] of held.entries()) sum += Math.abs((predicted[place] ?? 0) - (target[row] ?? 0));
  return sum / held.length;
}

/** [rows, columns] → [rows] */
function forward(tf: typeof Tf, parameters: readonly Tf.Tensor[], input: Tf.Tensor2D): Tf.Tensor1D {
  let layer: Tf.Tensor = input;
  for (let index = 0; index < parameters.length; index += 2) {
    const weights = parameters[index];
    const biases = parameters[index + 1];
    if (weights === undefined || biases === undefined) break;
    layer = tf.add(product(tf, layer, weights), biases);
    if (index + 2 < parameters.length) layer = tf.relu(layer);
  }
  return tf.reshape(layer, [input.shape[0]]);
}

/**
 * A matrix product whose gradients transpose explicitly: the WebAssembly backend multiplies transposed or batched
 * operands with a slow loop (measured 10 × slower than a transpose and a plain product).
 */
function product(tf: typeof Tf, left: Tf.Tensor, right: Tf.Tensor): Tf.Tensor {
  const withGradient = tf.customGrad((...operands) => {
    const [a, b, save] = operands as unknown as [Tf.Tensor2D, Tf.Tensor2D, Tf.GradSaveFunc];
    save([a, b]);
    return {
      value: tf.matMul(a, b),
      gradFunc: (upstream: Tf.Tensor, saved: Tf.Tensor[]) => {
        const [savedA, savedB] = saved as [Tf.Tensor2D, Tf.Tensor2D];
        return [tf.matMul(upstream, tf.transpose(savedB)), tf.matMul(tf.transpose(savedA), upstream)];
      },
    };
  });
  return withGradient(left, right);
}

function tensorsOf(tf: typeof Tf, layers: readonly Layer[]): Tf.Tensor[] {
  return layers.flatMap(({inputs, outputs, weights, biases}) => [
    tf.tensor2d(weights, [inputs, outputs]),
    tf.tensor1d(biases),
  ]);
}

/** He's initialisation; the last layer starts small, so that training starts at the mean. */
function initialLayers(widths: readonly number[], random: Random): Layer[] {
  return widths.slice(1).map((outputs, index) => {
    const inputs = widths[index] ?? 1;
    const scale = Math.sqrt((index === widths.length - 2 ? 0.1 : 2) / inputs);
    const weights = Float32Array.from({length: inputs * outputs}, () => scale * random.normal());
    return {inputs, outputs, weights, biases: new Float32Array(outputs)};
  });
}

function copyLayer(layer: Layer): Layer {
  return {...layer, weights: layer.weights.slice(), biases: layer.biases.slice()};
}

/** Share of the learning rate: warm-up over the first 5 %, then a cosine down to 1 %. `progress` 0–1. */
function schedule(progress: number): number {
  if (progress < 0.05) return 0.1 + (0.9 * progress) / 0.05;
  return 0.01 + 0.99 * 0.5 * (1 + Math.cos((Math.PI * (progress - 0.05)) / 0.95));
}
