import {describe, expect, it} from 'vitest';
import {logPricePerM2} from '../../../src/ml/features.ts';
import {fitPlaceMedians, predictPlaceMedian} from '../../../src/ml/naive.ts';
import {featureRow} from '../../support/housing-world.ts';

describe('predictPlaceMedian', () => {
  const at = (perM2: number, changes: object) => featureRow({areaM2: 100, priceCop: perM2 * 100, ...changes});
  const rows = [
    ...[4, 5, 6, 5, 5].map(perM2 => at(perM2, {neighbourhood: 'Laureles', stratum: 5})),
    ...[2, 2].map(perM2 => at(perM2, {neighbourhood: 'Laureles', stratum: 4})),
    ...[1, 1, 1, 1, 1].map(perM2 => at(perM2, {neighbourhood: 'Manrique', district: 'Manrique', stratum: 2})),
  ];
  const medians = fitPlaceMedians(rows, logPricePerM2(rows));
  const perM2 = (changes: object) => Math.exp(predictPlaceMedian(medians, featureRow(changes)));

  it('takes barrio × estrato with five rows, else the barrio, else wider', () => {
    expect(perM2({neighbourhood: 'LAURELES', stratum: 5})).toBeCloseTo(5, 9);
    expect(perM2({neighbourhood: 'Laureles', stratum: 4})).toBeCloseTo(5, 9);
    expect(perM2({neighbourhood: 'Conquistadores', stratum: 4})).toBeCloseTo(5, 9);
    expect(perM2({municipality: 'Bello', district: null, neighbourhood: null, stratum: 2})).toBeCloseTo(1, 9);
    expect(perM2({municipality: null, district: null, neighbourhood: null, stratum: null})).toBeCloseTo(2, 9);
  });
});
