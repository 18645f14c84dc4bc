import {describe, expect, test} from 'vitest';
import {type KnownStratum, STRATUM_SETTINGS, StratumMap} from '../../../src/lib/stratum.ts';

describe('guessing', () => {
  test('nearer blocks count more, and a block counts once however many homes it has', () => {
    const at = (longitude: number, stratum: number, blockCode: string): KnownStratum => ({
      latitude: 6.25,
      longitude,
      stratum,
      blockCode,
      neighbourhoodCode: null,
    });
    const near = at(-75.5701, 3, 'a');
    const crowd = Array.from({length: 9}, () => at(-75.575, 5, 'b'));
    const map = new StratumMap([near, ...crowd], STRATUM_SETTINGS[0]!);
    expect(map.guess(6.25, -75.57, null)).toMatchObject({stratum: 3});
    expect(map.guess(6.25, -75.5749, null)).toMatchObject({stratum: 5});
    expect(map.guess(6.4, -75.57, null)).toBeUndefined();
  });

  test('votes from across the river are no guess: a known home must be within 300 m, or 500 m in the same neighbourhood', () => {
    const homes = Array.from({length: 40}, (_, index) => ({
      latitude: 6.25,
      longitude: -75.57 - index * 1e-5,
      stratum: 3,
      blockCode: String(index),
      neighbourhoodCode: 'west',
    }));
    const map = new StratumMap(homes, STRATUM_SETTINGS[0]!);
    expect(map.guess(6.25, -75.5675, null)).toMatchObject({stratum: 3});
    expect(map.guess(6.25, -75.5672, null)).toBeUndefined();
    expect(map.guess(6.25, -75.5672, 'east')).toBeUndefined();
    expect(map.guess(6.25, -75.5672, 'west')).toMatchObject({stratum: 3});
    expect(map.guess(6.25, -75.5654, 'west')).toBeUndefined();
  });

  test('nine homes say nothing about a neighbourhood, ten do', () => {
    const homes = Array.from({length: 10}, () => ({
      latitude: 6.25,
      longitude: -75.57,
      stratum: 4,
      blockCode: null,
      neighbourhoodCode: 'few',
    }));
    const [settings] = STRATUM_SETTINGS;
    expect(new StratumMap(homes.slice(1), settings!).commonest('few')).toBeUndefined();
    expect(new StratumMap(homes, settings!).commonest('few')).toEqual({stratum: 4, share: 1});
  });
});
