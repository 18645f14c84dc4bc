import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects} from 'hyparquet';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {TableMeaning} from '../../../src/domain/dictionary.ts';
import {ContractError} from '../../../src/domain/errors.ts';
import {openTableWriter, parquetSchema} from '../../../src/release/write-table.ts';

/** One column of every type. */
const table: TableMeaning = {
  name: 'types',
  es: '',
  en: '',
  key: ['listing_id'],
  columns: [
    'listing_id',
    'price_cop',
    'bedrooms',
    'area_m2',
    'is_current',
    'price_since',
    'run_observed_on',
    'amenities',
    'neighbourhood',
  ],
};
const full = {
  listing_id: 'a',
  price_cop: 30_000_000_000,
  bedrooms: 3,
  area_m2: 85.3,
  is_current: true,
  price_since: new Date('2026-01-01T17:00:00.123Z'),
  run_observed_on: '2026-01-01',
  amenities: ['balcón', 'a, "b"'],
  neighbourhood: 'La Flórida; "sur"',
};
const sparse = {
  ...full,
  listing_id: 'b',
  price_cop: null,
  bedrooms: null,
  area_m2: null,
  price_since: null,
  amenities: [],
  neighbourhood: null,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raiz-table-'));
});
afterEach(() => rm(folder, {recursive: true, force: true}));

test('every type comes back from Parquet as it went in, nulls and empty lists too', async () => {
  const writer = openTableWriter(folder, table);
  await writer.write([full]);
  await writer.write([sparse]);
  expect(await writer.close()).toBe(2);
  const file = await asyncBufferFromFile(join(folder, 'types.parquet'));
  const {row_groups} = await parquetMetadataAsync(file);
  expect(row_groups).toHaveLength(2);
  const back = (row: typeof full | typeof sparse) => ({
    ...row,
    price_cop: row.price_cop === null ? null : BigInt(row.price_cop),
    run_observed_on: new Date('2026-01-01T00:00:00Z'),
  });
  expect(await parquetReadObjects({file})).toEqual([back(full), back(sparse)]);
});

test('CSV: empty for null, ISO instants, lists as JSON, quotes kept', async () => {
  const writer = openTableWriter(folder, table);
  await writer.write([full, sparse]);
  await writer.close();
  const text = gunzipSync(await readFile(join(folder, 'types.csv.gz'))).toString();
  expect(text.split('\n')).toEqual([
    table.columns.join(','),
    'a,30000000000,3,85.3,true,2026-01-01T17:00:00.123Z,2026-01-01,"[""balcón"",""a, \\""b\\""""]","La Flórida; ""sur"""',
    'b,,,,true,,2026-01-01,[],',
    '',
  ]);
});

test('a table without rows is two files that open', async () => {
  const writer = openTableWriter(folder, table);
  expect(await writer.close()).toBe(0);
  expect(await parquetReadObjects({file: await asyncBufferFromFile(join(folder, 'types.parquet'))})).toEqual(
    [],
  );
  expect(gunzipSync(await readFile(join(folder, 'types.csv.gz'))).toString()).toBe(
    `${table.columns.join(',')}\n`,
  );
});

test.each([
  ['empty where the dictionary says never', {listing_id: null}, /listing_id of .* is empty/],
  ['a fraction where pesos belong', {price_cop: 1.5}, /price_cop of a is not of type bigint/],
  ['text where a number belongs', {bedrooms: '3'}, /bedrooms of a is not of type integer/],
])('%s is refused with column and row', async (_what, change, message) => {
  const writer = openTableWriter(folder, table);
  const written = writer.write([{...full, ...change}]);
  await expect(written).rejects.toThrow(ContractError);
  await expect(written).rejects.toThrow(message);
});

test('columns that are never empty are required in the schema', () => {
  const elements = new Map(parquetSchema(table).map(element => [element.name, element.repetition_type]));
  expect(elements.get('listing_id')).toBe('REQUIRED');
  expect(elements.get('price_cop')).toBe('OPTIONAL');
});
