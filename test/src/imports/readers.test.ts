import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {parquetWriteBuffer} from 'hyparquet-writer';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openTable} from '../../../src/imports/readers.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raiz-readers-'));
});
afterAll(() => rmSync(folder, {recursive: true}));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(path: string) {
  const {columns, rows} = await openTable(path);
  const all = [];
  for await (const row of rows) all.push(row);
  return {columns, rows: all};
}

const CSV = 'id,barrio,precio\n1,"Belén, Rosales",10\n2,,20\n';
const OBJECTS = [
  {id: '1', price: 10, tags: ['a', 'b']},
  {id: '2', price: 20.5, sold: false},
];

describe('formats', () => {
  test.each([
    ['plain.csv', CSV],
    ['with-bom.csv', `\ufeff${CSV}`],
    ['semicolon.csv', 'id;barrio;precio\n1;"Belén, Rosales";10\n2;;20\n'],
    ['packed.csv.gz', gzipSync(CSV)],
    ['tabs.tsv', 'id\tbarrio\tprecio\n1\tBelén, Rosales\t10\n2\t\t20\n'],
  ])('%s', async (name, content) => {
    expect(await read(file(name, content))).toEqual({
      columns: ['id', 'barrio', 'precio'],
      rows: [
        {row: 1, cells: ['1', 'Belén, Rosales', '10']},
        {row: 2, cells: ['2', '', '20']},
      ],
    });
  });

  const lines = OBJECTS.map(object => JSON.stringify(object)).join('\n');
  test.each([
    ['list.json', JSON.stringify(OBJECTS)],
    ['lines.jsonl', lines],
    ['lines.ndjson.gz', gzipSync(lines)],
  ])('%s', async (name, content) => {
    expect(await read(file(name, content))).toEqual({
      columns: ['id', 'price', 'tags', 'sold'],
      rows: [
        {row: 1, cells: ['1', 10, ['a', 'b'], null]},
        {row: 2, cells: ['2', 20.5, null, false]},
      ],
    });
  });

  test('Parquet, plain and gzipped', async () => {
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          {name: 'id', data: ['1', '2'], type: 'STRING'},
          {name: 'price', data: [10n, 20n], type: 'INT64'},
        ],
      }),
    );
    const expected = {
      columns: ['id', 'price'],
      rows: [
        {row: 1, cells: ['1', 10]},
        {row: 2, cells: ['2', 20]},
      ],
    };
    expect(await read(file('rows.parquet', bytes))).toEqual(expected);
    expect(await read(file('rows.parquet.gz', gzipSync(bytes)))).toEqual(expected);
  });
});

describe('bad files say what to do', () => {
  test('a row of another width is a fault of that row', async () => {
    const {rows} = await read(file('ragged.csv', 'a,b\n1\n2,3\n'));
    expect(rows[0]).toMatchObject({row: 1, fault: '1 cells where the header has 2 columns'});
    expect(rows[1]?.fault).toBeUndefined();
  });

  test.each([
    [
      'truncated.csv.gz',
      gzipSync(CSV.repeat(500)).subarray(0, 60),
      /truncated or damaged .*again; nothing of it was imported/,
    ],
    ['truncated.jsonl.gz', gzipSync('{"a":1}\n'.repeat(500)).subarray(0, 30), /truncated or damaged/],
    ['broken.json', '[{"a": 1},', /can't be read to its end/],
    ['object.json', '{"a": 1}', /expected a list of objects/],
    ['broken.parquet', 'no parquet at all', /can't be read to its end/],
    ['empty.csv', '', /the file is empty/],
    ['table.xlsx', 'x', /unknown kind of file/],
  ])('%s', async (name, content, message) => {
    await expect(read(file(name, content))).rejects.toThrow(message);
  });

  test('no such file', async () => {
    await expect(read(join(folder, 'nothing.csv'))).rejects.toThrow(/can't be read \(ENOENT/);
  });
});
