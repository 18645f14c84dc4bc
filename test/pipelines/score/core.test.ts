import {describe, expect, it} from 'vitest';
import {judgeResidual, type ScoreReference, scoreListing} from '../../../pipelines/score/core.ts';
import type {AnomalyKind} from '../../../src/domain/vocabulary.ts';
import {createRandom} from '../../../src/lib/random.ts';
import {fitCalibration} from '../../../src/ml/calibrate.ts';
import {indexComparables} from '../../../src/ml/comparables.ts';
import {cautionFacts, featureRow} from '../../support/housing-world.ts';

const random = createRandom(1);
const MID = 400_000_000;
const reference: ScoreReference = {
  statedPlaces: new Map(),
  explanation: {
    segments: {
      apartment: {
        ...{rows: 500, typicalLog: Math.log(350_000_000), typicalAreaM2: 75},
        parts: [0, 0, 4.3, 0, 0, 0, 0, 0],
      },
    },
    outOfFold: {},
  },
  calibration: fitCalibration(
    Array.from({length: 500}, () => {
      const predicted = Math.log(MID) + 0.3 * random.normal();
      return {row: featureRow(), predicted, quantiles: null, actual: predicted + 0.1 * random.normal()};
    }),
    Int32Array.from({length: 500}, (_, index) => index),
    1,
  ),
  comparables: indexComparables(
    Array.from({length: 12}, (_, index) => featureRow({groupId: `near-${index}`, areaM2: 78 + (index % 5)})),
  ),
};

function score(
  priceCop: number,
  changes: object = {},
  more: {parts?: number[]; areaResidual?: number; facts?: object} = {},
) {
  const row = featureRow({groupId: 'asked', priceCop, ...changes});
  const residual = Math.log(priceCop / MID);
  const {areaResidual = 0, parts = null, facts = {}} = more;
  const strayed = {residual, z: residual / 0.1, areaResidual, oddity: Math.abs(residual) / 0.1};
  return scoreListing(
    {row, modelId: 'm', predicted: Math.log(MID), quantiles: null, isOutOfFold: true, parts},
    {strayed, facts: cautionFacts(facts)},
    reference,
  );
}

describe('scoreListing', () => {
  it('gives the range, the gap and the standardised residual', () => {
    const {lowCop, midCop, highCop, gapPct, residualZ, anomaly, comparables} = score(MID * 0.95);
    expect(midCop).toBe(MID);
    // The 80 % range of a normal with sd 0.1 is ± 0.128.
    expect(Math.log(highCop / MID)).toBeCloseTo(0.128, 1);
    expect(lowCop * highCop).toBeCloseTo(MID ** 2, -11);
    expect(gapPct).toBeCloseTo(-5, 9);
    expect(residualZ).toBeCloseTo(-0.513, 3);
    expect({anomaly, comparables}).toEqual({anomaly: 'none', comparables: 12});
  });

  it('tells bargains, dear homes and errors apart', () => {
    expect(score(MID * 0.7).anomaly).toBe('below_normal');
    expect(score(MID * 1.4).anomaly).toBe('above_normal');
    expect(score(MID / 1000).anomaly).toBe('error_candidate');
    expect(score(MID * 10).anomaly).toBe('error_candidate');
    expect(score(MID * 0.7).reasons.map(({code}) => code)).toEqual(['below_range', 'below_comparables']);
  });

  it('says what the expected price is made of, when the model can', () => {
    const {reasons} = score(
      MID,
      {},
      {
        parts: [0.05, 0, 4.3 + Math.log(MID / 350_000_000) - 0.05, 0, 0, 0, 0, 0],
      },
    );
    expect(reasons.slice(-3)).toEqual([
      {
        code: 'typical_price',
        text: 'Un apartamento típico (75 m²) se pide en 350 M; este se espera en 400 M',
      },
      {code: 'price_area', text: 'Área: +31 M'},
      {code: 'price_location', text: 'Ubicación y precios cercanos: +19 M'},
    ]);
    expect(score(MID).reasons.map(({code}) => code)).not.toContain('typical_price');
  });

  it('calls an area error what price, rooms and place contradict, however usual the price is', () => {
    const {anomaly, reasons, redFlags} = score(MID, {areaM2: 800}, {areaResidual: Math.log(10)});
    expect(anomaly).toBe('error_candidate');
    expect(reasons[0]).toEqual({
      code: 'likely_area_error',
      text: 'Dice 800 m²; por precio, espacios y lugar se esperan unos 80 m²: parece un error de área',
    });
    expect(redFlags.map(({code}) => code)).toContain('odd_area');
  });

  it('keeps red flags apart from reasons', () => {
    const {reasons, redFlags} = score(MID * 0.7, {isSharedPin: true}, {facts: {isAuction: true}});
    expect(redFlags.map(({code}) => code)).toEqual(['auction', 'shared_pin']);
    expect(reasons.map(({code}) => code)).not.toContain('shared_pin');
  });

  it('claims no bargain without comparables, but still an error', () => {
    const alone = {neighbourhood: 'Nowhere', latitude: 6.4, longitude: -75.4};
    expect(score(MID * 0.7, alone)).toMatchObject({anomaly: 'none', comparables: 0});
    expect(score(MID * 0.7, alone).reasons.map(({code}) => code)).toContain('few_comparables');
    expect(score(MID * 0.01, alone).anomaly).toBe('error_candidate');
  });
});

describe('judgeResidual', () => {
  it.each([
    [-0.2, -1.9, 20, 0.8, 'none'],
    [-0.14, -3, 20, 0.8, 'none'],
    [-0.2, -2.1, 20, 0.8, 'below_normal'],
    [-0.2, -2.1, 20, 1.1, 'none'],
    [-0.2, -2.1, 7, 0.8, 'none'],
    [-0.51, -8, 20, 0.8, 'below_normal'],
    [-0.7, -3.4, 20, 0.8, 'below_normal'],
    [-0.7, -3.6, 0, 0.8, 'error_candidate'],
    [0.3, 2.5, 20, 1.3, 'above_normal'],
    [0.3, 2.5, 20, 0.9, 'none'],
    [2.3, 12, 20, 9, 'error_candidate'],
    [-0.1, -0.5, 20, 0.1, 'error_candidate', Math.log(4)],
    [-0.2, -2.1, 20, 0.8, 'below_normal', -1.38],
  ] as [number, number, number, number, AnomalyKind, number?][])(
    'residual %f, z %f, %i comparables, %f of their price: %s',
    (residual, z, count, ratio, anomaly, areaResidual = 0) => {
      expect(
        judgeResidual(
          residual,
          z,
          {count, medianPerM2: 5_000_000, radiusM: 1500},
          ratio * 5_000_000,
          areaResidual,
        ),
      ).toBe(anomaly);
    },
  );
});
