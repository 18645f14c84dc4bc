/** Blocks of OSM PBF files: <https://wiki.openstreetmap.org/wiki/PBF_Format>. */
import {type FileHandle, open} from 'node:fs/promises';
import {promisify} from 'node:util';
import {inflate} from 'node:zlib';
import {ConfigError} from '../domain/errors.ts';
import type {OsmTags} from './osm-tags.ts';
import {readPacked, WireReader} from './osm-wire.ts';

/** Limits of the format. */
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_BLOB_BYTES = 32 * 1024 * 1024;

const KNOWN_FEATURES = new Set(['OsmSchema-V0.6', 'DenseNodes']);

/** What to read of a file: the other kinds of objects are skipped unread. */
export interface BlockVisitor {
  readonly node?: (id: number, latitude: number, longitude: number, tags: OsmTags) => void;
  readonly way?: (id: number, nodeIds: readonly number[], tags: OsmTags) => void;
  readonly relation?: (
    id: number,
    wayIds: readonly number[],
    nodeIds: readonly number[],
    tags: OsmTags,
  ) => void;
}

/**
 * Reads a file once, one block at a time: memory stays at a block's, 32 MiB unpacked.
 * @throws ConfigError when the file is empty, cut off, or no OSM PBF.
 */
export async function visitPbf(path: string, visitor: BlockVisitor): Promise<void> {
  const file = await open(path).catch((cause: unknown) => {
    throw new ConfigError(`${path}: can't be read. Check the path.`, {cause});
  });
  try {
    const {size} = await file.stat();
    if (size === 0) throw new ConfigError(`${path} is empty. Download it again.`);
    let at = 0;
    while (at < size) at = await visitBlob(file, path, at, visitor);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(
      `${path} is no whole OSM PBF file (${cause instanceof Error ? cause.message : String(cause)}). Download it again and compare its checksum.`,
      {cause},
    );
  } finally {
    await file.close();
  }
}

async function visitBlob(
  file: FileHandle,
  path: string,
  start: number,
  visitor: BlockVisitor,
): Promise<number> {
  const headerBytes = new DataView((await readExactly(file, start, 4)).buffer).getUint32(0);
  if (headerBytes > MAX_HEADER_BYTES) throw new RangeError('no block header where one must be');
  const header = readBlobHeader(await readExactly(file, start + 4, headerBytes));
  if (header.bytes > MAX_BLOB_BYTES) throw new RangeError('a block is larger than the format allows');
  if (start === 0 && header.type !== 'OSMHeader')
    throw new RangeError('it does not begin with an OSM header');
  const blob = await readExactly(file, start + 4 + headerBytes, header.bytes);
  if (header.type === 'OSMHeader') refuseUnknownFeatures(await unpack(blob), path);
  if (header.type === 'OSMData') visitBlock(await unpack(blob), visitor);
  return start + 4 + headerBytes + header.bytes;
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const {bytesRead} = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new RangeError(`it ends at byte ${position + filled}, inside a block`);
    filled += bytesRead;
  }
  return bytes;
}

function readBlobHeader(bytes: Uint8Array): {type: string; bytes: number} {
  const header = {type: '', bytes: 0};
  new WireReader(bytes).fields((field, reader) => {
    if (field === 1) header.type = text(reader.bytes());
    if (field === 3) header.bytes = reader.varint();
  });
  return header;
}

async function unpack(blob: Uint8Array): Promise<Uint8Array> {
  let raw: Uint8Array | undefined;
  let packed: Uint8Array | undefined;
  new WireReader(blob).fields((field, reader) => {
    if (field === 1) raw = reader.bytes();
    if (field === 3) packed = reader.bytes();
  });
  if (raw !== undefined) return raw;
  if (packed === undefined) throw new RangeError('a block is packed in another way than zlib');
  return promisify(inflate)(packed, {maxOutputLength: MAX_BLOB_BYTES});
}

function refuseUnknownFeatures(block: Uint8Array, path: string): void {
  new WireReader(block).fields((field, reader) => {
    if (field !== 4) return;
    const feature = text(reader.bytes());
    if (KNOWN_FEATURES.has(feature)) return;
    throw new ConfigError(
      `${path} needs "${feature}", which Raíz can't read. Take a file of the present state.`,
    );
  });
}

interface Block {
  readonly words: string[];
  granularity: number;
  latitudeOffset: number;
  longitudeOffset: number;
}

function visitBlock(bytes: Uint8Array, visitor: BlockVisitor): void {
  const block: Block = {words: [], granularity: 100, latitudeOffset: 0, longitudeOffset: 0};
  const groups: Uint8Array[] = [];
  new WireReader(bytes).fields((field, reader) => {
    if (field === 1) new WireReader(reader.bytes()).fields((_, word) => block.words.push(text(word.bytes())));
    if (field === 2) groups.push(reader.bytes());
    if (field === 17) block.granularity = reader.varint();
    if (field === 19) block.latitudeOffset = reader.varint();
    if (field === 20) block.longitudeOffset = reader.varint();
  });
  for (const group of groups) {
    new WireReader(group).fields((field, reader) => {
      if (field === 1 && visitor.node) visitNode(reader.bytes(), block, visitor.node);
      if (field === 2 && visitor.node) visitDense(reader.bytes(), block, visitor.node);
      if (field === 3 && visitor.way) visitWay(reader.bytes(), block, visitor.way);
      if (field === 4 && visitor.relation) visitRelation(reader.bytes(), block, visitor.relation);
    });
  }
}

const NANO = 1e-9;

function degrees(value: number, offset: number, block: Block): number {
  return Math.round((offset + block.granularity * value) * NANO * 1e7) / 1e7;
}

function visitNode(bytes: Uint8Array, block: Block, visit: NonNullable<BlockVisitor['node']>): void {
  const node = {id: 0, latitude: 0, longitude: 0};
  const tags = new TagColumns();
  new WireReader(bytes).fields((field, reader) => {
    if (field === 1) node.id = reader.signed();
    if (field === 8) node.latitude = degrees(reader.signed(), block.latitudeOffset, block);
    if (field === 9) node.longitude = degrees(reader.signed(), block.longitudeOffset, block);
    tags.read(field, reader);
  });
  visit(node.id, node.latitude, node.longitude, tags.in(block));
}

const NO_TAGS: OsmTags = {};

function visitDense(bytes: Uint8Array, block: Block, visit: NonNullable<BlockVisitor['node']>): void {
  let [ids, latitudes, longitudes, words]: number[][] = [[], [], [], []];
  new WireReader(bytes).fields((field, reader) => {
    if (field === 1) ids = readPacked(reader.bytes(), 'delta');
    if (field === 8) latitudes = readPacked(reader.bytes(), 'delta');
    if (field === 9) longitudes = readPacked(reader.bytes(), 'delta');
    if (field === 10) words = readPacked(reader.bytes(), 'plain');
  });
  let at = 0;
  ids?.forEach((id, index) => {
    // Pairs of words up to a 0, node after node; an empty list when no node has tags.
    let tags = NO_TAGS;
    for (; words?.[at]; at += 2)
      tags = {...tags, [block.words[words[at] ?? 0] ?? '']: block.words[words[at + 1] ?? 0] ?? ''};
    at++;
    visit(
      id,
      degrees(latitudes?.[index] ?? Number.NaN, block.latitudeOffset, block),
      degrees(longitudes?.[index] ?? Number.NaN, block.longitudeOffset, block),
      tags,
    );
  });
}

function visitWay(bytes: Uint8Array, block: Block, visit: NonNullable<BlockVisitor['way']>): void {
  let id = 0;
  let nodeIds: number[] = [];
  const tags = new TagColumns();
  new WireReader(bytes).fields((field, reader) => {
    if (field === 1) id = reader.varint();
    if (field === 8) nodeIds = readPacked(reader.bytes(), 'delta');
    tags.read(field, reader);
  });
  visit(id, nodeIds, tags.in(block));
}

function visitRelation(bytes: Uint8Array, block: Block, visit: NonNullable<BlockVisitor['relation']>): void {
  let id = 0;
  let members: number[] = [];
  let types: number[] = [];
  const tags = new TagColumns();
  new WireReader(bytes).fields((field, reader) => {
    if (field === 1) id = reader.varint();
    if (field === 9) members = readPacked(reader.bytes(), 'delta');
    if (field === 10) types = readPacked(reader.bytes(), 'plain');
    tags.read(field, reader);
  });
  const ofType = (type: number) => members.filter((_, index) => types[index] === type);
  visit(id, ofType(1), ofType(0), tags.in(block));
}

/** Keys and values of one object: two packed lists of words. */
class TagColumns {
  #keys: number[] = [];
  #values: number[] = [];

  read(field: number, reader: WireReader): void {
    if (field === 2) this.#keys = readPacked(reader.bytes(), 'plain');
    if (field === 3) this.#values = readPacked(reader.bytes(), 'plain');
  }

  in(block: Block): OsmTags {
    return Object.fromEntries(
      this.#keys.map((key, index) => [block.words[key] ?? '', block.words[this.#values[index] ?? 0] ?? '']),
    );
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
