import {expect, test} from 'vitest';
import {COLUMNS, columnMeaning, dictionaryRows, FILES, VIEWS} from '../../../src/domain/dictionary.ts';

const TABLES = [...VIEWS, ...FILES];

test('every column of every view and file is described, and every described column stands somewhere', () => {
  const used = new Set(TABLES.flatMap(table => table.columns));
  expect([...used].filter(name => COLUMNS[name] === undefined)).toEqual([]);
  expect(Object.keys(COLUMNS).filter(name => !used.has(name))).toEqual([]);
});

test('no table repeats a column, and every key is one of its columns', () => {
  for (const table of TABLES) {
    expect(new Set(table.columns).size, table.name).toBe(table.columns.length);
    expect(
      table.key.filter(name => !table.columns.includes(name)),
      table.name,
    ).toEqual([]);
  }
});

test('both languages say something, and the Spanish one is a sentence', () => {
  for (const [name, meaning] of Object.entries(COLUMNS)) {
    expect(meaning.es, name).toMatch(/^\p{L}.*[.…]$/su);
    expect(meaning.en, name).not.toBe('');
    expect(meaning.example, name).not.toBe('');
    expect(meaning.source, name).not.toBe('');
  }
});

test('words of an advert, links and names never stand in a file', () => {
  const released = new Set(FILES.flatMap(file => file.columns));
  expect(['title', 'description', 'url', 'agency_name'].filter(name => released.has(name))).toEqual([]);
});

test('a column nobody described is an error that says where to describe it', () => {
  expect(() => columnMeaning('nonsense')).toThrow(/src\/domain\/dictionary has no column "nonsense"/);
});

test('dictionary rows keep the order of the columns', () => {
  const [listings] = FILES;
  const rows = dictionaryRows('listings', listings!);
  expect(rows.map(row => row.column_name)).toEqual(listings!.columns);
  expect(rows[0]).toMatchObject({
    table_name: 'listings',
    column_position: 1,
    column_name: 'listing_key',
    null_es: null,
  });
});
