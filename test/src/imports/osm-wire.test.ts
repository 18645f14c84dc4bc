import {describe, expect, test} from 'vitest';
import {readPacked, WireReader} from '../../../src/imports/osm-wire.ts';

const reader = (...bytes: number[]) => new WireReader(Uint8Array.from(bytes));

describe('numbers', () => {
  test.each([
    ['one byte', [0x01], 1],
    ['the example of the specification', [0x96, 0x01], 150],
    ['an id of OpenStreetMap beyond 32 bits', [0x80, 0xd8, 0x9f, 0xfd, 0x28], 11_000_081_408],
    ['2^53 − 1', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], Number.MAX_SAFE_INTEGER],
    ['−1 of type int64, ten bytes', [...Array.from({length: 9}, () => 0xff), 0x01], -1],
    [
      '−75,000,000,001, an offset of a block',
      [0xff, 0xa3, 0x9b, 0xcd, 0xe8, 0xfd, 0xff, 0xff, 0xff, 0x01],
      -75_000_000_001,
    ],
  ])('%s', (_, bytes, value) => {
    expect(reader(...bytes).varint()).toBe(value);
  });

  test.each([
    [0, 0],
    [1, -1],
    [2, 1],
    [3, -2],
    [4, 2],
  ])('zigzag %i is %i', (written, value) => {
    expect(reader(written).signed()).toBe(value);
  });

  test('packed: as they stand, signed, and as differences from the one before', () => {
    const bytes = Uint8Array.from([20, 3, 4]);
    expect(readPacked(bytes, 'plain')).toEqual([20, 3, 4]);
    expect(readPacked(bytes, 'signed')).toEqual([10, -2, 2]);
    expect(readPacked(bytes, 'delta')).toEqual([10, 8, 10]);
    expect(readPacked(new Uint8Array(), 'delta')).toEqual([]);
  });
});

describe('fields', () => {
  test('what is not read is skipped, whatever its type', () => {
    // 1: number 5; 2: eight bytes; 3: "abc"; 4: four bytes; 5: number 7.
    const message = [0x08, 5, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 3, 97, 98, 99, 0x25, 0, 0, 0, 0, 0x28, 7];
    const seen: number[] = [];
    let last = 0;
    reader(...message).fields((field, part) => {
      seen.push(field);
      if (field === 5) last = part.varint();
    });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(last).toBe(7);
  });

  test.each([
    ['a number without its end', [0x80], /ends inside a number/],
    ['a text longer than the message', [0x0a, 9, 97], /longer than its message/],
    ['a type nobody knows', [0x0b], /unknown wire type 3/],
  ])('%s is an error', (_, bytes, message) => {
    expect(() => reader(...bytes).fields(() => {})).toThrow(message);
  });
});
