import {sql} from 'drizzle-orm';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {withAdvisoryLock} from '../../../src/db/locks.ts';
import {ContractError, LockHeldError} from '../../../src/domain/errors.ts';
import {defineStage, type Stage, type StageOptions} from '../../../src/stage/define-stage.ts';
import {testDatabase} from '../../support/database.ts';

let database: Database;

beforeEach(async () => {
  database = await testDatabase();
  await database.sql`create table word (id text primary key, text text not null)`;
  await database.sql`create table shout (id text primary key, text text not null)`;
});

afterEach(() => database.close());

interface Word {
  readonly key: string;
  readonly text: string;
}

/** Upper-cases words; a word "bad" throws. */
function shoutStage(
  settings: {
    version?: number;
    failSaveAt?: string;
    onKeyError?: 'fail';
    batchesAtOnce?: number;
    complaint?: string;
  } = {},
): Stage {
  return defineStage<null, Word, string>({
    name: 'shout',
    version: settings.version ?? 1,
    reads: ['word'],
    writes: ['shout'],
    batchSize: 2,
    batchesAtOnce: settings.batchesAtOnce ?? 1,
    onKeyError: settings.onKeyError ?? 'put aside',
    work: () => sql`select id as key, md5(text) as input_hash from word`,
    prepare: async () => null,
    load: async (tx, keys) => [
      ...(await tx.execute<{key: string; text: string}>(
        sql`select id as key, text from word where id in ${keys} order by id`,
      )),
    ],
    core: word => {
      if (word.text.startsWith('bad')) throw new Error(settings.complaint ?? 'a bad word');
      return word.text.toUpperCase();
    },
    save: async (tx, results) => {
      for (const {key, output} of results) {
        if (key === settings.failSaveAt) throw new Error('the power went out');
        await tx.execute(
          sql`insert into shout values (${key}, ${output}) on conflict (id) do update set text = excluded.text`,
        );
      }
      return {shouts: results.length};
    },
    remove: async (tx, keys) => {
      await tx.execute(sql`delete from shout where id in ${keys}`);
    },
  });
}

async function write(words: Record<string, string>): Promise<void> {
  for (const [id, text] of Object.entries(words)) {
    await database.sql`insert into word values (${id}, ${text}) on conflict (id) do update set text = excluded.text`;
  }
}

const run = (stage: Stage, options: StageOptions = {}) =>
  stage.run(database, {now: () => new Date('2026-11-01T12:00:00Z'), dataDir: '/nowhere', options});

async function shouts(): Promise<Record<string, string>> {
  const rows = await database.sql<{id: string; text: string}[]>`select * from shout order by id`;
  return Object.fromEntries(rows.map(row => [row.id, row.text]));
}

test('does every key once, then nothing, then only what changed', async () => {
  await write({a: 'uno', b: 'dos', c: 'tres'});
  expect(await run(shoutStage())).toMatchObject({keysFound: 3, keysDone: 3, counts: {shouts: 3}});
  expect(await run(shoutStage())).toMatchObject({keysFound: 0, keysDone: 0, counts: {}});
  await write({b: 'cuatro'});
  expect(await run(shoutStage())).toMatchObject({keysFound: 1});
  expect(await shouts()).toEqual({a: 'UNO', b: 'CUATRO', c: 'TRES'});
});

test('after many keys the planner knows the written table, in the same moment', async () => {
  const known = async () =>
    (await database.sql`select count(*)::int as n from pg_stats where tablename = 'shout'`)[0]?.n;
  await database.sql`insert into word select 'w' || n, 'uno' from generate_series(1, 500) n`;
  await run(shoutStage(), {dryRun: true});
  expect(await known()).toBe(0);
  await run(shoutStage());
  expect(await known()).toBe(2);
});

test('a new version takes every key again, and so does a rebuild', async () => {
  await write({a: 'uno', b: 'dos'});
  await run(shoutStage());
  expect(await run(shoutStage({version: 2}))).toMatchObject({keysFound: 2});
  expect(await run(shoutStage({version: 2}), {rebuild: true})).toMatchObject({keysFound: 2});
});

test('what was made from a vanished key is removed, but not by a narrowed run', async () => {
  await write({a: 'uno', b: 'dos'});
  await run(shoutStage());
  await database.sql`delete from word where id = 'a'`;
  await run(shoutStage(), {portal: 'fincaraiz'});
  expect(await shouts()).toEqual({a: 'UNO', b: 'DOS'});
  await run(shoutStage());
  expect(await shouts()).toEqual({b: 'DOS'});
});

test('a key that throws is put aside with its reason and not tried again until it changes', async () => {
  await write({a: 'uno', b: 'bad', c: 'tres'});
  expect(await run(shoutStage())).toMatchObject({keysFound: 3, keysDone: 2, keysFailed: 1});
  expect(await shouts()).toEqual({a: 'UNO', c: 'TRES'});
  const issues = await database.sql`select code, message, occurrences from ops.issue`;
  expect([...issues]).toEqual([{code: 'stage_key_failed', message: 'a bad word', occurrences: 1}]);
  expect(await run(shoutStage())).toMatchObject({keysFound: 0});
  await write({b: 'dos'});
  expect(await run(shoutStage())).toMatchObject({keysFound: 1, keysFailed: 0});
});

test('a reason that PostgreSQL could not hold is kept with what it can', async () => {
  await write({a: 'uno', b: 'bad'});
  // The three hundredth letter is the first half of a house.
  const complaint = `\u0000${'x'.repeat(298)}🏠`;
  expect(await run(shoutStage({complaint}))).toMatchObject({keysDone: 1, keysFailed: 1});
  const [state] = await database.sql`select error from ops.stage_state where key = 'b'`;
  expect(state).toEqual({error: `\uFFFD${'x'.repeat(298)}\uFFFD`});
});

test('more than 2 % of failing keys fail the stage, with everything else saved', async () => {
  await write({a: 'bad 1', b: 'bad 2', c: 'bad 3', d: 'cuatro'});
  await expect(run(shoutStage())).rejects.toThrow(ContractError);
  expect(await shouts()).toEqual({d: 'CUATRO'});
  const [stageRun] = await database.sql`select status, keys_failed from ops.stage_run`;
  expect(stageRun).toEqual({status: 'failed', keys_failed: 3});
});

test('where a key must not fail, the stage fails with its error and the key is tried again', async () => {
  await write({a: 'uno', b: 'dos', c: 'bad'});
  await expect(run(shoutStage({onKeyError: 'fail'}))).rejects.toThrow('a bad word');
  expect(await shouts()).toEqual({a: 'UNO', b: 'DOS'});
  await expect(run(shoutStage({onKeyError: 'fail'}))).rejects.toThrow('a bad word');
  await write({c: 'tres'});
  expect(await run(shoutStage({onKeyError: 'fail'}))).toMatchObject({keysFound: 1, keysDone: 1});
});

test('a run cut off between batches goes on where it stopped', async () => {
  await write({a: 'uno', b: 'dos', c: 'tres', d: 'cuatro'});
  await expect(run(shoutStage({failSaveAt: 'd'}))).rejects.toThrow('the power went out');
  expect(await shouts()).toEqual({a: 'UNO', b: 'DOS'});
  expect(await run(shoutStage())).toMatchObject({keysFound: 2, keysDone: 2});
  expect(Object.keys(await shouts())).toEqual(['a', 'b', 'c', 'd']);
});

test('of batches under way together one that fails ends the run; the others are kept, nothing is lost or done twice', async () => {
  const words = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(id => [id, `word ${id}`]));
  await write(words);
  await expect(run(shoutStage({failSaveAt: 'b', batchesAtOnce: 2}))).rejects.toThrow('the power went out');
  const [stageRun] = await database.sql`select status, keys_done from ops.stage_run`;
  const kept = Object.keys(await shouts());
  // The batch beside it may have been saved; later ones were not begun after the failure.
  expect(stageRun).toEqual({status: 'failed', keys_done: kept.length});
  expect(kept).not.toContain('a');
  expect(await run(shoutStage({batchesAtOnce: 2}))).toMatchObject({
    keysFound: 8 - kept.length,
    keysDone: 8 - kept.length,
  });
  expect(Object.keys(await shouts())).toHaveLength(8);
});

test('a dry run counts and leaves nothing behind', async () => {
  await write({a: 'uno'});
  expect(await run(shoutStage(), {dryRun: true})).toMatchObject({keysFound: 1, counts: {shouts: 1}});
  expect(await shouts()).toEqual({});
  expect(await run(shoutStage())).toMatchObject({keysFound: 1});
});

test('two processes never run the same stage at once', async () => {
  await write({a: 'uno'});
  await withAdvisoryLock(database, 'stage:shout', async () => {
    await expect(run(shoutStage())).rejects.toThrow(LockHeldError);
  });
  expect(await run(shoutStage())).toMatchObject({keysDone: 1});
});
