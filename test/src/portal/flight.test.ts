import {describe, expect, it} from 'vitest';
import {PageShapeError} from '../../../src/domain/errors.ts';
import {cutFlight, hasFlight} from '../../../src/portal/flight.ts';

const push = (text: string) => `<script nonce="x">self.__next_f.push(${JSON.stringify([1, text])})</script>`;
const pageOf = (...texts: string[]) =>
  `<html><script>(self.__next_f=self.__next_f||[]).push([0])</script>${texts.map(push).join('')}</html>`;

describe('rows', () => {
  it('are joined over pushes, in the order of the page', () => {
    const page = pageOf(
      '1:I[57,[],"Icon"]\n:HL["/a.css","style"]\n2:{"da',
      'ta":{"id":7}}\n3:{"data":{"id":8}}\n',
    );
    expect(cutFlight(page).find('data')).toEqual({data: {id: 7}});
    expect(cutFlight(page).find('id')).toEqual({id: 7});
    expect(cutFlight(page).find('nothing')).toBeUndefined();
    expect(cutFlight(pageOf('1:{"a":1}\n2:[{"b":2},{"a":3,"b":4}]\n')).find('a', 'b')).toEqual({a: 3, b: 4});
  });

  it('of text are counted in bytes, may hold line ends and colons, and end without one', () => {
    const text = 'Línea 1: añejo\n2:{"data":"no"} 🏠 fin';
    const bytes = Buffer.byteLength(text).toString(16);
    const page = pageOf(`19:T${bytes},`, text.slice(0, 9), `${text.slice(9)}1a:{"comment":"$19"}\n`);
    expect(cutFlight(page).find('comment')).toEqual({comment: text});
  });

  it('other than texts and JSON are passed over', () => {
    const page = pageOf('4:o3,\n:{5:D{"data":1}\n6:E{"data":2}\n7:null\n8:{"data":3}\n');
    expect(cutFlight(page).find('data')).toEqual({data: 3});
  });
});

describe('references', () => {
  const resolve = (field: string, rows = '') =>
    cutFlight(pageOf(`${rows}f:{"field":${field}}\n`)).find('field')?.field;

  it.each([
    ['another row', '"$2"', '2:{"a":[1]}\n', {a: [1]}],
    ['a row of a row', '["$2"]', '3:"x"\n2:{"a":"$3"}\n', [{a: 'x'}]],
    ['a path', '"$2:b:1"', '2:{"b":[5,6]}\n', 6],
    [
      'a path through elements',
      '"$2:props:children:0:props:data"',
      '2:["$","div",null,{"children":[["$","p","k",{"data":{"z":1}}]]}]\n',
      {z: 1},
    ],
    ['a path over a reference', '"$2:a:b"', '3:{"b":4}\n2:{"a":"$3"}\n', 4],
    ['a row that comes later', '"$f0"', 'f0:9\n', 9],
    ['an escaped dollar', '"$$ 350.000"', '', '$ 350.000'],
    ['a day', '"$D2026-05-04T00:00:00.000Z"', '', '2026-05-04T00:00:00.000Z'],
    ['nothing in a list', '["$undefined",1]', '', [null, 1]],
    ['a row that is missing', '"$1a"', '', '$1a'],
    ['a path that is missing', '"$2:b"', '2:{"a":1}\n', '$2:b'],
    ['a module', '"$L2"', '2:I[1]\n', '$L2'],
  ])('%s', (_, field, rows, expected) => {
    expect(resolve(field, rows)).toEqual(expected);
  });

  it('to nothing leave the key out', () => {
    expect(cutFlight(pageOf('1:{"a":"$undefined","b":2}\n')).find('b')).toEqual({b: 2});
  });

  it('in a circle are an error, not an endless loop', () => {
    expect(() => resolve('"$2"', '2:{"a":"$3"}\n3:{"b":"$2"}\n')).toThrow('refers to itself');
    expect(() => resolve('"$2:a:b"', '2:{"a":"$3:a:b"}\n3:{"a":"$2:a:b"}\n')).toThrow('refers to itself');
  });

  it('in a text row are text', () => {
    expect(resolve('"$2"', '2:T3,$3 3:1\n')).toBe('$3 ');
  });
});

describe('pages that are not whole', () => {
  it.each([
    ['no stream', '<html></html>', 'no flight stream'],
    ['a script without end', pageOf('1:{"a":1}\n').replaceAll('</script>', ''), 'cut off'],
    ['a text row longer than the stream', pageOf('1:Tff,abc'), 'cut off'],
    ['a broken push', '<script>self.__next_f.push([1,"a)</script>', 'broken JSON'],
    ['no rows', pageOf('hello world'), 'no row at byte 0'],
  ])('%s', (_, page, message) => {
    expect(() => cutFlight(page)).toThrow(PageShapeError);
    expect(() => cutFlight(page)).toThrow(message);
  });

  it('a row whose JSON is cut off throws when it is needed, and quotes nothing', () => {
    const flight = cutFlight(pageOf('1:{"b":1}\n2:{"secret":"310 555 01 27'));
    expect(flight.find('b')).toEqual({b: 1});
    expect(() => flight.find('secret')).toThrow('row 2 of the flight stream holds broken JSON');
    expect(() => flight.find('secret')).not.toThrow('310');
  });
});

describe('hasFlight', () => {
  it('tells pages with a stream from others', () => {
    expect([hasFlight(pageOf('1:1\n')), hasFlight('<html></html>')]).toEqual([true, false]);
  });
});
