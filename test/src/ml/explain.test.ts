import {describe, expect, it} from 'vitest';
import type {FittedParameters, Parameters} from '../../../src/ml/algorithms.ts';
import {
  blendParts,
  type Explanation,
  explainDifference,
  explainLogPrices,
  fitExplanation,
  PRICE_PARTS,
} from '../../../src/ml/explain.ts';
import {joinTrees} from '../../../src/ml/gbdt/forest.ts';
import type {NetworkModel} from '../../../src/ml/network.ts';
import {featureRow} from '../../support/housing-world.ts';

const COLUMNS = ['log_area', 'mean_place', 'x', 'age', 'age_missing', 'amenity_piscina', 'log_admin_fee'];
const matrix = {rows: 1, columns: 7, values: Float32Array.from([1, 2, 0, 3, 0, 1, 0.5])};
const home = featureRow({areaM2: 100});
const UNTRAINED: NetworkModel = {
  targetMean: 0,
  targetSd: 1,
  columns: 0,
  pieces: [],
  members: 1,
  hidden: [],
  backbones: [],
};
const RIDGE: FittedParameters = {
  algorithm: 'ridge_hedonic',
  ridge: {intercept: 15, weights: [-0.25, 0.5, 1, 0.125, 9, 0.0625, 0.5]},
};
const GBDT: FittedParameters = {
  algorithm: 'gbdt',
  columns: {at: [1], missingAt: [-1]},
  forest: joinTrees(
    [
      {
        count: 3,
        nodes: {
          feature: Int16Array.from([0, -1, -1]),
          threshold: Float32Array.from([1, 0, 0]),
          missingLeft: new Uint8Array(3),
          left: Int32Array.from([1, 0, 0]),
          value: Float32Array.from([0, 0, 1]),
          cover: Int32Array.from([2, 1, 1]),
        },
      },
    ],
    15,
  ),
};

describe('explainLogPrices', () => {
  const explain = (parameters: Parameters) => explainLogPrices(parameters, [home], matrix, COLUMNS);

  it('is weight × value for a line, the area itself counted as size', () => {
    const [location, size, condition, amenities, fees] = explain(RIDGE)!;
    expect([location, condition, amenities, fees]).toEqual([1, 0.375, 0.0625, 0.25]);
    expect(size).toBeCloseTo(Math.log(100) - 0.25, 9);
  });

  it('is TreeSHAP for trees', () => {
    const [location, size] = explain(GBDT)!;
    expect(location).toBe(0.5);
    expect(size).toBeCloseTo(Math.log(100), 9);
  });

  it('lets the parts of a blend that can say speak, and a network alone not', () => {
    const network: FittedParameters = {algorithm: 'network', network: UNTRAINED};
    const parts = [
      {weight: 0.25, parameters: RIDGE},
      {weight: 0.25, parameters: GBDT},
      {weight: 0.5, parameters: network},
    ];
    expect(explain({algorithm: 'blend', parts})![0]).toBeCloseTo(0.75, 6);
    expect(explain(network)).toBeNull();
  });
});

describe('blendParts', () => {
  it('falls back on members without weight, and on nothing without members', () => {
    const parts = Float64Array.from([2, 4]);
    expect([
      ...blendParts([
        {weight: 0, parts},
        {weight: 1, parts: null},
      ])!,
    ]).toEqual([2, 4]);
    expect(blendParts([{weight: 1, parts: null}])).toBeNull();
  });
});

describe('fitExplanation', () => {
  const rows = Array.from({length: 60}, (_, index) => {
    return featureRow({listingId: `id:${index}`, propertyType: index < 50 ? 'apartment' : 'house'});
  });
  const predicted = Float64Array.from(rows, (_, index) => (index < 50 ? 19 + (index % 2) : 21));
  const parts = Float64Array.from({length: 60 * PRICE_PARTS.length}, (_, at) => at % PRICE_PARTS.length);

  it('gives each type with enough rows, and all rows, a typical price', () => {
    const {segments, outOfFold} = fitExplanation(rows, predicted, parts);
    expect(Object.keys(segments)).toEqual(['all', 'apartment']);
    expect(segments.apartment).toMatchObject({rows: 50, typicalLog: 19.5, parts: [0, 1, 2, 3, 4]});
    expect(segments.apartment!.typicalAreaM2).toBeCloseTo(80, 9);
    expect(outOfFold['id:3']).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('explainDifference', () => {
  const explanation: Explanation = {
    segments: {
      all: {rows: 500, typicalLog: Math.log(3e8), typicalAreaM2: 80, parts: [0.5, 4, 0, 0.25, 0]},
    },
    outOfFold: {},
  };

  it('gives pesos that add up to the price less the typical one', () => {
    const predicted = Math.log(4.5e8);
    const difference = explainDifference(explanation, home, predicted, [0.75, 4.25, -0.125, 0.25, 0]);
    const {typicalCop, isOwnType, parts, restCop} = difference;
    expect(typicalCop).toBeCloseTo(3e8, -1);
    expect(isOwnType).toBe(false);
    expect(parts.reduce((sum, {cop}) => sum + cop, restCop)).toBeCloseTo(1.5e8, -1);
    // A log unit is worth (450 − 300) / ln 1.5 = 369.9 millions.
    expect(parts[0]!.cop / 1e6).toBeCloseTo(0.25 * 369.945, 1);
    expect(parts.map(({cop}) => Math.sign(cop))).toEqual([1, 1, -1, 0, 0]);
  });

  it('is well defined at the typical price itself', () => {
    const {parts, restCop} = explainDifference(explanation, home, Math.log(3e8), [0.75, 3.75, 0, 0.25, 0]);
    expect(parts[0]!.cop).toBeCloseTo(0.25 * 3e8, -2);
    expect(Math.abs(parts.reduce((sum, {cop}) => sum + cop, restCop))).toBeLessThan(1);
  });
});
