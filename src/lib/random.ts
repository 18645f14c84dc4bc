/**
 * Seeded pseudo-random numbers: the same seed gives the same sequence on every machine.
 * Generator sfc32 (Chris Doty-Humphrey's PractRand), seeded by FNV-1a and splitmix32.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform whole number, both ends included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  normal(mean?: number, deviation?: number): number;
  /** Throws RangeError on an empty list. */
  pick<T>(choices: readonly T[]): T;
  /** Picks by weight; weights need not sum to 1. Throws RangeError on an empty list. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T;
  /** A shuffled copy. */
  shuffle<T>(values: readonly T[]): T[];
  /** An independent generator for one purpose: drawing from it leaves this one where it is. */
  fork(label: string | number): Random;
}

/** 32-bit FNV-1a of the UTF-16 code units, finished so that similar texts differ in every bit. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return splitmix32(hash)();
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

function sfc32(seed: number): () => number {
  const word = splitmix32(seed);
  let a = word();
  let b = word();
  let c = word();
  let counter = 1;
  const step = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) step();
  return step;
}

export function createRandom(seed: number | string): Random {
  const draw = sfc32(hash32(String(seed)));
  const next = (): number => draw() / 4294967296;

  const random: Random = {
    next,
    between: (low, high) => low + (high - low) * next(),
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: probability => next() < probability,
    normal: (mean = 0, deviation = 1) => {
      // Box–Muller; 1 − u is never 0.
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      return mean + deviation * radius * Math.cos(2 * Math.PI * next());
    },
    pick: choices => {
      const chosen = choices[Math.floor(next() * choices.length)];
      if (chosen === undefined)
        throw new RangeError('random.pick: the list is empty; pass at least one choice');
      return chosen;
    },
    weighted: choices => {
      let rest = next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [choice, weight] of choices) {
        rest -= weight;
        if (rest < 0) return choice;
      }
      const last = choices.at(-1);
      if (last === undefined)
        throw new RangeError('random.weighted: the list is empty; pass at least one choice');
      return last[0];
    },
    shuffle: values => {
      const keyed = values.map(value => ({value, key: next()}));
      return keyed.sort((left, right) => left.key - right.key).map(({value}) => value);
    },
    fork: label => createRandom(`${seed}/${label}`),
  };
  return random;
}
