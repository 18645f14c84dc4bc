/**
 * What a training leaves behind beside its models, under `<data>/trainings/<training id>`: the frozen rows, what each
 * model predicted for them out of fold, and the folds fitted so far. Files are written apart and renamed: whole or absent.
 */
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {gunzip, gzip} from 'node:zlib';
import {ModelError, StorageError} from '../domain/errors.ts';
import type {Operation} from '../domain/vocabulary.ts';
import {sha256Hex} from '../lib/hash.ts';
import type {FoldJournal, TrialFold} from '../ml/automl/search.ts';

/** Raise when the files change their meaning. */
const FOLDER_VERSION = 1;
const ROWS_FILE = 'rows.jsonl.gz';

/** Everything but the rows that a training is made from. */
export interface TrainingFacts {
  readonly trainingId: string;
  readonly operation: Operation;
  readonly seed: number;
  readonly folds: number;
  readonly splitId: string;
  readonly datasetHash: string;
  readonly rows: number;
}

interface TrainingManifest extends TrainingFacts {
  readonly version: number;
  /** SHA-256 of the rows, unpacked. */
  readonly rowsSha256: string;
}

export function trainingFolder(dataDir: string, trainingId: string): string {
  return join(dataDir, 'trainings', trainingId);
}

/** Freezes the rows of a training; frozen once, they are not written again. @returns their SHA-256. */
export async function freezeRows(dataDir: string, facts: TrainingFacts, text: string): Promise<string> {
  const folder = trainingFolder(dataDir, facts.trainingId);
  const rowsSha256 = sha256Hex(text);
  const known = await readManifest(dataDir, facts.trainingId);
  if (known?.rowsSha256 === rowsSha256) return rowsSha256;
  const manifest: TrainingManifest = {version: FOLDER_VERSION, ...facts, rowsSha256};
  await writeWhole(join(folder, ROWS_FILE), await promisify(gzip)(text));
  await writeWhole(join(folder, 'training.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return rowsSha256;
}

/** @throws ModelError when the training was not frozen, or its rows are not those that were frozen. */
export async function loadFrozen(
  dataDir: string,
  trainingId: string,
): Promise<{readonly facts: TrainingFacts; readonly text: string; readonly rowsSha256: string}> {
  const folder = trainingFolder(dataDir, trainingId);
  const facts = await readManifest(dataDir, trainingId);
  if (facts === undefined) {
    throw new ModelError(`no frozen rows in ${folder}: they were not kept, or another program wrote them.`, {
      context: {trainingId},
    });
  }
  const path = join(folder, ROWS_FILE);
  let text: string;
  try {
    text = (await promisify(gunzip)(await readFile(path))).toString('utf8');
  } catch (cause) {
    throw new ModelError(`${path} can't be read: it is missing or damaged. Train again: \`raiz train\`.`, {
      cause,
    });
  }
  if (sha256Hex(text) !== facts.rowsSha256) {
    throw new ModelError(
      `${path} is not what was frozen: its SHA-256 is ${sha256Hex(text).slice(0, 12)}…, ` +
        `training.json says ${facts.rowsSha256.slice(0, 12)}…. Restore it from a backup, or train again: \`raiz train\`.`,
    );
  }
  return {facts, text, rowsSha256: facts.rowsSha256};
}

async function readManifest(dataDir: string, trainingId: string): Promise<TrainingManifest | undefined> {
  const path = join(trainingFolder(dataDir, trainingId), 'training.json');
  const bytes = await readFile(path, 'utf8').catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    const manifest = JSON.parse(bytes) as TrainingManifest;
    return manifest.version === FOLDER_VERSION ? manifest : undefined;
  } catch {
    return undefined; // cut short by a full disk: as good as absent
  }
}

/** Out-of-fold log prices of a model, in the order of the frozen rows. */
export async function savePredictions(
  dataDir: string,
  trainingId: string,
  modelId: string,
  predicted: Float64Array,
): Promise<void> {
  await writeWhole(predictionsPath(dataDir, trainingId, modelId), bytesOf(predicted));
}

/** @returns undefined when they were not kept, or are not of so many rows. */
export async function loadPredictions(
  dataDir: string,
  trainingId: string,
  modelId: string,
  rows: number,
): Promise<Float64Array | undefined> {
  const bytes = await readFile(predictionsPath(dataDir, trainingId, modelId)).catch(() => undefined);
  return bytes?.length === 8 * rows ? floatsOf(bytes) : undefined;
}

function predictionsPath(dataDir: string, trainingId: string, modelId: string): string {
  return join(trainingFolder(dataDir, trainingId), 'predictions', `${modelId}.f64`);
}

/** Fitted folds on disk: what a killed search had finished is found again. */
export function openFoldJournal(folder: string): FoldJournal {
  const pathOf = (key: string): string => join(folder, 'folds', `${key}.fit`);
  return {
    find: async key => {
      const bytes = await readFile(pathOf(key)).catch(() => undefined);
      return bytes === undefined ? undefined : unpackFold(bytes);
    },
    keep: (key, fold) => writeWhole(pathOf(key), packFold(fold)),
  };
}

interface FoldHead {
  readonly version: number;
  readonly values: number;
  readonly parts: number;
  readonly milliseconds: number;
  readonly bytes?: number;
  /** SHA-256 of what follows. */
  readonly sha256: string;
}

/** A line of JSON, then values and parts as 64-bit little-endian numbers. */
function packFold({values, parts, milliseconds, bytes}: TrialFold): Buffer {
  const body = Buffer.concat([bytesOf(values), bytesOf(parts ?? new Float64Array(0))]);
  const head: FoldHead = {
    version: FOLDER_VERSION,
    values: values.length,
    parts: parts?.length ?? -1,
    milliseconds,
    ...(bytes === undefined ? {} : {bytes}),
    sha256: sha256Hex(body),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
}

/** Anything that is not whole is as good as absent: the fold is fitted again. */
function unpackFold(bytes: Buffer): TrialFold | undefined {
  const end = bytes.indexOf('\n');
  let head: FoldHead;
  try {
    head = JSON.parse(bytes.toString('utf8', 0, end)) as FoldHead;
  } catch {
    return undefined; // not our writing, or cut short: fitted again
  }
  const body = bytes.subarray(end + 1);
  if (head.version !== FOLDER_VERSION || sha256Hex(body) !== head.sha256) return undefined;
  const values = floatsOf(body.subarray(0, 8 * head.values));
  const parts = head.parts < 0 ? null : floatsOf(body.subarray(8 * head.values));
  const size = head.bytes === undefined ? {} : {bytes: head.bytes};
  return {values, parts, milliseconds: head.milliseconds, ...size};
}

function bytesOf(values: Float64Array): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [place, value] of values.entries()) bytes.writeDoubleLE(value, 8 * place);
  return bytes;
}

function floatsOf(bytes: Buffer): Float64Array {
  return Float64Array.from({length: bytes.length / 8}, (_, place) => bytes.readDoubleLE(8 * place));
}

/** Writes a file apart and renames it. @throws StorageError when the disk refuses. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await mkdir(dirname(path), {recursive: true});
    await writeFile(partial, content, {flush: true});
    await rename(partial, path);
  } catch (cause) {
    throw new StorageError(`can't write ${path}: make room or give write access, then train again.`, {cause});
  }
}
