/** Schema `api`: what people read. Views and their comments, made from the column dictionary. */
import {sql} from 'drizzle-orm';
import {columnComment, tableComment, VIEWS} from '../domain/dictionary.ts';
import {sha256Hex} from '../lib/hash.ts';
import type {Database, Tx} from './client.ts';
import {READER} from './roles.ts';
import {TOTAL_COST_SIGNATURE, totalCostFunction} from './travel-views.ts';
import {literal, sqlType, viewQueries} from './view-queries.ts';

const SCHEMA_COMMENT =
  'Lo que leen las personas: vistas comentadas, sólo lectura. Empiece por api.freshness y api.column_dictionary.\n' +
  '— EN: what people read: commented, read-only views. Start with api.freshness and api.column_dictionary.';

/**
 * Brings schema `api` to the present definition: nothing happens when it is there already, else all its views are made
 * anew in one transaction, and the reader gets its grants again. Safe to call from several processes at once.
 * @returns whether anything was made.
 */
export function applyViews(database: Pick<Database, 'orm'>): Promise<boolean> {
  return database.orm.transaction(tx => createViews(tx));
}

/** As `applyViews`, inside a transaction of the caller. */
export async function createViews(tx: Tx): Promise<boolean> {
  const script = viewsScript();
  const comment = `${SCHEMA_COMMENT}\n[definition ${sha256Hex(script).slice(0, 16)}]`;
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('raiz:api-views', 0))`);
  const [present] = await tx.execute<{comment: string | null}>(
    sql`select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = 'api'`,
  );
  if (present?.comment === comment) return false;
  await tx.execute(sql`create schema if not exists api`);
  await dropViews(tx);
  await tx.execute(sql.raw(script));
  await tx.execute(sql.raw(`comment on schema api is ${literal(comment)}`));
  await grantReader(tx);
  return true;
}

/**
 * Drops every view of schema `api`, so that a migration may change the tables beneath; `createViews` makes them again.
 */
export async function dropViews(tx: Tx): Promise<void> {
  await tx.execute(sql.raw(`drop function if exists ${TOTAL_COST_SIGNATURE}`));
  const views = await tx.execute<{name: string}>(
    sql`select viewname as name from pg_views where schemaname = 'api'`,
  );
  if (views.length === 0) return;
  const names = views.map(({name}) => sql`api.${sql.identifier(name)}`);
  await tx.execute(sql`drop view ${sql.join(names, sql`, `)} cascade`);
  await tx.execute(sql`comment on schema api is null`);
}

/** Lets the read-only role see every view; does nothing while the role doesn't exist. */
async function grantReader(tx: Tx): Promise<void> {
  const roles = await tx.execute(sql`select from pg_roles where rolname = ${READER}`);
  if (roles.length === 0) return;
  await tx.execute(
    sql.raw(`grant usage on schema api to ${READER}; grant select on all tables in schema api to ${READER}`),
  );
}

/** Every view with its comments, as one SQL text. */
function viewsScript(): string {
  const queries = viewQueries();
  const statements: string[] = [];
  for (const view of VIEWS) {
    const query = queries[view.name];
    if (query === undefined) throw new RangeError(`src/db/view-queries.ts has no query for api.${view.name}`);
    const columns = view.columns.map(column => `q.${column}::${sqlType(column)} as ${column}`);
    statements.push(`create view api.${view.name} as\nselect ${columns.join(', ')}\nfrom (${query}) q`);
    statements.push(`comment on view api.${view.name} is ${literal(tableComment(view))}`);
    for (const column of view.columns) {
      statements.push(`comment on column api.${view.name}.${column} is ${literal(columnComment(column))}`);
    }
  }
  statements.push(totalCostFunction(literal));
  return statements.join(';\n');
}
