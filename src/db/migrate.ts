/** Brings a database up to date: Drizzle's migrations, then the roles, then the views of schema `api`. */
import {fileURLToPath} from 'node:url';
import {readMigrationFiles} from 'drizzle-orm/migrator';
import {drizzle} from 'drizzle-orm/postgres-js';
import {migrate} from 'drizzle-orm/postgres-js/migrator';
import type {Sql} from 'postgres';
import * as schema from '../../drizzle/schema/index.ts';
import {ConfigError} from '../domain/errors.ts';
import {openPool} from './client.ts';
import {explainDatabaseError} from './explain.ts';
import {ensureRoles} from './roles.ts';
import {createViews, dropViews} from './views.ts';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle/migrations', import.meta.url));

/** Advisory lock of migrations; any number will do that nobody else uses. */
const MIGRATION_LOCK = 7_212_001;

/**
 * Applies what is missing; several processes may do so at once, one does the work. When nothing is missing it costs one
 * query.
 *
 * @returns what could not be set up but does not stop the work, for a person to read.
 * @throws ConfigError when the database was migrated by a newer Raíz.
 */
export async function migrateDatabase(url: string): Promise<string[]> {
  const session = openPool(url, {max: 1, lifetime: 'unlimited'});
  const wanted = readMigrationFiles({migrationsFolder: MIGRATIONS});
  try {
    const orm = drizzle(session, {schema, casing: 'snake_case'});
    if ((await missingMigrations(session, wanted)) > 0) {
      await session`select pg_advisory_lock(${MIGRATION_LOCK}::bigint)`;
      // A column that a view reads can't change its type: the views go first and are made anew.
      if ((await missingMigrations(session, wanted)) > 0) await orm.transaction(tx => dropViews(tx));
      await migrate(orm, {migrationsFolder: MIGRATIONS});
    }
    // The roles come first, so that the views are granted to them as they are made.
    const notices = await ensureRoles(session);
    await orm.transaction(tx => createViews(tx));
    return notices;
  } catch (error) {
    throw explainDatabaseError(error, url) ?? error;
  } finally {
    await session.end({timeout: 5});
  }
}

async function missingMigrations(sql: Sql, wanted: readonly {folderMillis: number}[]): Promise<number> {
  const [journal] = await sql<{known: boolean}[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as known`;
  if (journal?.known !== true) return wanted.length;
  const [applied] = await sql<
    {last: string | null}[]
  >`select max(created_at) as last from drizzle.__drizzle_migrations`;
  const last = Number(applied?.last ?? 0);
  const newest = wanted.at(-1)?.folderMillis ?? 0;
  if (last > newest) {
    throw new ConfigError(
      'This database was set up by a newer version of Raíz. Update Raíz (git pull, npm ci) or use another database.',
      {context: {applied: last, known: newest}},
    );
  }
  return wanted.filter(migration => migration.folderMillis > last).length;
}
