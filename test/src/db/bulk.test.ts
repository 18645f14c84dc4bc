import {asc, eq} from 'drizzle-orm';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {listing, listingVersion, poi} from '../../../drizzle/schema/core.ts';
import {run} from '../../../drizzle/schema/ops.ts';
import {observation} from '../../../drizzle/schema/raw.ts';
import {deleteByKeys, insertRows, replaceRows, upsertRows} from '../../../src/db/bulk.ts';
import type {Database} from '../../../src/db/client.ts';
import {codeOf} from '../../../src/db/explain.ts';
import {testDatabase} from '../../support/database.ts';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.sql`truncate core.listing, core.poi, raw.observation, ops.run cascade`;
});

const seenAt = new Date('2026-03-01T12:00:00.123Z');

function listingRow(number: number): typeof listing.$inferInsert {
  return {
    listingId: `fincaraiz:id:${number}`,
    portal: 'fincaraiz',
    idSpace: 'id',
    portalListingId: String(number),
    url: number % 2 === 0 ? null : `https://example.org/${number}`,
    firstSeenAt: seenAt,
    lastSeenAt: seenAt,
    status: 'active',
    isSynthetic: true,
  };
}

function poiRow(number: number, name: string | null): typeof poi.$inferInsert {
  const where = {latitude: 6.2442 + number / 1e4, longitude: -75.5812};
  const source = {source: 'test', sourceId: String(number), licence: 'CC0', asOf: '2026-02-28'};
  return {poiId: `p${number}`, category: 'hospital', name, ...where, ...source};
}

describe('insertRows', () => {
  it('keeps every kind of value exactly', async () => {
    await insertRows(database.orm, listing, [listingRow(1)]);
    const version: typeof listingVersion.$inferInsert = {
      listingId: 'fincaraiz:id:1',
      validFrom: seenAt,
      validTo: null,
      payloadHash: 'h',
      title: 'Apartamento "El Poblado"\n\t\\ ñandú 🏠 {a,b} \u2028',
      latitude: 6.20861234567891,
      longitude: -75.56712345678912,
      areaM2: 80.5,
      bedrooms: 3,
      amenities: ['piscina', 'a,b', '"c"', '{}', '', 'null'],
      isProject: false,
      isOffPlan: true,
      isAuction: false,
      exclusions: [],
    };
    expect(await insertRows(database.orm, listingVersion, [version])).toBe(1);
    const [read] = await database.orm.select().from(listingVersion);
    expect(read).toMatchObject(version);
    expect(read?.department).toBeNull();
    expect((await database.orm.select().from(listing))[0]).toEqual(listingRow(1));
  });

  it('keeps jsonb, dates and big integers, and leaves identity columns to the database', async () => {
    const base = {
      kind: 'import',
      portal: 'fincaraiz',
      startedAt: seenAt,
      codeVersion: '0',
    } as const;
    const options = {deep: {list: [1, 'dos', null, {x: 1e15}]}, text: 'null'};
    await insertRows(database.orm, run, [
      {...base, observedOn: '2021-02-28', options},
      {...base, observedOn: '2024-02-29'},
    ]);
    const rows = await database.orm.select().from(run).orderBy(asc(run.runId));
    expect(rows.map(row => row.observedOn)).toEqual(['2021-02-28', '2024-02-29']);
    expect(rows[0]?.options).toEqual(options);
    expect(rows[1]?.options).toEqual({});
    expect(rows[1]?.isSynthetic).toBe(false);
    expect(typeof rows[0]?.runId).toBe('number');
  });

  it('replaces what PostgreSQL can’t store in text', async () => {
    await insertRows(database.orm, poi, [poiRow(1, 'a\u0000b \ud83d c \\u0000 🏥')]);
    expect((await database.orm.select().from(poi))[0]?.name).toBe('a\uFFFDb \uFFFD c \\u0000 🏥');
  });

  it('refuses numbers that JSON would turn into null, naming the column', async () => {
    await expect(insertRows(database.orm, poi, [{...poiRow(1, null), latitude: Number.NaN}])).rejects.toThrow(
      /latitude: NaN/,
    );
  });

  it('refuses a key that is no column', async () => {
    const row = {...poiRow(1, null), surprise: 1};
    await expect(insertRows(database.orm, poi, [row])).rejects.toThrow(/core|poi.*surprise/);
  });

  it('says what the database refused, without the rows', async () => {
    const rows = [poiRow(1, 'private words'), poiRow(1, 'private words')];
    const failure = await insertRows(database.orm, poi, rows).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/duplicate key value .*, in: insert into "core"."poi"/);
    expect((failure as Error).stack).not.toContain('private words');
    expect(codeOf(failure)).toBe('23505');
  });

  it('writes nothing for no rows and splits many', async () => {
    expect(await insertRows(database.orm, poi, [])).toBe(0);
    const wide = 'x'.repeat(30_000);
    const rows = Array.from({length: 400}, (_, number) => poiRow(number, `${wide}${number}`));
    expect(await insertRows(database.orm, poi, rows)).toBe(400);
    const [count] = await database.sql`select count(*), count(distinct name) as names from core.poi`;
    expect(count).toEqual({count: 400, names: 400});
  });

  it('belongs to the transaction it is given', async () => {
    await expect(
      database.orm.transaction(async tx => {
        await insertRows(tx, poi, [poiRow(1, null)]);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await database.orm.$count(poi)).toBe(0);
  });
});

describe('upsertRows', () => {
  const target = [poi.poiId];

  it('counts what is new or changed and leaves the rest untouched', async () => {
    await insertRows(database.orm, poi, [poiRow(1, 'uno'), poiRow(2, null)]);
    const before = await database.sql`select poi_id, xmin::text from core.poi where poi_id = 'p2'`;
    const rows = [poiRow(1, 'UNO'), poiRow(2, null), poiRow(3, 'tres')];
    expect(await upsertRows(database.orm, poi, rows, {target})).toBe(2);
    expect(await upsertRows(database.orm, poi, rows, {target})).toBe(0);
    expect(await database.sql`select poi_id, xmin::text from core.poi where poi_id = 'p2'`).toEqual(before);
    const names = await database.orm.select({name: poi.name}).from(poi).orderBy(poi.poiId);
    expect(names.map(row => row.name)).toEqual(['UNO', null, 'tres']);
  });

  it('sees a change between null and a value', async () => {
    await insertRows(database.orm, poi, [poiRow(1, 'uno'), poiRow(2, null)]);
    expect(await upsertRows(database.orm, poi, [poiRow(1, null), poiRow(2, 'dos')], {target})).toBe(2);
  });

  it('updates the named columns only, or nothing', async () => {
    await insertRows(database.orm, poi, [poiRow(1, 'uno')]);
    const changed = {...poiRow(1, 'UNO'), licence: 'ODbL'};
    expect(await upsertRows(database.orm, poi, [changed], {target, update: 'nothing'})).toBe(0);
    expect(await upsertRows(database.orm, poi, [changed], {target, update: [poi.licence]})).toBe(1);
    expect((await database.orm.select().from(poi))[0]).toMatchObject({name: 'uno', licence: 'ODbL'});
  });

  it('works on keys of several columns and jsonb', async () => {
    const row = {
      listingId: 'fincaraiz:id:1',
      payloadHash: 'h',
      portal: 'fincaraiz',
      sourceKind: 'import',
      payload: {portal: 'fincaraiz'} as never,
      stagedVersion: 1,
      unread: ['$.a', '$.b[0]'],
      isSynthetic: false,
    } as const;
    const rows = [{...row, unread: [...row.unread]}];
    const key = [observation.listingId, observation.payloadHash];
    expect(await upsertRows(database.orm, observation, rows, {target: key})).toBe(1);
    expect(await upsertRows(database.orm, observation, rows, {target: key})).toBe(0);
    expect((await database.orm.select().from(observation))[0]?.unread).toEqual(row.unread);
  });
});

describe('deleteByKeys and replaceRows', () => {
  it('deletes by text and by number', async () => {
    await insertRows(database.orm, poi, [poiRow(1, null), poiRow(2, null), poiRow(3, null)]);
    expect(await deleteByKeys(database.orm, poi, poi.poiId, ['p1', 'p3', 'p9'])).toBe(2);
    expect(await deleteByKeys(database.orm, poi, poi.poiId, [])).toBe(0);
    const base = {
      kind: 'crawl',
      portal: 'x',
      startedAt: seenAt,
      codeVersion: '0',
      observedOn: '2026-01-01',
    } as const;
    await insertRows(database.orm, run, [base]);
    const [{runId} = {runId: 0}] = await database.orm.select({runId: run.runId}).from(run);
    expect(await deleteByKeys(database.orm, run, run.runId, [runId])).toBe(1);
  });

  it('replaces the rows of the keys and leaves others', async () => {
    await insertRows(database.orm, listing, [listingRow(1), listingRow(2)]);
    const priced = {...poiRow(1, 'uno')};
    await insertRows(database.orm, poi, [priced, poiRow(2, 'dos')]);
    await database.orm.transaction(tx => replaceRows(tx, poi, poi.poiId, ['p1', 'p7'], [poiRow(7, 'siete')]));
    const rows = await database.orm.select({poiId: poi.poiId}).from(poi).orderBy(poi.poiId);
    expect(rows.map(row => row.poiId)).toEqual(['p2', 'p7']);
    expect(await database.orm.select().from(poi).where(eq(poi.poiId, 'p1'))).toEqual([]);
  });
});
