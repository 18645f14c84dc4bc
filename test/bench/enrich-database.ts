/** Enrichment from database to database: `core.listing_version` and `core.poi` in, `core.listing_location` out. */
import {enrichStage} from '../../pipelines/enrich/stage.ts';
import type {Database} from '../../src/db/client.ts';
import {writePlaces, writePois, writeStratumPoints} from '../../src/db/places.ts';
import type {IndexedPlace} from '../../src/lib/geo-places.ts';
import {createRandom} from '../../src/lib/random.ts';
import type {KnownStratum} from '../../src/lib/stratum.ts';
import {postgresCpuSeconds} from './bench-database.ts';
import type {BenchRow} from './bench-row.ts';
import {peakMemoryMb} from './cpu.ts';
import {type EnrichWorld, scatterHomes} from './enrich-world.ts';

const SOURCE = {source: 'bench', licence: 'bench', asOf: '2026-01-01'};
const FILLED_AT_ONCE = 50_000;

export interface EnrichCost {
  readonly rows: readonly BenchRow[];
  /** Of this process and of PostgreSQL together, for one listing. */
  readonly cpuSecondsAListing: number;
}

/** Fills the database with places, points, strata and homes. */
export async function fillEnrichDatabase(
  database: Database,
  world: EnrichWorld,
  strata: readonly KnownStratum[],
  listings: number,
): Promise<void> {
  await database.orm.transaction(async tx => {
    await writePlaces(
      tx,
      [MEDELLIN, ...world.places].map(each => ({...each, ...SOURCE})),
    );
    await writePois(
      tx,
      world.pois.map(({poiId, category, latitude, longitude}) => ({
        ...{poiId, category, latitude, longitude},
        ...{...SOURCE, sourceId: poiId},
      })),
    );
    const points = strata.map(({latitude, longitude, stratum, blockCode}, index) => ({
      ...{pointId: String(index), latitude, longitude, stratum, blockCode},
      ...SOURCE,
    }));
    await writeStratumPoints(tx, points);
  });
  const random = createRandom('bench enrich homes');
  const names = world.places.map(({name}) => name);
  for (let filled = 0; filled < listings; filled += FILLED_AT_ONCE) {
    const count = Math.min(FILLED_AT_ONCE, listings - filled);
    const {latitudes, longitudes} = scatterHomes(random, world.pois, count);
    const stated = Array.from({length: count}, () => random.pick(names));
    await insertHomes(database, filled, {latitudes, longitudes, stated});
  }
  await database.sql`analyze core.listing, core.listing_version, core.poi, core.place`;
}

/** The city around its neighbourhoods, which name it as their parent. */
const MEDELLIN: IndexedPlace = {
  placeCode: '05001',
  kind: 'municipality',
  name: 'Medellín',
  parentCode: null,
  geometry: null,
  latitude: null,
  longitude: null,
};

interface FilledHomes {
  readonly latitudes: Float64Array;
  readonly longitudes: Float64Array;
  /** Neighbourhoods as adverts state them. */
  readonly stated: readonly string[];
}

async function insertHomes({sql}: Database, from: number, homes: FilledHomes): Promise<void> {
  await sql`
    insert into core.listing (listing_id, portal, id_space, portal_listing_id, first_seen_at, last_seen_at, status, is_synthetic)
    select 'toy:id:' || id, 'toy', 'id', id, now(), now(), 'active', true
    from generate_series(${from + 1}::int, ${from + homes.stated.length}::int) id`;
  await sql`
    insert into core.listing_version (listing_id, valid_from, payload_hash, department, municipality, neighbourhood,
      latitude, longitude, stratum, amenities, is_project, is_off_plan, is_auction, exclusions)
    select 'toy:id:' || ${from}::int + at, now(), md5(at::text), 'Antioquia', 'Medellín', stated, latitude, longitude,
      1 + at % 6, '{}', false, false, false, '{}'
    from unnest(${[...homes.latitudes]}::float8[], ${[...homes.longitudes]}::float8[], ${[...homes.stated]}::text[])
      with ordinality home(latitude, longitude, stated, at)`;
}

export async function measureEnrichStage(database: Database, dataDir: string): Promise<EnrichCost> {
  const settings = {now: () => new Date(), dataDir};
  const cpu = process.cpuUsage();
  const serverBefore = await postgresCpuSeconds(database);
  const report = await enrichStage.run(database, settings);
  const {user, system} = process.cpuUsage(cpu);
  const own = (user + system) / 1e6;
  const server = (await postgresCpuSeconds(database)) - serverBefore;
  const again = await enrichStage.run(database, settings);
  const qualities = Object.entries(report.counts).map(([quality, count]) => `${count} ${quality}`);
  const rate = (seconds: number) => Math.round(report.keysDone / seconds);
  const rows = [
    {
      name: `enrich stage, ${report.keysDone} listings`,
      value: rate(report.seconds),
      unit: 'listings/s',
      note: `${round(report.seconds)} s; goal 8,000 on two cores; ${qualities.join(', ')}`,
    },
    {
      name: 'on one processor of its own each',
      value: rate(Math.max(own, server)),
      unit: 'listings/s',
      note: 'by CPU seconds: this process beside PostgreSQL',
    },
    {
      name: 'CPU of this process',
      value: round(own),
      unit: 's',
      note: `${round((own / report.keysDone) * 1e6)} µs a listing`,
    },
    {
      name: 'CPU of PostgreSQL',
      value: round(server),
      unit: 's',
      note: `${round((server / report.keysDone) * 1e6)} µs a listing`,
    },
    {
      name: 'memory of this process at its peak',
      value: Math.round(peakMemoryMb()),
      unit: 'MB',
      note: 'limit 1,500; PostgreSQL apart',
    },
    {name: 'enrich again, no work', value: round(again.seconds), unit: 's', note: `${again.keysFound} keys`},
  ];
  return {rows, cpuSecondsAListing: (own + server) / report.keysDone};
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
