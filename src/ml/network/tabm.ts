/**
 * One network that stands for several (Gorishniy, Kotelnikov and Babenko 2024, "TabM"; its adapters: Wen, Tran and Ba
 * 2020, "BatchEnsemble"): members share the large weight matrices and differ by vectors that scale what goes into and
 * comes out of each layer. Each member is trained on its own loss; their mean is the prediction.
 *
 * Values of all members stand side by side in a row: [rows, members · width].
 */
import type * as Tf from '@tensorflow/tfjs-core';
import type {Random} from '../../lib/random.ts';
import {product, productOfData, scaleRows, shiftRows} from './kernels.ts';

/** One learned array, row-major. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface TabmShape {
  readonly inputs: number;
  readonly members: number;
  readonly hidden: readonly number[];
}

/** Names of a layer's arrays, in the order `forward` takes them. */
const LAYER = ['in', 'weights', 'out', 'bias'] as const;

/** Weights that the optimiser shrinks: the shared matrices and the heads, not the adapters. */
export function isDecayed(parameter: Parameter): boolean {
  return parameter.name.endsWith('weights');
}

/** He's initialisation; adapters start at 1, the first ones at ±1, so that members differ; heads start small. */
export function initialParameters({inputs, members, hidden}: TabmShape, random: Random): Parameter[] {
  const parameters: Parameter[] = [];
  const add = (name: string, shape: readonly number[], value: () => number): void => {
    const length = shape.reduce((size, side) => size * side, 1);
    parameters.push({name, shape, values: Float32Array.from({length}, value)});
  };
  for (const [layer, width] of hidden.entries()) {
    const before = hidden[layer - 1] ?? inputs;
    const scale = Math.sqrt(2 / before);
    const isFirst = layer === 0;
    add(`${layer}/in`, isFirst ? [before, members, 1] : [members * before], () =>
      isFirst && random.chance(0.5) ? -1 : 1,
    );
    add(`${layer}/weights`, [before, width], () => scale * random.normal());
    add(`${layer}/out`, [members * width], () => 1);
    add(`${layer}/bias`, [members * width], () => 0);
  }
  const last = hidden.at(-1) ?? inputs;
  add('head/weights', [members * last], () => Math.sqrt(0.1 / last) * random.normal());
  add('head/bias', [members], () => 0);
  return parameters;
}

/** [rows, inputs] → [rows, members]: each member's prediction. */
export function forward(
  tf: typeof Tf,
  {members, hidden}: TabmShape,
  tensors: readonly Tf.Tensor[],
  input: Tf.Tensor2D,
): Tf.Tensor2D {
  const rows = input.shape[0];
  const at = (layer: number, name: (typeof LAYER)[number]): Tf.Tensor =>
    tensorAt(tensors, layer * LAYER.length + LAYER.indexOf(name));
  let values: Tf.Tensor = input;
  for (const [layer, width] of hidden.entries()) {
    const weights = at(layer, 'weights');
    if (layer === 0) {
      // Scaling the weights' rows is scaling the inputs, and needs no copy of the inputs a member.
      const [before = 0] = weights.shape;
      const own = tf.mul(at(layer, 'in'), tf.reshape(weights, [before, 1, width]));
      values = productOfData(tf, input, tf.reshape(own, [before, members * width]));
    } else {
      const scaled = tf.reshape(scaleRows(tf, values, at(layer, 'in')), [rows * members, -1]);
      values = tf.reshape(product(tf, scaled, weights), [rows, members * width]);
    }
    values = tf.relu(shiftRows(tf, scaleRows(tf, values, at(layer, 'out')), at(layer, 'bias')));
  }
  const last = hidden.at(-1) ?? 1;
  const [headWeights, headBias] = [tensorAt(tensors, -2), tensorAt(tensors, -1)];
  const scaled = tf.reshape(scaleRows(tf, values, headWeights), [rows * members, last]);
  const summed = tf.reshape(product(tf, scaled, tf.ones([last, 1])), [rows, members]);
  return shiftRows(tf, summed, headBias) as Tf.Tensor2D;
}

export function toTensors(tf: typeof Tf, parameters: readonly Parameter[]): Tf.Tensor[] {
  return parameters.map(({values, shape}) => tf.tensor(values, [...shape]));
}

function tensorAt(tensors: readonly Tf.Tensor[], index: number): Tf.Tensor {
  const tensor = tensors.at(index);
  if (tensor === undefined) throw new RangeError(`network without its array ${index}`);
  return tensor;
}
