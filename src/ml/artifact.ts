/** A stored model as files, and back. Pure: bytes in, bytes out. */
import {createHash} from 'node:crypto';
import {ModelError} from '../domain/errors.ts';
import type {Operation} from '../domain/vocabulary.ts';
import type {FittedParameters, Parameters, PriceModel} from './algorithms.ts';
import type {Calibration} from './calibrate.ts';
import type {Explanation} from './explain.ts';
import {type Forest, packForest, unpackForest} from './gbdt/forest.ts';
import type {Parameter} from './network/tabm.ts';
import type {NetworkModel} from './network.ts';
import type {SpreadModel} from './spread.ts';

/** Raise when the files change their meaning: older ones are then refused. */
export const ARTIFACT_VERSION = 3;

/** Everything scoring needs. */
export interface Artifact {
  readonly modelId: string;
  readonly operation: Operation;
  readonly model: PriceModel;
  readonly calibration: Calibration;
  /** Null when the ranges need no quantiles. */
  readonly spread: Spread | null;
  /** Log COP of each training listing, predicted by folds that never saw its home. */
  readonly outOfFold: Readonly<Record<string, number>>;
  /** Null when the model can't say what a price is made of. */
  readonly explanation: Explanation | null;
}

interface Spread {
  readonly model: SpreadModel;
  /** Low and high quantile of each training listing, log COP, by folds that never saw its home. */
  readonly outOfFold: Readonly<Record<string, readonly [low: number, high: number]>>;
}

export type ArtifactFiles = ReadonlyMap<string, Uint8Array>;

/** Arrays as they stand in `weights.bin`, one after the other, 32-bit little-endian. */
interface NetworkShape extends Omit<NetworkModel, 'backbones'> {
  readonly backbones: readonly {
    readonly heldLosses: readonly number[];
    readonly parameters: readonly Omit<Parameter, 'values'>[];
  }[];
  /** Of `weights.bin`: a flipped bit is as wrong as a missing byte, and harder to see. */
  readonly sha256: string;
}

/** Parameters without their large arrays: `weights.bin` holds the network's, `trees.bin` the forest's. */
type StoredPart =
  | Exclude<FittedParameters, {algorithm: 'network' | 'gbdt'}>
  | {readonly algorithm: 'network'; readonly shape: NetworkShape}
  | Omit<Extract<FittedParameters, {algorithm: 'gbdt'}>, 'forest'>;

interface Manifest {
  readonly version: number;
  readonly modelId: string;
  readonly operation: Operation;
  readonly parameters:
    | StoredPart
    | {
        readonly algorithm: 'blend';
        readonly parts: readonly {readonly weight: number; readonly parameters: StoredPart}[];
      };
}

export function packArtifact(artifact: Artifact, card: Readonly<Record<string, unknown>>): ArtifactFiles {
  const {parameters, encoder} = artifact.model;
  const {modelId, operation, calibration, spread, outOfFold, explanation} = artifact;
  const files = new Map<string, Uint8Array>();
  const stored: Manifest['parameters'] =
    parameters.algorithm === 'blend'
      ? {
          algorithm: 'blend',
          parts: parameters.parts.map(({weight, parameters: part}) => ({
            weight,
            parameters: storePart(part, files),
          })),
        }
      : storePart(parameters, files);
  const manifest: Manifest = {version: ARTIFACT_VERSION, modelId, operation, parameters: stored};
  files.set('model.json', jsonBytes(manifest));
  files.set('encoder.json', jsonBytes(encoder));
  files.set('calibration.json', jsonBytes(calibration));
  files.set('out-of-fold.json', jsonBytes(outOfFold));
  files.set('spread.json', jsonBytes(spread && {columns: spread.model.columns, outOfFold: spread.outOfFold}));
  if (spread !== null) {
    files.set('trees-low.bin', packForest(spread.model.low));
    files.set('trees-high.bin', packForest(spread.model.high));
  }
  files.set('explanation.json', jsonBytes(explanation));
  files.set('card.json', jsonBytes(card, 2));
  return files;
}

/** @throws ModelError when a file is missing, of another version, or cut short. */
export function unpackArtifact(files: ArtifactFiles, where: string): Artifact {
  const manifest = parseFile<Manifest>(files, 'model.json', where);
  if (manifest.version !== ARTIFACT_VERSION) {
    throw new ModelError(
      `model ${where} has version ${manifest.version}, this program reads ${ARTIFACT_VERSION}. ` +
        'Train again: `raiz stage train --rebuild`.',
    );
  }
  const {parameters: stored} = manifest;
  const parameters: Parameters =
    stored.algorithm === 'blend'
      ? {
          algorithm: 'blend',
          parts: stored.parts.map(({weight, parameters: part}) => ({
            weight,
            parameters: restorePart(part, files, where),
          })),
        }
      : restorePart(stored, files, where);
  return {
    modelId: manifest.modelId,
    operation: manifest.operation,
    model: {encoder: parseFile(files, 'encoder.json', where), parameters},
    calibration: parseFile(files, 'calibration.json', where),
    spread: restoreSpread(files, where),
    outOfFold: parseFile(files, 'out-of-fold.json', where),
    explanation: parseFile(files, 'explanation.json', where),
  };
}

function storePart(part: FittedParameters, files: Map<string, Uint8Array>): StoredPart {
  switch (part.algorithm) {
    case 'network': {
      const bytes = packWeights(part.network);
      files.set('weights.bin', bytes);
      return {algorithm: 'network', shape: shapeOf(part.network, bytes)};
    }
    case 'gbdt':
      files.set('trees.bin', packForest(part.forest));
      return {algorithm: 'gbdt', columns: part.columns};
    default:
      return part;
  }
}

function restorePart(part: StoredPart, files: ArtifactFiles, where: string): FittedParameters {
  switch (part.algorithm) {
    case 'network': {
      const bytes = fileOf(files, 'weights.bin', where);
      return {algorithm: 'network', network: unpackWeights(part.shape, bytes, where)};
    }
    case 'gbdt':
      return {...part, forest: restoreForest(files, 'trees.bin', where)};
    default:
      return part;
  }
}

function restoreSpread(files: ArtifactFiles, where: string): Spread | null {
  const stored = parseFile<{
    columns: SpreadModel['columns'];
    outOfFold: Spread['outOfFold'];
  } | null>(files, 'spread.json', where);
  if (stored === null) return null;
  const low = restoreForest(files, 'trees-low.bin', where);
  const high = restoreForest(files, 'trees-high.bin', where);
  return {model: {columns: stored.columns, low, high}, outOfFold: stored.outOfFold};
}

function restoreForest(files: ArtifactFiles, name: string, where: string): Forest {
  try {
    return unpackForest(fileOf(files, name, where));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw damaged(where, `${name}: ${cause.message}`, cause);
  }
}

function shapeOf(network: NetworkModel, bytes: Uint8Array): NetworkShape {
  const backbones = network.backbones.map(({heldLosses, parameters}) => ({
    heldLosses,
    parameters: parameters.map(({name, shape}) => ({name, shape})),
  }));
  return {...network, backbones, sha256: sha256Of(bytes)};
}

function packWeights({backbones}: NetworkModel): Uint8Array {
  const arrays = backbones.flatMap(({parameters}) => parameters.map(({values}) => values));
  const bytes = new Uint8Array(4 * arrays.reduce((sum, array) => sum + array.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const array of arrays) {
    for (const value of array) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

function unpackWeights(stored: NetworkShape, bytes: Uint8Array, where: string): NetworkModel {
  const {sha256, ...network} = stored;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): Float32Array => {
    if (at + 4 * length > bytes.byteLength) throw damaged(where, 'weights.bin is cut short');
    const values = Float32Array.from({length}, (_, index) => view.getFloat32(at + 4 * index, true));
    at += 4 * length;
    return values;
  };
  const backbones = network.backbones.map(({heldLosses, parameters}) => ({
    heldLosses,
    parameters: parameters.map(({name, shape}) => {
      return {name, shape, values: take(shape.reduce((size, side) => size * side, 1))};
    }),
  }));
  if (at !== bytes.byteLength) throw damaged(where, 'weights.bin is too long');
  if (sha256Of(bytes) !== sha256) throw damaged(where, 'weights.bin is not what was saved');
  return {...network, backbones};
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function fileOf(files: ArtifactFiles, name: string, where: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw damaged(where, `${name} is missing`);
  return bytes;
}

/** Files are our own writing, guarded by `version`: their shape is believed. */
function parseFile<T>(files: ArtifactFiles, name: string, where: string): T {
  const text = new TextDecoder().decode(fileOf(files, name, where));
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw damaged(where, `${name} is not JSON`, cause);
  }
}

function damaged(where: string, what: string, cause?: unknown): ModelError {
  return new ModelError(`model ${where} is damaged: ${what}. Train again: \`raiz stage train --rebuild\`.`, {
    cause,
  });
}

function jsonBytes(value: unknown, indent?: number): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, indent)}\n`);
}
