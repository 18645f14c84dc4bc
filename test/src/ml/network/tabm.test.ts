import type * as Tf from '@tensorflow/tfjs-core';
import {beforeAll, describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {loadBackend} from '../../../../src/ml/backend.ts';
import {forward, initialParameters, isDecayed, toTensors} from '../../../../src/ml/network/tabm.ts';

const SHAPE = {inputs: 3, members: 2, hidden: [4, 5]};
const INPUT = [
  [0.5, -1, 2],
  [1, 0.25, -0.5],
];

/** Every parameter random, so that none hides behind a 1 or a 0. */
function randomParameters() {
  const random = createRandom(3);
  return initialParameters(SHAPE, random).map(parameter => {
    return {...parameter, values: parameter.values.map(() => random.normal())};
  });
}

/** What member m predicts for a row, by the definition: ((x ∘ r) W) ∘ s + b. */
function predictByHand(parameters: ReturnType<typeof randomParameters>, row: number[], member: number) {
  const of = (name: string) => [...parameters.find(parameter => parameter.name === name)!.values];
  let values = row;
  for (const [layer, width] of SHAPE.hidden.entries()) {
    const before = values.length;
    const [scales, weights, out, bias] = ['in', 'weights', 'out', 'bias'].map(name => of(`${layer}/${name}`));
    const scaleOf = (input: number) =>
      layer === 0 ? scales![input * SHAPE.members + member]! : scales![member * before + input]!;
    values = Array.from({length: width}, (_, output) => {
      const sum = values.reduce(
        (total, value, input) => total + value * scaleOf(input) * weights![input * width + output]!,
        0,
      );
      return Math.max(0, sum * out![member * width + output]! + bias![member * width + output]!);
    });
  }
  const head = of('head/weights').slice(member * values.length, (member + 1) * values.length);
  return values.reduce((sum, value, at) => sum + value * head[at]!, of('head/bias')[member]!);
}

describe('forward', () => {
  let tf: typeof Tf;
  beforeAll(async () => {
    ({tf} = await loadBackend());
  });

  it('is the layer of the paper, for each member', () => {
    const parameters = randomParameters();
    const values = tf.tidy(() => {
      return forward(tf, SHAPE, toTensors(tf, parameters), tf.tensor2d(INPUT)).arraySync();
    });
    for (const [at, row] of INPUT.entries()) {
      for (let member = 0; member < SHAPE.members; member++) {
        expect(values[at]![member]).toBeCloseTo(predictByHand(parameters, row, member), 4);
      }
    }
  });

  it('has the gradients that small steps show', () => {
    const parameters = randomParameters();
    const sumOf = (tensors: Tf.Tensor[]): Tf.Scalar => {
      return tf.sum(tf.square(forward(tf, SHAPE, tensors, tf.tensor2d(INPUT))));
    };
    const lossAt = (changed: typeof parameters): number => {
      return tf.tidy(() => sumOf(toTensors(tf, changed)).dataSync()[0]!);
    };
    const gradients = tf.tidy(() => {
      return tf
        .grads((...tensors: Tf.Tensor[]) => sumOf(tensors))(toTensors(tf, parameters))
        .map(gradient => [...gradient.dataSync()]);
    });
    for (const [index, {values}] of parameters.entries()) {
      for (const place of values.keys()) {
        const moved = (step: number) =>
          parameters.map((parameter, own) => {
            if (own !== index) return parameter;
            return {...parameter, values: values.map((value, at) => (at === place ? value + step : value))};
          });
        const slope = (lossAt(moved(1e-3)) - lossAt(moved(-1e-3))) / 2e-3;
        const gradient = gradients[index]![place]!;
        expect(Math.abs(gradient - slope)).toBeLessThan(0.02 * Math.max(1, Math.abs(slope)));
      }
    }
  });
});

describe('initialParameters', () => {
  it('starts members apart by signs alone, and decays matrices, not adapters', () => {
    const parameters = initialParameters(SHAPE, createRandom(1));
    const of = (name: string) => new Set(parameters.find(parameter => parameter.name === name)!.values);
    expect(of('0/in')).toEqual(new Set([1, -1]));
    for (const name of ['0/out', '1/in', '1/out']) expect(of(name)).toEqual(new Set([1]));
    expect(parameters.filter(isDecayed).map(({name}) => name)).toEqual([
      '0/weights',
      '1/weights',
      'head/weights',
    ]);
  });
});
