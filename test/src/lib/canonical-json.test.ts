import {expect, test} from 'vitest';
import {canonicalJson} from '../../../src/lib/canonical-json.ts';

test('the order of keys does not matter, the order of lists does', () => {
  expect(canonicalJson({b: [2, 1], a: {d: null, c: 'x'}})).toBe('{"a":{"c":"x","d":null},"b":[2,1]}');
  expect(canonicalJson({a: undefined, b: 1})).toBe('{"b":1}');
  expect(canonicalJson([1, undefined])).toBe('[1,null]');
});

test('characters that jsonb refuses become U+FFFD; escapes in the text stay', () => {
  expect(canonicalJson({'k\0': 'a\0b\ud800'})).toBe('{"k\ufffd":"a\ufffdb\ufffd"}');
  expect(JSON.parse(canonicalJson({a: 'c:\\users\\u0000', b: '😀', c: '\u001f'}))).toEqual({
    a: 'c:\\users\\u0000',
    b: '😀',
    c: '\u001f',
  });
});
