/** Clean and fold of a million observations, database to database, with a PostgreSQL on the same machine. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {cleanStage} from '../../pipelines/clean/stage.ts';
import type {Database} from '../../src/db/client.ts';
import {stopEmbedded} from '../../src/db/embedded/server.ts';
import {openDatabase} from '../../src/db/open.ts';
import {STAGED_LISTING_VERSION} from '../../src/domain/listing.ts';
import {stagedListing} from '../support/staged-listing.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';

const LISTINGS = 200_000;
/** Complete runs two days apart; every advert is seen in each, changed every time. */
const DAYS = 5;
const SCOPE = 'toy/sale/apartment/antioquia/medellin';

/** Seconds, CPU and memory of the whole, and of a second pass that finds nothing to do. */
export async function benchClean({listings = LISTINGS}: BenchOptions): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'raiz-bench-clean-'));
  try {
    const database = await openDatabase({env: {}, dataDir: folder, databaseName: 'raiz'});
    try {
      await fillRaw(database, listings);
      return await measure(database, folder, listings);
    } finally {
      await database.close();
    }
  } finally {
    await stopEmbedded(folder);
    rmSync(folder, {recursive: true, force: true});
  }
}

async function measure(database: Database, folder: string, listings: number): Promise<BenchRow[]> {
  const settings = {now: () => new Date(), dataDir: folder};
  const cpu = process.cpuUsage();
  const report = await cleanStage.run(database, settings);
  const {user, system} = process.cpuUsage(cpu);
  const again = await cleanStage.run(database, settings);
  const observations = listings * DAYS;
  const counts = `${report.keysDone} listings, ${report.counts.versions} versions, ${report.counts.findings} findings`;
  return [
    {
      name: `clean and fold ${observations} observations`,
      value: round(report.seconds),
      unit: 's',
      note: `${counts}; limit 600 s`,
    },
    {name: 'rate', value: Math.round(observations / report.seconds), unit: 'observations/s'},
    {name: 'CPU of this process', value: round((user + system) / 1e6), unit: 's', note: 'PostgreSQL apart'},
    {
      name: 'memory of this process at its peak',
      value: Math.round(process.resourceUsage().maxRSS / 1024),
      unit: 'MiB',
      note: 'PostgreSQL apart',
    },
    {name: 'clean again, no work', value: round(again.seconds), unit: 's', note: `${again.keysFound} keys`},
  ];
}

/** Adverts of a market: each day another price, one in ten with a stratum and a fee of 0, which rules find. */
async function fillRaw({sql}: Database, listings: number): Promise<void> {
  const listing = stagedListing({
    description:
      'apartamento con balcón, cocina integral, tres alcobas y parqueadero, cerca al parque. '.repeat(5),
  });
  await sql`
    insert into ops.run (kind, portal, natural_key, observed_on, started_at, finished_at, verdict, code_version)
    select 'import', 'toy', 'bench ' || day, date '2026-01-01' + 2 * day, now(), now(), 'complete', 'bench'
    from generate_series(1, ${DAYS}) day`;
  await sql`
    insert into ops.run_scope (run_id, scope_key, portal, operation, property_type, place, observed_at, verdict,
      started_at, closed_at)
    select run_id, ${SCOPE}, 'toy', 'sale', 'apartment', 'antioquia/medellin', observed_on + time '17:00', 'complete',
      now(), now()
    from ops.run`;
  await sql`
    insert into raw.observation (listing_id, payload_hash, portal, source_kind, payload, staged_version, is_synthetic)
    select 'toy:id:' || id, md5(id || '/' || day), 'toy', 'import',
      ${sql.json(JSON.parse(JSON.stringify(listing)))}::jsonb || jsonb_build_object(
        'portalListingId', id::text,
        'builtAreaM2', 40 + id % 160,
        'stratum', case when id % 10 = 0 then 0 else 1 + id % 6 end,
        'latitude', 6.2 + (id % 1000) / 1e4,
        'offers', jsonb_build_array(jsonb_build_object('operation', 'sale', 'currency', 'COP',
          'adminFeeCop', case when id % 10 = 0 then 0 else 250000 end,
          'price', (40 + id % 160) * 4000000 + day * 1000000))),
      ${STAGED_LISTING_VERSION}, false
    from generate_series(1, ${listings}::int) id, generate_series(1, ${DAYS}) day`;
  await sql`
    insert into raw.sighting (run_scope_id, listing_id, observed_at, payload_hash, source_row)
    select s.run_scope_id, 'toy:id:' || id, s.observed_at, md5(id || '/' || rank() over (partition by id order by s.observed_at)), id
    from ops.run_scope s, generate_series(1, ${listings}::int) id`;
  await sql`analyze raw.observation, raw.sighting, ops.run_scope`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
