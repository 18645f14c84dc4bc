import {rmSync} from 'node:fs';
import {mkdtemp, readdir, readFile, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {parseStage} from '../../../pipelines/parse/stage.ts';
import {crawl} from '../../../src/crawl/crawl.ts';
import type {Database} from '../../../src/db/client.ts';
import type {Portal} from '../../../src/portal/define-portal.ts';
import {testDatabase} from '../../support/database.ts';
import {startToySite, type ToySite, toyListings, toyPortal, toyScope} from '../../support/toy-portal.ts';

let database: Database;
let site: ToySite;
let dataDir: string;

beforeEach(async () => {
  database = await testDatabase();
  site = await startToySite();
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-parse-'));
  site.places.set('a/b', toyListings(35));
});

afterEach(async () => {
  await site.close();
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

const crawlOnce = (day = '2026-03-01') =>
  crawl({
    ...{
      database,
      dataDir,
      portal: toyPortal,
      scopes: [toyScope('a/b')],
      baseUrl: site.baseUrl,
      contact: undefined,
    },
    hashKey: 'a test key of some length',
    now: () => new Date(`${day}T15:00:00Z`),
    isSynthetic: true,
    observedOn: day,
  });

const parse = (portal: Portal = toyPortal, options = {}) =>
  parseStage([portal]).run(database, {now: () => new Date('2026-03-05T00:00:00Z'), dataDir, options});

async function counts() {
  const [row] = await database.sql`
    select (select count(*)::int from raw.sighting) as sightings, (select count(*)::int from raw.observation) as observations,
           (select count(*)::int from raw.rejected_record) as rejected`;
  return {...row};
}

test('an observation is kept once for all runs that saw the same; a change adds one', async () => {
  await crawlOnce();
  await parse();
  site.places.get('a/b')![3]!.price = 99_000_000;
  site.places.get('a/b')![4]!.updatedOn = '2026-03-02';
  await crawlOnce('2026-03-02');
  await parse();
  expect(await counts()).toEqual({sightings: 70, observations: 36, rejected: 0});
});

test('a raised parser version reads the archive again, with no network, and takes back what no longer holds', async () => {
  await crawlOnce();
  await parse();
  await site.close();
  const stricter: Portal = {
    ...toyPortal,
    parserVersion: 2,
    parseSearch: page => {
      const reading = toyPortal.parseSearch(page);
      const [first, ...listings] = reading.listings;
      return {
        ...reading,
        listings,
        rejected: [{path: 'listings[0]', message: `no ${first?.listing.portalListingId}`}],
      };
    },
  };
  expect(await parse(stricter)).toMatchObject({keysFound: 4, counts: {listings: 31, rejected: 4}});
  expect(await counts()).toEqual({sightings: 31, observations: 35, rejected: 4});
  expect(await parse(stricter)).toMatchObject({keysFound: 0});
  const [ref] = await database.sql`select source_ref from raw.rejected_record order by 1 limit 1`;
  expect(ref?.source_ref).toMatch(/^page:\d+\$\.listings\[0\]$/);
  expect(await parse(toyPortal)).toMatchObject({keysFound: 4});
  expect(await counts()).toEqual({sightings: 35, observations: 35, rejected: 0});
  site = await startToySite();
});

test('parsing everything again gives the same rows', async () => {
  await crawlOnce();
  await parse();
  const rows = () => database.sql`select * from raw.sighting order by listing_id`;
  const before = await rows();
  expect(await parse(toyPortal, {rebuild: true})).toMatchObject({keysFound: 4});
  expect([...(await rows())]).toEqual([...before]);
});

test('a listing that moved between pages during the walk is one sighting, the latest', async () => {
  const all = toyListings(20);
  site.fault = path => {
    if (path.endsWith('pagina2')) site.places.set('a/b', [...all.slice(10), {...all[0]!, price: 7}]);
    return undefined;
  };
  site.places.set('a/b', all);
  await crawlOnce();
  await parse();
  expect((await counts()).sightings).toBe(10);
  const [moved] = await database.sql`
    select o.payload #> '{offers,0,price}' as price from raw.sighting s join raw.observation o using (listing_id, payload_hash)
    where s.listing_id = 'toy:id:1'`;
  expect(moved?.price).toBe(7);
});

test('a damaged page of the archive is put aside, the others are read', async () => {
  await crawlOnce();
  const folder = join(dataDir, 'raw/toy/2026');
  const file = join(folder, (await readdir(folder))[0] ?? '');
  const [span] = await database.sql<
    {at: number}[]
  >`select file_offset as at from raw.page order by page_id limit 1`;
  const bytes = await readFile(file);
  bytes[(span?.at ?? 0) + 40]! ^= 0xff;
  await writeFile(file, bytes);
  expect(await parse()).toMatchObject({keysFound: 4, keysFailed: 1});
  const [failed] = await database.sql`select error from ops.stage_state where error is not null`;
  expect(failed?.error).toContain('damaged at byte');
});
