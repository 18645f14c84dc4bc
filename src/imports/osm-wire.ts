/** Protocol-buffer fields, as much of the wire format as OSM PBF needs: <https://protobuf.dev/programming-guides/encoding/>. */

/** Reads fields of one message. Numbers are exact up to 2^53, which OpenStreetMap ids stay far below. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    const start = this.#at;
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 8; length++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.#at = start;
    return this.#longVarint();
  }

  /** ZigZag: 0, -1, 1, -2 … */
  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(): Uint8Array {
    const length = this.varint();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('a field is longer than its message');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  /** Calls `visit` for each field; what it doesn't read is skipped. */
  fields(visit: (field: number, reader: WireReader) => void): void {
    while (!this.isAtEnd) {
      const tag = this.varint();
      const before = this.#at;
      visit(Math.floor(tag / 8), this);
      if (this.#at === before) this.#skip(tag % 8);
    }
  }

  #skip(type: number): void {
    if (type === 0) this.varint();
    else if (type === 1) this.#at += 8;
    else if (type === 2) this.bytes();
    else if (type === 5) this.#at += 4;
    else throw new RangeError(`unknown wire type ${type}`);
  }

  /** Nine or ten bytes: negative numbers of type int64 have them, and more bits than a double holds. */
  #longVarint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value += BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return Number(BigInt.asIntN(64, value));
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError('the message ends inside a number');
    return byte;
  }
}

/** Numbers of a packed field. */
export function readPacked(bytes: Uint8Array, kind: 'plain' | 'signed' | 'delta'): number[] {
  const reader = new WireReader(bytes);
  const values: number[] = [];
  let sum = 0;
  while (!reader.isAtEnd) {
    if (kind === 'plain') values.push(reader.varint());
    else if (kind === 'signed') values.push(reader.signed());
    else {
      sum += reader.signed();
      values.push(sum);
    }
  }
  return values;
}
