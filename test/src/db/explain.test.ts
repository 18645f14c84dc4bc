import {DrizzleQueryError} from 'drizzle-orm/errors';
import {describe, expect, it} from 'vitest';
import {addressOf, codeOf, explainDatabaseError, withoutParameters} from '../../../src/db/explain.ts';
import {ConfigError, StorageError} from '../../../src/domain/errors.ts';

const URL_WITH_SECRET = 'postgres://ana:hunter2@db.example.org:6432/casas';
const coded = (code: string, message = 'what the server said') => Object.assign(new Error(message), {code});

it('names a database without user and password', () => {
  expect(addressOf(URL_WITH_SECRET)).toBe('db.example.org:6432, database "casas"');
  expect(addressOf('postgres://h/db%20x')).toBe('h:5432, database "db x"');
});

it('finds the code through causes and aggregates', () => {
  expect(codeOf(new Error('outer', {cause: new Error('inner', {cause: coded('53100')})}))).toBe('53100');
  expect(codeOf(new AggregateError([coded('ECONNREFUSED')]))).toBe('ECONNREFUSED');
  expect(codeOf(new Error('none'))).toBeUndefined();
  expect(codeOf('text')).toBeUndefined();
});

describe('explainDatabaseError', () => {
  it.each([
    ['ECONNREFUSED', StorageError, /No PostgreSQL answers at db\.example\.org:6432.*DATABASE_URL/],
    ['57P01', StorageError, /was lost.*run the command again/],
    ['53100', StorageError, /disk .* is full.*Free space/],
    ['53300', StorageError, /no connection left/],
    ['28P01', ConfigError, /refuses the user or password/],
    ['3D000', ConfigError, /no such database.*createdb/],
    ['42501', ConfigError, /lacks a right: what the server said/],
  ])('says where and what to do for %s', (code, kind, words) => {
    const explained = explainDatabaseError(new Error('wrapped', {cause: coded(code)}), URL_WITH_SECRET);
    expect(explained).toBeInstanceOf(kind);
    expect(explained?.message).toMatch(words);
    expect(JSON.stringify([explained?.message, explained?.context])).not.toMatch(/hunter2|ana/);
  });

  it('leaves bugs as they are', () => {
    expect(explainDatabaseError(coded('42703'), URL_WITH_SECRET)).toBeUndefined();
    expect(explainDatabaseError(new TypeError('x'), URL_WITH_SECRET)).toBeUndefined();
  });
});

it('keeps parameters out of message and stack', () => {
  const failed = new DrizzleQueryError(
    'insert into t values ($1)',
    ['private words'],
    coded('23505', 'duplicate key'),
  );
  const plain = withoutParameters(failed);
  expect(String(plain)).toBe('Error: duplicate key, in: insert into t values ($1)');
  expect((plain as Error).stack).not.toContain('private words');
  expect((plain as Error).stack).toMatch(/\n {4}at /);
  expect(codeOf(plain)).toBe('23505');
  const other = new Error('as it is');
  expect(withoutParameters(other)).toBe(other);
});
