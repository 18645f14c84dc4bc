import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {decodeText, decompress} from '../../../src/crawl/decode.ts';
import {FetchError} from '../../../src/domain/errors.ts';

const text = 'Apartamento en Itagüí '.repeat(500);
const plain = Buffer.from(text);

function failureOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof FetchError ? error.failure : String(error);
  }
}

describe('decompress', () => {
  test.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['identity', plain],
    ['', plain],
    ['gzip, br', brotliCompressSync(gzipSync(plain))],
  ])('%s', (coding, body) => {
    expect(decompress(body, coding, 1e6).equals(plain)).toBe(true);
  });

  test.each([
    ['gzip', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
  ])('a truncated %s stream is a passing error, never a shorter page', (coding, body) => {
    expect(failureOf(() => decompress(body.subarray(0, body.length - 8), coding, 1e6))).toBe('transient');
  });

  test('a bomb is given up at the cap', () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    expect(failureOf(() => decompress(bomb, 'gzip', 1_000_000))).toBe('permanent');
  });

  test.each([2, 4_999, 65_535, 65_536, 262_144, 1_048_576, 3_000_000])(
    'a page of %d bytes, whatever the room made for it',
    bytes => {
      const page = Buffer.alloc(bytes, plain);
      expect(decompress(gzipSync(page), 'gzip', bytes).equals(page)).toBe(true);
      expect(failureOf(() => decompress(gzipSync(page), 'gzip', bytes - 1))).toBe('permanent');
    },
  );

  test('a stream of several members is one page, though its end states the length of the last', () => {
    const members = Buffer.concat([gzipSync(plain.subarray(0, -3)), gzipSync(plain.subarray(-3))]);
    expect(decompress(members, 'gzip', 1e6).equals(plain)).toBe(true);
  });

  test('a length that the stream does not keep is damage', () => {
    const lying = gzipSync(plain);
    lying.writeUInt32LE(0xffffffff, lying.length - 4);
    expect(failureOf(() => decompress(lying, 'gzip', 1e6))).toBe('transient');
    expect(failureOf(() => decompress(Buffer.from('\x1f\x8b'), 'gzip', 1e6))).toBe('transient');
  });

  test('an unknown coding is no page', () => {
    expect(failureOf(() => decompress(plain, 'zstd', 1e6))).toBe('permanent');
  });
});

describe('decodeText', () => {
  test.each([
    ['the header', Buffer.from('Itag\xfc\xed', 'latin1'), 'text/html; charset=ISO-8859-1'],
    ['a meta tag', Buffer.from('<meta charset="windows-1252">Itag\xfc\xed', 'latin1'), 'text/html'],
    ['nothing: UTF-8', Buffer.from('Itagüí'), undefined],
    [
      'the bytes: UTF-8, though the header says otherwise',
      Buffer.from('Itagüí'),
      'text/html; charset=ISO-8859-1',
    ],
    ['the bytes: UTF-8, though the name is unknown', Buffer.from('Itagüí'), 'text/html; charset=klingon'],
    [
      'the bytes: not UTF-8, though the header says so',
      Buffer.from('Itag\xfc\xed', 'latin1'),
      'text/html; charset=utf-8',
    ],
    ['nothing: not UTF-8', Buffer.from('Itag\xfc\xed', 'latin1'), 'text/html'],
    ['the header: UTF-16', Buffer.from('\ufeffItagüí', 'utf16le'), 'text/html; charset=utf-16le'],
    ['a mark: UTF-8', Buffer.from('\ufeffItagüí'), 'text/html'],
  ])('charset from %s', (_from, body, contentType) => {
    expect(decodeText(body, contentType)).toMatch(/^(<meta[^>]*>)?Itagüí$/);
  });

  test('UTF-8 with a damaged spot keeps its other letters', () => {
    const damaged = Buffer.concat([Buffer.from('Itagüí '), Buffer.from([0xe2, 0x82]), Buffer.from(' Belén')]);
    expect(decodeText(damaged, 'text/html')).toBe('Itagüí \ufffd Belén');
  });

  test('text in an unknown charset is an error', () => {
    const body = Buffer.from('Itag\xfc\xed', 'latin1');
    expect(() => decodeText(body, 'text/html; charset=klingon')).toThrow(/klingon/);
  });
});
