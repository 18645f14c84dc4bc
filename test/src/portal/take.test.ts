import {describe, expect, it} from 'vitest';
import {RecordShapeError} from '../../../src/domain/errors.ts';
import type {JsonValue} from '../../../src/domain/page.ts';
import {lookUp, pickSubtrees, readEach, take} from '../../../src/portal/take.ts';

const RECORD: JsonValue = {
  name: 'a',
  count: 3,
  share: 0.5,
  open: true,
  nothing: null,
  price: {amount: 5, rate: 1},
  images: [
    {id: 1, tag: null},
    {id: 2, tag: 'x'},
  ],
};

describe('take', () => {
  it('reads fields by name and type', () => {
    const fields = take(RECORD);
    expect(fields.text('name')).toBe('a');
    expect(fields.int('count')).toBe(3);
    expect(fields.number('share')).toBe(0.5);
    expect(fields.boolean('open')).toBe(true);
    expect(fields.textOrNull('nothing')).toBeNull();
    expect(fields.numberOrNull('absent')).toBeNull();
    expect(fields.scalarOrNull('count')).toBe(3);
    expect(fields.object('price').number('amount')).toBe(5);
    expect(fields.list('images').map(image => image.int('id'))).toEqual([1, 2]);
    expect(fields.listOrEmpty('absent')).toEqual([]);
    expect(fields.objectOrNull('nothing')).toBeNull();
  });

  it('reports what nobody read or ignored, below too, once', () => {
    const fields = take(RECORD);
    expect(fields.unread()).toHaveLength(7);
    fields.ignore('name', 'count', 'share', 'open', 'nothing');
    fields.object('price').number('amount');
    for (const image of fields.list('images')) image.int('id');
    expect(fields.unread()).toEqual(['$.images[].tag', '$.price.rate']);
  });

  it.each([
    ['missing text', () => take(RECORD).text('absent'), '$.absent', 'expected text, got nothing'],
    ['null', () => take(RECORD).int('nothing'), '$.nothing', 'expected whole number, got nothing'],
    ['fraction for int', () => take(RECORD).int('share'), '$.share', 'expected whole number, got 0.5'],
    ['text for number', () => take(RECORD).number('name'), '$.name', 'expected number, got "a"'],
    ['nested', () => take(RECORD).object('price').text('amount'), '$.price.amount', 'expected text, got 5'],
    [
      'in a list',
      () => take(RECORD).list('images')[1]?.int('tag'),
      '$.images[1].tag',
      'expected whole number, got "x"',
    ],
    ['list of texts', () => take({a: ['x']}).list('a'), '$.a[0]', 'expected object, got "x"'],
    ['no object at all', () => take(null), '$', 'expected object, got nothing'],
  ])('throws with the path: %s', (_, read, path, message) => {
    expect(read).toThrow(RecordShapeError);
    expect(read).toThrow(`${path}: ${message}`);
  });

  it('takes an optional field of another type as an issue, not as an error', () => {
    const fields = take(RECORD);
    expect(fields.object('price').textOrNull('amount')).toBeNull();
    expect(fields.issues()).toEqual([
      {code: 'unexpected_type', message: 'expected text', path: '$.price.amount', value: '5'},
    ]);
  });
});

describe('readEach', () => {
  it('rejects a record that cannot be read and keeps the others', () => {
    const {readings, rejected} = readEach([{a: 1}, {b: 1}, {a: 3}], '$.data', record =>
      take(record).int('a'),
    );
    expect(readings).toEqual([1, 3]);
    expect(rejected).toEqual([{path: '$.data[1]', message: '$.a: expected whole number, got nothing'}]);
  });

  it('lets bugs through', () => {
    const read = () =>
      readEach([1], '$', () => {
        throw new TypeError('bug');
      });
    expect(read).toThrow(TypeError);
  });
});

describe('subtrees', () => {
  it('finds and copies by dotted path', () => {
    const value = {a: {b: {c: 1, d: 2}, e: 3}, f: 4};
    expect(lookUp(value, 'a.b.c')).toBe(1);
    expect(lookUp(value, 'a.x.c')).toBeUndefined();
    expect(pickSubtrees(value, ['a.b.c', 'a.e', 'x.y'])).toEqual({a: {b: {c: 1}, e: 3}});
  });
});
