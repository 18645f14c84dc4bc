import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {ModelError, StorageError} from '../../../src/domain/errors.ts';
import {type Artifact, packArtifact, unpackArtifact} from '../../../src/ml/artifact.ts';
import {fitCalibration} from '../../../src/ml/calibrate.ts';
import {fitEncoder} from '../../../src/ml/features.ts';
import type {Forest} from '../../../src/ml/gbdt/forest.ts';
import {loadModelFiles, saveModelFiles} from '../../../src/ml/model-store.ts';
import type {NetworkModel} from '../../../src/ml/network.ts';
import {joinGroups} from '../../../src/ml/split.ts';
import {knownWorld} from '../../support/housing-world.ts';

const rows = knownWorld({homes: 60, seed: 1});
const network: NetworkModel = {
  targetMean: 15,
  targetSd: 0.4,
  columns: 2,
  pieces: [{column: 1, edges: [-1, 0.25, 2]}],
  members: 2,
  hidden: [],
  backbones: [
    {
      heldLosses: [0.5, 0.25],
      parameters: [
        {name: 'head/weights', shape: [2, 4], values: Float32Array.from([0.1, -2.5, 3, 4, 5, 6, 7, 8])},
        {name: 'head/bias', shape: [2], values: Float32Array.from([0.3, -0.1])},
      ],
    },
  ],
};
const forest: Forest = {
  base: 15.25,
  roots: Int32Array.from([0]),
  feature: Int16Array.from([0, -1, -1]),
  threshold: Float32Array.from([0.5, 0, 0]),
  missingLeft: Uint8Array.from([1, 0, 0]),
  left: Int32Array.from([1, 0, 0]),
  value: Float32Array.from([0, -0.25, 0.5]),
  cover: Int32Array.from([60, 40, 20]),
};
const artifact: Artifact = {
  modelId: 'sale-1-blend',
  operation: 'sale',
  model: {
    encoder: fitEncoder(rows, joinGroups(rows), 1).encoder,
    parameters: {
      algorithm: 'blend',
      parts: [
        {weight: 0.25, parameters: {algorithm: 'ridge_hedonic', ridge: {intercept: 15, weights: [0.5, -1]}}},
        {weight: 0.5, parameters: {algorithm: 'gbdt', columns: {at: [0], missingAt: [-1]}, forest}},
        {weight: 0.25, parameters: {algorithm: 'network', network}},
      ],
    },
  },
  calibration: fitCalibration(
    rows.map(row => ({row, predicted: 20, quantiles: null, actual: 20.1})),
    joinGroups(rows),
    1,
  ),
  spread: {
    model: {columns: {at: [0], missingAt: [-1]}, low: forest, high: {...forest, base: 15.75}},
    outOfFold: {'test:id:1': [19.875, 20.5]},
  },
  outOfFold: {'test:id:1': 20.125},
  explanation: {
    segments: {all: {rows: 60, typicalLog: 19.5, typicalAreaM2: 80, parts: [0.1, 4.4, 0, 0, 0]}},
    outOfFold: {'test:id:1': [0.2, 4.5, 0, 0, 0]},
  },
};

describe('packArtifact', () => {
  it('gives back what it was given', () => {
    expect(unpackArtifact(packArtifact(artifact, {note: 'x'}), 'here')).toEqual(artifact);
  });

  it.each([0, 1, 2])('gives back each kind of model by itself', part => {
    const {parameters} = artifact.model;
    const single = parameters.algorithm === 'blend' ? parameters.parts[part]!.parameters : parameters;
    const own = {
      ...artifact,
      model: {...artifact.model, parameters: single},
      explanation: null,
      spread: null,
    };
    expect(unpackArtifact(packArtifact(own, {}), 'here')).toEqual(own);
  });

  it('refuses damaged and foreign files with what to do', () => {
    const files = packArtifact(artifact, {});
    const without = (name: string) => new Map([...files].filter(([file]) => file !== name));
    expect(() => unpackArtifact(without('weights.bin'), 'here')).toThrow(
      /weights.bin is missing.*raiz stage train/,
    );
    const cut = new Map(files).set('weights.bin', files.get('weights.bin')!.slice(0, 8));
    expect(() => unpackArtifact(cut, 'here')).toThrow(/cut short/);
    const flipped = files.get('weights.bin')!.slice();
    flipped[5]! ^= 1;
    expect(() => unpackArtifact(new Map(files).set('weights.bin', flipped), 'here')).toThrow(
      /weights.bin is not what was saved.*raiz stage train/,
    );
    const cutTrees = new Map(files).set('trees.bin', files.get('trees.bin')!.slice(0, -1));
    expect(() => unpackArtifact(cutTrees, 'here')).toThrow(/trees.bin: .*raiz stage train/);
    const cutLow = new Map(files).set('trees-low.bin', files.get('trees-low.bin')!.slice(0, -1));
    expect(() => unpackArtifact(cutLow, 'here')).toThrow(/trees-low.bin: .*raiz stage train/);
    const garbled = new Map(files).set('encoder.json', new TextEncoder().encode('{"attr'));
    expect(() => unpackArtifact(garbled, 'here')).toThrow(ModelError);
    const old = new Map(files).set('model.json', new TextEncoder().encode('{"version":2}'));
    expect(() => unpackArtifact(old, 'here')).toThrow(/version 2, this program reads 3.*raiz stage train/);
  });
});

describe('saveModelFiles', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'raiz-models-'));
  });
  afterAll(() => rm(dataDir, {recursive: true, force: true}));

  it('writes a whole folder, replaces it, and leaves no partial one', async () => {
    await saveModelFiles(dataDir, 'one', packArtifact(artifact, {note: 'first'}));
    await saveModelFiles(dataDir, 'one', packArtifact(artifact, {note: 'second'}));
    expect(await readdir(join(dataDir, 'models'))).toEqual(['one']);
    const files = await loadModelFiles(dataDir, 'one');
    expect(unpackArtifact(files, 'one')).toEqual(artifact);
    expect(JSON.parse(new TextDecoder().decode(files.get('card.json')))).toEqual({note: 'second'});
  });

  it('says what to do when the folder is missing or can not be written', async () => {
    await expect(loadModelFiles(dataDir, 'nowhere')).rejects.toThrow(/Train again/);
    const blocked = join(dataDir, 'a-file');
    await writeFile(blocked, '');
    await expect(saveModelFiles(blocked, 'one', new Map())).rejects.toThrow(StorageError);
  });
});
