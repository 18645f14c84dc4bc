/** What a release is made from, and which releases there are. */
import {desc, type SQL, sql} from 'drizzle-orm';
import {release} from '../../drizzle/schema/ops.ts';
import {
  ACCESS_COLUMNS,
  columnMeaning,
  dictionaryRows,
  FILES,
  type TableMeaning,
} from '../domain/dictionary.ts';
import type {Operation} from '../domain/vocabulary.ts';
import {sha256Hex} from '../lib/hash.ts';
import type {Db, Tx} from './client.ts';
import {literal, sqlType} from './view-queries.ts';

/** One row of a release file, by column name: text, number, boolean, `Date`, list of texts or null. */
export type ReleaseRow = Readonly<Record<string, unknown>>;

export type ReleaseRecord = typeof release.$inferSelect;

/** Where each file's columns come from. */
const SOURCES: Readonly<Record<string, string>> = {
  listings: `select l.*, ${Object.keys(ACCESS_COLUMNS)
    .map(column => `a.${column}`)
    .join(', ')}
    from api.listing l left join api.listing_access a on a.listing_id = l.listing_id`,
  price_history: `select p.listing_id, p.operation, p.valid_from as price_since, p.valid_to as price_until, p.price_stated,
      p.currency, p.price_cop, p.correction as price_correction, p.admin_fee_cop, l.is_synthetic
    from core.listing_price p join core.listing l on l.listing_id = p.listing_id`,
  scores: 'select * from api.listing_valuation',
  spells: 'select * from api.listing_spell',
};

/** Everything a release says of itself that is not in its rows. */
export interface ReleaseFacts {
  /** Over all that the rows of the files are made from, and their dictionary: equal hashes make equal files. */
  readonly inputHash: string;
  readonly listings: number;
  readonly syntheticListings: number;
  readonly dataFrom: Date | null;
  readonly dataUntil: Date | null;
  readonly sources: readonly ReleaseSource[];
  readonly champions: readonly ReleaseChampion[];
}

interface ReleaseSource {
  readonly portal: string;
  readonly kinds: readonly string[];
  readonly listings: number;
  readonly lastSeenAt: Date;
  /** Instant of the newest complete search; null: there was none. */
  readonly lastCompleteAt: Date | null;
}

interface ReleaseChampion {
  readonly operation: Operation;
  readonly modelId: string;
  readonly algorithm: string;
  readonly isSynthetic: boolean;
}

/** What the rows of the files are made from, with nothing computed twice. */
const HASHED = [
  ...FILES.filter(file => file.name !== 'scores').map(file =>
    fileQuery({...file, columns: file.columns.filter(column => ACCESS_COLUMNS[column] === undefined)}),
  ),
  // Numbers of points of interest are this database's own: the same world has others in another.
  "select to_jsonb(g) - 'nearest_poi' from core.listing_location g",
  'select s.* from ml.score s join ml.model m on m.model_id = s.model_id where m.is_champion',
];

/** The work of the release stage: one key once there are listings, hashed over all that would be released. */
export function releaseWork(): SQL {
  const dictionary = FILES.flatMap(file => dictionaryRows(file.name, file));
  const words = sha256Hex(JSON.stringify([FILES, dictionary]));
  const sums = HASHED.map(
    query => `(select count(*) || ':' || coalesce(sum(('x' || left(md5(r::text), 16))::bit(64)::bigint), 0)
      from (${query}) r)`,
  );
  return sql.raw(`select 'listings' as key, md5(concat_ws('|', ${literal(words)}, ${sums.join(', ')})) as input_hash
    where exists (select from core.listing)`);
}

export async function readReleaseFacts(tx: Tx): Promise<ReleaseFacts> {
  const [work] = await tx.execute<{input_hash: string}>(releaseWork());
  const [totals] = await tx.execute<{
    listings: number;
    synthetic: number;
    from: Date | null;
    until: Date | null;
  }>(sql`
    select count(*) as listings, count(*) filter (where is_synthetic) as synthetic,
      min(first_seen_at) as from, max(last_seen_at) as until
    from core.listing`);
  const sources = await tx.execute<{[Key in keyof ReleaseSource]: ReleaseSource[Key]}>(sql`
    with complete as (
      select portal, max(observed_at) as at from ops.run_scope where verdict = 'complete' group by portal
    ), kind as (
      select portal, array_agg(distinct kind order by kind) as kinds from ops.run group by portal
    )
    select l.portal, coalesce(k.kinds, '{}') as kinds, count(*) as listings, max(l.last_seen_at) as "lastSeenAt",
      c.at as "lastCompleteAt"
    from core.listing l left join complete c on c.portal = l.portal left join kind k on k.portal = l.portal
    group by l.portal, k.kinds, c.at order by l.portal`);
  const champions = await tx.execute<{[Key in keyof ReleaseChampion]: ReleaseChampion[Key]}>(sql`
    select operation, model_id as "modelId", algorithm, is_synthetic as "isSynthetic"
    from ml.model where is_champion order by operation, model_id`);
  return {
    inputHash: work?.input_hash ?? '',
    listings: totals?.listings ?? 0,
    syntheticListings: totals?.synthetic ?? 0,
    dataFrom: totals?.from ?? null,
    dataUntil: totals?.until ?? null,
    sources: [...sources],
    champions: [...champions],
  };
}

/** The rows of a file in the order of its key, in batches: memory holds one batch, whatever the size. */
export async function* readFileRows(
  tx: Tx,
  file: TableMeaning,
  batchSize: number,
): AsyncGenerator<readonly ReleaseRow[]> {
  const order = file.key.map(column =>
    columnMeaning(column).type === 'text' ? `${column} collate "C"` : column,
  );
  const cursor = `release_${file.name}`;
  await tx.execute(
    sql.raw(`declare ${cursor} no scroll cursor for ${fileQuery(file)} order by ${order.join(', ')}`),
  );
  for (;;) {
    const rows = await tx.execute<Record<string, unknown>>(sql.raw(`fetch ${batchSize} from ${cursor}`));
    if (rows.length === 0) break;
    yield [...rows];
    if (rows.length < batchSize) break;
  }
  await tx.execute(sql.raw(`close ${cursor}`));
}

/** All releases, newest first. */
export function listReleases(db: Db): Promise<ReleaseRecord[]> {
  return db.select().from(release).orderBy(desc(release.builtAt), desc(release.version));
}

export async function saveRelease(tx: Tx, row: typeof release.$inferInsert): Promise<void> {
  await tx.insert(release).values(row);
}

function fileQuery(file: TableMeaning): string {
  const source = SOURCES[file.name];
  if (source === undefined)
    throw new RangeError(`src/db/releases.ts has no source for the file ${file.name}`);
  const columns = file.columns.map(column => `q.${column}::${sqlType(column)} as ${column}`);
  return `select ${columns.join(', ')} from (${source}) q`;
}
