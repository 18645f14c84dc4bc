/** A writer of small OSM PBF files, independent of the reader: <https://wiki.openstreetmap.org/wiki/PBF_Format>. */
import {deflateSync} from 'node:zlib';

interface OsmObject {
  readonly type: 'node' | 'way' | 'relation';
  readonly id: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly nodeIds?: readonly number[];
  readonly wayIds?: readonly number[];
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

const zigzag = (value: number): bigint => (BigInt(value) << 1n) ^ (BigInt(value) >> 63n);
const number = (field: number, value: number | bigint): Buffer =>
  Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field: number, content: Buffer): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
const packed = (field: number, values: readonly (number | bigint)[]): Buffer =>
  bytes(field, Buffer.concat(values.map(varint)));
const deltas = (field: number, values: readonly number[]): Buffer =>
  packed(
    field,
    values.map((value, index) => zigzag(value - (index === 0 ? 0 : values[index - 1]!))),
  );

function blob(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([number(2, content.length), bytes(3, deflateSync(content))]);
  const header = Buffer.concat([bytes(1, Buffer.from(type)), number(3, body.length)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return Buffer.concat([length, header, body]);
}

/** Nodes dense, one block of each kind. `isDense: false` writes nodes one by one. */
export function encodePbf(objects: readonly OsmObject[], isDense = true): Buffer {
  const features = ['OsmSchema-V0.6', ...(isDense ? ['DenseNodes'] : [])].map(name =>
    bytes(4, Buffer.from(name)),
  );
  const blocks = (['node', 'way', 'relation'] as const).map(type => {
    const words = [''];
    const own = objects.filter(object => object.type === type);
    const word = (text: string): number =>
      words.includes(text) ? words.indexOf(text) : words.push(text) - 1;
    const group =
      type === 'node' && isDense
        ? bytes(2, dense(own, word))
        : Buffer.concat(own.map(one => single(one, word)));
    const table = Buffer.concat(words.map(text => bytes(1, Buffer.from(text))));
    return blob('OSMData', Buffer.concat([bytes(1, table), bytes(2, group)]));
  });
  return Buffer.concat([blob('OSMHeader', Buffer.concat(features)), ...blocks]);
}

const units = (degrees = 0): number => Math.round(degrees * 1e7);

function dense(nodes: readonly OsmObject[], word: (text: string) => number): Buffer {
  const words = nodes.flatMap(({tags = {}}) => [...Object.entries(tags).flatMap(pair => pair.map(word)), 0]);
  return Buffer.concat([
    deltas(
      1,
      nodes.map(node => node.id),
    ),
    deltas(
      8,
      nodes.map(node => units(node.latitude)),
    ),
    deltas(
      9,
      nodes.map(node => units(node.longitude)),
    ),
    packed(10, words),
  ]);
}

function single(object: OsmObject, word: (text: string) => number): Buffer {
  const tags = Object.entries(object.tags ?? {});
  const shared = [
    packed(
      2,
      tags.map(([key]) => word(key)),
    ),
    packed(
      3,
      tags.map(([, value]) => word(value)),
    ),
  ];
  if (object.type === 'node') {
    const position = [number(8, zigzag(units(object.latitude))), number(9, zigzag(units(object.longitude)))];
    return bytes(1, Buffer.concat([number(1, zigzag(object.id)), ...shared, ...position]));
  }
  const id = number(1, object.id);
  if (object.type === 'way') return bytes(3, Buffer.concat([id, ...shared, deltas(8, object.nodeIds ?? [])]));
  const members = object.wayIds ?? [];
  const roles = packed(
    8,
    members.map(() => 0),
  );
  return bytes(
    4,
    Buffer.concat([
      id,
      ...shared,
      roles,
      deltas(9, members),
      packed(
        10,
        members.map(() => 1),
      ),
    ]),
  );
}
