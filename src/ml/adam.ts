const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019) on plain arrays, which it changes in place.
 *
 * TensorFlow.js's own Adam runs a dozen kernels a variable: for networks this small they cost more than the network.
 */
export class Adam {
  readonly #parameters: readonly Float32Array[];
  readonly #first: readonly Float32Array[];
  readonly #second: readonly Float32Array[];
  readonly #decays: readonly number[];
  #steps = 0;

  /** @param decays for each array: share of a weight that is lost a step, times the learning rate. */
  constructor(parameters: readonly Float32Array[], decays: readonly number[]) {
    this.#parameters = parameters;
    this.#first = parameters.map(values => new Float32Array(values.length));
    this.#second = parameters.map(values => new Float32Array(values.length));
    this.#decays = decays;
  }

  step(gradients: readonly Float32Array[], learningRate: number): void {
    this.#steps += 1;
    const scale1 = 1 - BETA1 ** this.#steps;
    const scale2 = 1 - BETA2 ** this.#steps;
    for (const [index, values] of this.#parameters.entries()) {
      const gradient = gradients[index];
      const first = this.#first[index];
      const second = this.#second[index];
      const decay = this.#decays[index] ?? 0;
      if (gradient === undefined || first === undefined || second === undefined) continue;
      for (let place = 0; place < values.length; place++) {
        const slope = gradient[place] ?? 0;
        const m = BETA1 * (first[place] ?? 0) + (1 - BETA1) * slope;
        const v = BETA2 * (second[place] ?? 0) + (1 - BETA2) * slope * slope;
        first[place] = m;
        second[place] = v;
        const value = values[place] ?? 0;
        values[place] =
          value - learningRate * (m / scale1 / (Math.sqrt(v / scale2) + EPSILON) + decay * value);
      }
    }
  }
}
