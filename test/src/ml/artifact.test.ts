import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {ModelError, StorageError} from '../../../src/domain/errors.ts';
import {type Artifact, packArtifact, unpackArtifact} from '../../../src/ml/artifact.ts';
import {fitCalibration} from '../../../src/ml/calibrate.ts';
import {fitEncoder} from '../../../src/ml/features.ts';
import {loadModelFiles, saveModelFiles} from '../../../src/ml/model-store.ts';
import {joinGroups} from '../../../src/ml/split.ts';
import {knownWorld} from '../../support/housing-world.ts';

const rows = knownWorld({homes: 60, seed: 1});
const layer = {
  inputs: 2,
  outputs: 1,
  weights: Float32Array.from([0.1, -2.5]),
  biases: Float32Array.from([0.3]),
};
const artifact: Artifact = {
  modelId: 'sale-1-network',
  operation: 'sale',
  model: {
    encoder: fitEncoder(rows, joinGroups(rows), 1).encoder,
    parameters: {
      algorithm: 'network',
      network: {targetMean: 15, targetSd: 0.4, members: [{layers: [layer, layer], bestEpoch: 3}]},
    },
  },
  calibration: fitCalibration(
    rows.map(row => ({propertyType: row.propertyType, predicted: 20, actual: 20.1})),
  ),
  outOfFold: {'test:id:1': 20.125},
};

describe('packArtifact', () => {
  it('gives back what it was given', () => {
    expect(unpackArtifact(packArtifact(artifact, {note: 'x'}), 'here')).toEqual(artifact);
  });

  it('refuses damaged and foreign files with what to do', () => {
    const files = packArtifact(artifact, {});
    const without = (name: string) => new Map([...files].filter(([file]) => file !== name));
    expect(() => unpackArtifact(without('weights.bin'), 'here')).toThrow(
      /weights.bin is missing.*raiz stage train/,
    );
    const cut = new Map(files).set('weights.bin', files.get('weights.bin')!.slice(0, 8));
    expect(() => unpackArtifact(cut, 'here')).toThrow(/cut short/);
    const garbled = new Map(files).set('encoder.json', new TextEncoder().encode('{"attr'));
    expect(() => unpackArtifact(garbled, 'here')).toThrow(ModelError);
    const old = new Map(files).set('model.json', new TextEncoder().encode('{"version":0}'));
    expect(() => unpackArtifact(old, 'here')).toThrow(/version 0/);
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
