/** PostGIS doing what the sweep does, on the same plane: the three nearest and the counts of every category. */
import {connectDatabase, type Database} from '../../src/db/client.ts';
import {withDatabase} from '../../src/db/open.ts';
import {POI_RADII_M, type PoiCategory} from '../../src/domain/vocabulary.ts';
import {eastM, northM} from '../../src/lib/geo.ts';
import {type GridPoi, PoiGrid} from '../../src/lib/geo-grid.ts';
import {createRandom} from '../../src/lib/random.ts';
import type {BenchRow} from './bench-row.ts';
import {statOf, TICKS_PER_SECOND} from './cpu.ts';
import {type EnrichWorld, type Homes, scatterHomes} from './enrich-world.ts';

const HOMES = 1000;
/** Where a PostGIS is looked for unless `--postgis` names another server. */
const LOCAL_SERVER = 'postgres://root@127.0.0.1:5432/postgres';
const [NEAR_M, MIDDLE_M, WIDE_M] = POI_RADII_M;

/** @param cpuSecondsAListing what the whole stage costs, database included */
export async function comparePostgis(
  world: EnrichWorld,
  serverUrl: string | undefined,
  cpuSecondsAListing: number,
): Promise<BenchRow[]> {
  const url = serverUrl ?? LOCAL_SERVER;
  const skipped = (why: string): BenchRow[] => [
    {name: 'PostGIS skipped', value: 0, unit: 'listings/CPU s', note: why},
  ];
  let server: Database;
  try {
    server = await connectDatabase(url, {max: 1});
  } catch (error) {
    return skipped(`no server at ${new URL(url).host}: ${error instanceof Error ? error.message : error}`);
  }
  const name = `raiz_bench_postgis_${process.pid}`;
  try {
    const [known] = await server.sql`select from pg_available_extensions where name = 'postgis'`;
    if (known === undefined) return skipped(`${new URL(url).host} has no PostGIS`);
    await server.sql`create database ${server.sql(name)}`;
    try {
      return await measurePostgis(withDatabase(url, name), world, cpuSecondsAListing);
    } finally {
      await server.sql`drop database ${server.sql(name)} with (force)`;
    }
  } finally {
    await server.close();
  }
}

async function measurePostgis(
  url: string,
  world: EnrichWorld,
  cpuSecondsAListing: number,
): Promise<BenchRow[]> {
  const database = await connectDatabase(url, {max: 1});
  try {
    const grid = new PoiGrid(world.pois);
    const homes = scatterHomes(createRandom('bench enrich postgis'), world.pois, HOMES);
    await fillPostgis(database, grid, homes);
    const common = await timePostgis(database, grid, 'one table');
    const kindest = await timePostgis(database, grid, 'table a category');
    const {answers} = kindest;
    const sweepSeconds = timeSweep(grid, homes) / HOMES;
    const {metresOff, countsOff, compared} = compareAnswers(grid, homes, answers);
    const rowsOf = ({seconds}: PostgisTime, layout: string): BenchRow[] => [
      {
        name: `PostGIS, ${HOMES} homes, ${grid.categories.length} categories, ${layout}`,
        value: Math.round(1 / seconds),
        unit: 'listings/CPU s',
        note: 'GiST, KNN and ST_DWithin on plane metres; no gravity, nothing saved',
      },
      {
        name: 'our sweep beside it',
        value: round(seconds / sweepSeconds),
        unit: 'times',
        note: 'with gravity; goal 60',
      },
      {
        name: 'our whole stage beside it',
        value: round(seconds / cpuSecondsAListing),
        unit: 'times',
        note: 'CPU of this process and PostgreSQL: work found, loaded, placed, judged, saved',
      },
    ];
    return [
      ...rowsOf(common, 'one table'),
      ...rowsOf(kindest, 'a table a category'),
      {
        name: 'answers that differ',
        value: metresOff + countsOff,
        unit: `of ${compared}`,
        note: `${metresOff} distances by more than 1 m, ${countsOff} counts`,
      },
    ];
  } finally {
    await database.close();
  }
}

/** One table with a GiST index, as points of interest are commonly kept, and the kindest: one for each category. */
type Layout = 'one table' | 'table a category';

async function fillPostgis({sql}: Database, grid: PoiGrid, homes: Homes): Promise<void> {
  await sql`create extension postgis`;
  await sql`set max_parallel_workers_per_gather = 0`;
  await sql`set jit = off`;
  await sql`create table home (id int primary key, geom geometry(point) not null)`;
  const xs = Array.from(homes.longitudes, eastM);
  const ys = Array.from(homes.latitudes, northM);
  await sql`
    insert into home select at, st_makepoint(x, y)
    from unnest(${xs}::float8[], ${ys}::float8[]) with ordinality home(x, y, at)`;
  await sql`create table poi (category text not null, geom geometry(point) not null)`;
  for (const category of grid.categories) {
    const table = sql(tableOf(category));
    const members = grid.pois.filter((poi: GridPoi) => poi.category === category);
    await sql`create table ${table} (geom geometry(point) not null)`;
    await sql`
      insert into ${table} select st_makepoint(x, y)
      from unnest(${members.map(poi => eastM(poi.longitude))}::float8[], ${members.map(poi => northM(poi.latitude))}::float8[]) poi(x, y)`;
    await sql`create index on ${table} using gist (geom)`;
    await sql`analyze ${table}`;
    await sql`insert into poi select ${category}, geom from ${table}`;
  }
  await sql`create index on poi using gist (geom)`;
  await sql`create index on poi (category)`;
  await sql`analyze poi`;
  await sql`analyze home`;
}

function tableOf(category: PoiCategory): string {
  return `poi_${category}`;
}

interface PostgisAnswer {
  readonly metres: readonly number[];
  readonly counts: readonly number[];
}

/** In the order of the homes. */
async function askPostgis({sql}: Database, category: PoiCategory, layout: Layout): Promise<PostgisAnswer[]> {
  const table =
    layout === 'table a category'
      ? sql`${sql(tableOf(category))}`
      : sql`(select geom from poi where category = ${category})`;
  return await sql<PostgisAnswer[]>`
    select near.metres, within.counts from home
    cross join lateral (
      select array_agg(metres order by metres) as metres
      from (select p.geom <-> home.geom as metres from ${table} as p order by p.geom <-> home.geom limit 3) three) near
    cross join lateral (
      select array[count(*) filter (where st_dwithin(p.geom, home.geom, ${NEAR_M}::float8)),
        count(*) filter (where st_dwithin(p.geom, home.geom, ${MIDDLE_M}::float8)), count(*)]::int[] as counts
      from ${table} as p where st_dwithin(p.geom, home.geom, ${WIDE_M}::float8)) within
    order by home.id`;
}

interface PostgisTime {
  readonly answers: ReadonlyMap<PoiCategory, readonly PostgisAnswer[]>;
  /** CPU of the server's process, for one home. */
  readonly seconds: number;
}

async function timePostgis(database: Database, grid: PoiGrid, layout: Layout): Promise<PostgisTime> {
  const [backend] = await database.sql<{pid: number}[]>`select pg_backend_pid() as pid`;
  const cpu = () => (statOf(backend?.pid ?? 0)?.own ?? 0) / TICKS_PER_SECOND;
  const before = cpu();
  const answers = new Map<PoiCategory, readonly PostgisAnswer[]>();
  for (const category of grid.categories) answers.set(category, await askPostgis(database, category, layout));
  return {answers, seconds: (cpu() - before) / HOMES};
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** CPU seconds of a sweep of all homes; the mean of many, the first rounds compile. */
function timeSweep(grid: PoiGrid, {latitudes, longitudes}: Homes): number {
  const rounds = 50;
  for (let round = 0; round < rounds; round++) grid.sweep(latitudes, longitudes);
  const cpu = process.cpuUsage();
  for (let round = 0; round < rounds; round++) grid.sweep(latitudes, longitudes);
  const {user, system} = process.cpuUsage(cpu);
  return (user + system) / 1e6 / rounds;
}

function compareAnswers(
  grid: PoiGrid,
  {latitudes, longitudes}: Homes,
  answers: ReadonlyMap<PoiCategory, readonly PostgisAnswer[]>,
): {metresOff: number; countsOff: number; compared: number} {
  const total = {metresOff: 0, countsOff: 0, compared: 0};
  const {nearestM, counts} = grid.sweep(latitudes, longitudes);
  grid.categories.forEach((category, column) => {
    for (let row = 0; row < HOMES; row++) {
      const answer = answers.get(category)?.[row];
      const slot = (row * grid.categories.length + column) * 3;
      for (let rank = 0; rank < 3; rank++) {
        total.compared += 2;
        // Ours ends at 20 km, PostGIS at nothing.
        const theirs = answer?.metres[rank] ?? Number.POSITIVE_INFINITY;
        const ours = nearestM[slot + rank] ?? 0;
        if (Number.isFinite(ours) ? Math.abs(ours - theirs) > 1 : theirs < 20_000) total.metresOff++;
        if (answer?.counts[rank] !== counts[slot + rank]) total.countsOff++;
      }
    }
  });
  return total;
}
