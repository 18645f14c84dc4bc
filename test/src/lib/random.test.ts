import {describe, expect, it} from 'vitest';
import {createRandom, hash32} from '../../../src/lib/random.ts';

const draws = (seed: string | number, count: number): number[] => {
  const random = createRandom(seed);
  return Array.from({length: count}, () => random.next());
};

describe('createRandom', () => {
  it('gives the same sequence for the same seed and another for another', () => {
    expect(draws('a', 50)).toEqual(draws('a', 50));
    expect(draws('a', 50)).not.toEqual(draws('b', 50));
    expect(draws(1, 5)).toEqual(draws('1', 5));
  });

  it('is uniform: mean, variance and deciles', () => {
    const values = draws('uniform', 20_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
    for (let decile = 0; decile < 10; decile += 1) {
      const share = values.filter(value => Math.floor(value * 10) === decile).length / values.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.012);
    }
  });

  it('draws normal values with the asked mean and deviation', () => {
    const random = createRandom('normal');
    const values = Array.from({length: 20_000}, () => random.normal(10, 2));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean - 10)).toBeLessThan(0.06);
    expect(Math.abs(deviation - 2)).toBeLessThan(0.06);
  });

  it('includes both ends of int and neither passes them', () => {
    const random = createRandom('int');
    const seen = new Set(Array.from({length: 500}, () => random.int(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  });

  it('weighs choices', () => {
    const random = createRandom('weights');
    const picks = Array.from({length: 5000}, () =>
      random.weighted([
        ['rare', 1],
        ['common', 9],
        ['never', 0],
      ]),
    );
    expect(picks.filter(word => word === 'never')).toHaveLength(0);
    expect(Math.abs(picks.filter(word => word === 'rare').length / 5000 - 0.1)).toBeLessThan(0.02);
  });

  it('shuffles a copy and keeps every value', () => {
    const random = createRandom('shuffle');
    const values = Array.from({length: 30}, (_, index) => index);
    const shuffled = random.shuffle(values);
    expect(shuffled).not.toEqual(values);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(values);
    expect(values[0]).toBe(0);
  });

  it('forks without moving the parent, one stream a label', () => {
    const parent = createRandom('parent');
    const before = createRandom('parent').next();
    const left = parent.fork('left');
    expect(left.next()).not.toBe(parent.fork('right').next());
    expect(parent.next()).toBe(before);
    expect(createRandom('parent').fork('left').next()).toBe(createRandom('parent/left').next());
  });

  it('refuses to pick from nothing', () => {
    const random = createRandom('empty');
    expect(() => random.pick([])).toThrow(RangeError);
    expect(() => random.weighted([])).toThrow(RangeError);
  });
});

describe('hash32', () => {
  it('is stable and tells near texts apart in many bits', () => {
    expect(hash32('listing/1')).toBe(hash32('listing/1'));
    const difference = (hash32('listing/1') ^ hash32('listing/2')) >>> 0;
    expect(difference.toString(2).replaceAll('0', '').length).toBeGreaterThan(6);
  });
});
