import {describe, expect, it} from 'vitest';
import type {FeatureRow} from '../../../src/domain/model.ts';
import type {FittedParameters, Parameters} from '../../../src/ml/algorithms.ts';
import {
  blendParts,
  type Explanation,
  explainDifference,
  explainLogPrices,
  fitExplanation,
  PRICE_PARTS,
  partOfColumn,
} from '../../../src/ml/explain.ts';
import {encoderColumns, fitEncoder} from '../../../src/ml/features.ts';
import {joinTrees} from '../../../src/ml/gbdt/forest.ts';
import type {NetworkModel} from '../../../src/ml/network.ts';
import {joinGroups} from '../../../src/ml/split.ts';
import {featureRow, knownWorld} from '../../support/housing-world.ts';

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

  const named = (parts: Float64Array) => Object.fromEntries(PRICE_PARTS.map((part, at) => [part, parts[at]]));

  it('is weight × value for a line, the area itself counted as area', () => {
    const {area, ...others} = named(explain(RIDGE)!);
    expect(others).toEqual({
      ...{location: 1, stratum: 0, rooms: 0, condition: 0.375, amenities: 0.0625, text: 0, fees: 0.25},
    });
    expect(area).toBeCloseTo(Math.log(100) - 0.25, 9);
  });

  it('is TreeSHAP for trees', () => {
    const {location, area} = named(explain(GBDT)!);
    expect(location).toBe(0.5);
    expect(area).toBeCloseTo(Math.log(100), 9);
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

describe('partOfColumn', () => {
  it('knows what every column of the encoder speaks of', () => {
    const rows = knownWorld({homes: 250, seed: 1}).map((row, index) => ({
      ...row,
      floor: index % 9,
      ageYearsMin: index % 30,
      adminFeeCop: 200_000 + index,
      condition: index % 2 === 0 ? 'used' : 'new',
      description: index % 2 === 0 ? 'con balcón y piscina' : 'remodelado',
    }));
    const columns = encoderColumns(fitEncoder(rows, joinGroups(rows), 1).encoder);
    expect(columns.filter(column => partOfColumn(column) === undefined)).toEqual([]);
    expect(new Set(columns.map(partOfColumn))).toEqual(new Set(PRICE_PARTS));
  });
});

const PARTS = PRICE_PARTS.length;

describe('fitExplanation', () => {
  const rows = Array.from({length: 60}, (_, index) => {
    const neighbourhood = index < 35 ? 'Laureles' : 'Belén';
    return featureRow({
      listingId: `id:${index}`,
      neighbourhood,
      propertyType: index < 50 ? 'apartment' : 'house',
    });
  });
  const predicted = Float64Array.from(rows, (_, index) => (index < 50 ? 19 + (index % 2) : 21));
  const parts = Float64Array.from({length: 60 * PARTS}, (_, at) => at % PARTS);

  it('gives each type and each of its places with enough rows, and all rows, a typical price', () => {
    const {segments, outOfFold} = fitExplanation(rows, predicted, parts);
    expect(Object.keys(segments).sort()).toEqual([
      'all',
      'apartment',
      'apartment@d:medellin/laureles estadio',
      'apartment@m:medellin',
      'apartment@n:medellin/laureles',
    ]);
    expect(segments.apartment).toMatchObject({rows: 50, typicalLog: 19.5, parts: [...PRICE_PARTS.keys()]});
    expect(segments.apartment!.typicalAreaM2).toBeCloseTo(80, 9);
    expect(outOfFold['id:3']).toEqual([...PRICE_PARTS.keys()]);
  });

  it('compares with the narrowest place that has enough adverts of the type', () => {
    const explanation = fitExplanation(rows, predicted, parts);
    const typical = (changes: Partial<FeatureRow>) => {
      const {place, typicalRows, isOwnType} = explainDifference(explanation, featureRow(changes), 19, []);
      return {place, typicalRows, isOwnType};
    };
    expect(typical({})).toEqual({place: 'Laureles', typicalRows: 35, isOwnType: true});
    expect(typical({neighbourhood: 'Belén'})).toMatchObject({place: 'Laureles - Estadio', typicalRows: 50});
    expect(typical({neighbourhood: null, district: null})).toMatchObject({place: 'Medellín'});
    expect(typical({municipality: 'Bello'})).toMatchObject({place: null, typicalRows: 50, isOwnType: true});
    expect(typical({propertyType: 'house'})).toMatchObject({place: null, typicalRows: 60, isOwnType: false});
  });
});

describe('explainDifference', () => {
  const parts = (location: number, area: number, condition = 0) => [
    location,
    0,
    area,
    0,
    condition,
    0.25,
    0,
    0,
  ];
  const explanation: Explanation = {
    segments: {
      all: {rows: 500, typicalLog: Math.log(3e8), typicalAreaM2: 80, parts: parts(0.5, 4)},
    },
    outOfFold: {},
  };

  it('gives pesos that add up to the price less the typical one', () => {
    const difference = explainDifference(explanation, home, Math.log(4.5e8), parts(0.75, 4.25, -0.125));
    const {typicalCop, isOwnType, restCop} = difference;
    expect(typicalCop).toBeCloseTo(3e8, -1);
    expect(isOwnType).toBe(false);
    expect(difference.parts.reduce((sum, {cop}) => sum + cop, restCop)).toBeCloseTo(1.5e8, -1);
    // A log unit is worth (450 − 300) / ln 1.5 = 369.9 millions.
    expect(difference.parts[0]!.cop / 1e6).toBeCloseTo(0.25 * 369.945, 1);
    expect(difference.parts.map(({cop}) => Math.sign(cop))).toEqual([1, 0, 1, 0, -1, 0, 0, 0]);
  });

  it('is well defined at the typical price itself', () => {
    const difference = explainDifference(explanation, home, Math.log(3e8), parts(0.75, 3.75));
    expect(difference.parts[0]!.cop).toBeCloseTo(0.25 * 3e8, -2);
    const sum = difference.parts.reduce((total, {cop}) => total + cop, difference.restCop);
    expect(Math.abs(sum)).toBeLessThan(1);
  });
});
