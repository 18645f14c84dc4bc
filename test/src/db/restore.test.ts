import {appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {listing, listingVersion} from '../../../drizzle/schema/core.ts';
import {run, runScope} from '../../../drizzle/schema/ops.ts';
import {observation, sighting} from '../../../drizzle/schema/raw.ts';
import {backUp} from '../../../src/db/backup.ts';
import {connectDatabase, type Database} from '../../../src/db/client.ts';
import {withDatabase} from '../../../src/db/open.ts';
import {checkRestore, restoreBackup, restoreInto} from '../../../src/db/restore.ts';
import {ConfigError, ContractError} from '../../../src/domain/errors.ts';
import {testDatabase} from '../../support/database.ts';
import {stagedListing} from '../../support/staged-listing.ts';

const NOW = new Date('2026-03-01T15:00:00Z');
const INTO = `raiz_test_restored_${process.pid}`;

let database: Database;
let folder: string;

beforeEach(async () => {
  database = await testDatabase();
  folder = join(await mkdtemp(join(tmpdir(), 'raiz-backup-')), 'backup');
  await fill(database);
});

afterEach(async () => {
  await database.sql`drop database if exists ${database.sql(INTO)} with (force)`;
  await database.close();
  rmSync(join(folder, '..'), {recursive: true, force: true});
});

/** Rows with what COPY must not lose: tabs, backslashes, quotes, nulls, arrays, JSON, deleted ids. */
async function fill({orm, sql}: Database) {
  const [opened] = await orm
    .insert(run)
    .values([
      {
        kind: 'crawl',
        portal: 'toy',
        observedOn: '2026-03-01',
        startedAt: NOW,
        codeVersion: '1',
        isSynthetic: true,
      },
      {kind: 'crawl', portal: 'deleted', observedOn: '2026-03-01', startedAt: NOW, codeVersion: '1'},
    ])
    .returning({runId: run.runId});
  await sql`delete from ops.run where portal = 'deleted'`;
  const [scope] = await orm
    .insert(runScope)
    .values({runId: opened!.runId, scopeKey: 'toy/x', portal: 'toy', place: 'a\tb\\n"ñ"\n', startedAt: NOW})
    .returning({id: runScope.runScopeId});
  const payload = stagedListing({title: 'Casa\t"grande" \\ de Ñito\n🏠', amenities: ['a,b', '{}', '"']});
  const id = 'toy:id:1';
  const more = {
    portal: 'toy',
    stagedVersion: 1,
    sourceKind: 'crawl' as const,
    unread: ['$.a\\b'],
    isSynthetic: true,
  };
  await orm.insert(observation).values({listingId: id, payloadHash: 'h', payload, ...more});
  await orm
    .insert(sighting)
    .values({runScopeId: scope!.id, listingId: id, observedAt: NOW, payloadHash: 'h'});
  const seen = {firstSeenAt: NOW, lastSeenAt: NOW, status: 'active' as const, isSynthetic: true};
  await orm
    .insert(listing)
    .values({listingId: id, portal: 'toy', idSpace: 'id', portalListingId: '1', ...seen});
  await orm.insert(listingVersion).values({
    ...{
      listingId: id,
      validFrom: NOW,
      payloadHash: 'h',
      isProject: false,
      isOffPlan: false,
      isAuction: false,
    },
    ...{areaM2: 85.3, latitude: 6.2012345678, amenities: ['Ascensor', ''], exclusions: []},
  });
}

const rowsOf = async ({sql}: Database) => ({
  runs: await sql`select * from ops.run`,
  scopes: await sql`select * from ops.run_scope`,
  observations: await sql`select * from raw.observation`,
  versions: await sql`select * from core.listing_version`,
  migrations: await sql`select created_at, hash from drizzle.__drizzle_migrations`,
});

const databases = async () =>
  (
    await database.sql<{name: string}[]>`
    select datname as name from pg_database where datname like 'raiz_restore_check%' or datname = ${INTO}`
  ).map(({name}) => name);

describe('a round trip', () => {
  test('every row comes back, ids go on where they were, views and roles are there', async () => {
    const manifest = await backUp(database, folder, NOW);
    expect(manifest).toMatchObject({format: 1, isSynthetic: true, takenAt: NOW.toISOString()});
    expect(manifest.tables.find(table => table.name === 'core.listing_version')).toMatchObject({rows: 1});
    const restored = await restoreInto(database.url, INTO, folder);
    const copy = await connectDatabase(restored.url);
    try {
      expect(await rowsOf(copy)).toEqual(await rowsOf(database));
      expect(await copy.sql`select listing_id, area_m2 from api.listing_current`).toEqual(
        await database.sql`select listing_id, area_m2 from api.listing_current`,
      );
      const next = (db: Database) => db.sql`
        insert into ops.run (kind, portal, observed_on, started_at, code_version)
        values ('crawl', 'toy', '2026-03-02', now(), '1') returning run_id`;
      expect(await next(copy)).toEqual(await next(database));
    } finally {
      await copy.close();
    }
  });

  test('tables larger than any buffer on the way', async () => {
    await database.sql`
      insert into ops.issue (fingerprint, code, source, message, first_seen_at, last_seen_at)
      select n::text, 'x', 'toy', repeat(md5(n::text), 20), now(), now() from generate_series(1, 8000) n`;
    const manifest = await backUp(database, folder, NOW);
    expect(manifest.tables.find(table => table.name === 'ops.issue')).toMatchObject({rows: 8000});
    expect((await checkRestore(database.url, folder)).rows).toBe(8006);
  });

  test('a backup is of one instant: rows that come meanwhile are not in it, and it can be read while they do', async () => {
    let writes = 0;
    let isDone = false;
    const writer = (async () => {
      while (!isDone) {
        await database.sql`insert into ops.portal_review (portal, reviewed_on, reviewed_by, may_crawl, may_release, may_sell, note)
          values ('toy', '2026-03-01', 'x', false, false, false, '')`;
        writes += 1;
      }
    })();
    const manifest = await backUp(database, folder, NOW);
    isDone = true;
    await writer;
    expect(writes).toBeGreaterThan(0);
    const drill = await checkRestore(database.url, folder);
    expect(drill.rows).toBe(manifest.tables.reduce((total, table) => total + table.rows, 0));
  });
});

describe('restore --check', () => {
  test('compares everything and leaves no database behind', async () => {
    await backUp(database, folder, NOW);
    const before = await databases();
    const drill = await checkRestore(database.url, folder);
    expect(drill).toMatchObject({rows: 6});
    expect(drill.tables).toBeGreaterThan(15);
    expect(await databases()).toEqual(before);
  });

  test.each<[string, (file: string) => void]>([
    ['cut off', file => truncateSync(file, 30)],
    ['with more at its end', file => appendFileSync(file, 'x')],
    ['of another table state', file => rewrite(file, table => ({...table, checksum: '17'}))],
    ['with fewer rows than said', file => rewrite(file, table => ({...table, rows: 2}))],
  ])('a file %s: nothing is restored, the scratch database is dropped', async (_name, damage) => {
    await backUp(database, folder, NOW);
    damage(join(folder, 'raw.observation.copy.gz'));
    const before = await databases();
    const drill = checkRestore(database.url, folder);
    await expect(drill).rejects.toThrow(/raw\.observation\.copy\.gz is damaged/);
    await expect(drill).rejects.toBeInstanceOf(ContractError);
    expect(await databases()).toEqual(before);
  });
});

/** Changes what the manifest says of a file. */
function rewrite(file: string, change: (table: Record<string, unknown>) => Record<string, unknown>) {
  const path = join(file, '..', 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  manifest.tables = manifest.tables.map((table: Record<string, unknown>) =>
    file.endsWith(String(table.file)) ? change(table) : table,
  );
  writeFileSync(path, JSON.stringify(manifest));
}

describe('refusals', () => {
  test('a database that is not empty', async () => {
    await backUp(database, folder, NOW);
    await expect(restoreBackup(database.url, folder)).rejects.toThrow(/is not empty \(.*has rows\).*--into/);
    await expect(restoreBackup(database.url, folder)).rejects.toBeInstanceOf(ConfigError);
  });

  test('a backup of a newer Raíz', async () => {
    await backUp(database, folder, NOW);
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({...manifest, schemaVersion: manifest.schemaVersion + 1}));
    await expect(restoreInto(database.url, INTO, folder)).rejects.toThrow(/another version of Raíz/);
  });

  test.each(['1bad', 'DROP', "x'; --", ''])('the name %j', async name => {
    await backUp(database, folder, NOW);
    await expect(restoreInto(database.url, name, folder)).rejects.toThrow(/no name for a database/);
  });

  test('a folder that holds no backup', async () => {
    await expect(restoreInto(database.url, INTO, folder)).rejects.toThrow(
      /manifest\.json can't be read \(ENOENT\)/,
    );
    expect(await databases()).not.toContain(INTO);
  });

  test('a backup over another; nothing unfinished is left', async () => {
    await backUp(database, folder, NOW);
    await expect(backUp(database, folder, NOW)).rejects.toThrow(/exists already/);
    expect(readdirSync(join(folder, '..'))).toEqual(['backup']);
  });
});

test('an older backup begins with its own tables and is brought up to date', async () => {
  // A database as it was after the first migration.
  await database.sql`insert into ops.host_pace (host, next_at, delay_ms) values ('toy.example', now(), 2000)`;
  const manifest = await backUp(database, folder, NOW);
  const journal = JSON.parse(
    readFileSync(new URL('../../../drizzle/migrations/meta/_journal.json', import.meta.url), 'utf8'),
  );
  const [first] = journal.entries;
  const old = manifest.tables.filter(table => table.name === 'ops.host_pace');
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({...manifest, schemaVersion: first.when, tables: old}),
  );
  const restored = await restoreInto(database.url, INTO, folder);
  const copy = await connectDatabase(withDatabase(database.url, INTO));
  try {
    expect(await copy.sql`select max(created_at) as at from drizzle.__drizzle_migrations`).toEqual([
      {at: journal.entries.at(-1).when},
    ]);
    expect(await copy.sql`select host from ops.host_pace`).toEqual([{host: 'toy.example'}]);
    expect(await copy.sql`select count(*)::int as n from ops.incident`).toEqual([{n: 0}]);
    expect(restored.rows).toBe(1);
  } finally {
    await copy.close();
  }
});
