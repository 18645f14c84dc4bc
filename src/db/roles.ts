/**
 * Roles of a Raíz database.
 *
 * `raiz_reader` logs in and reads the views of `api`, nothing else; `raiz_writer` is a group for people and machines that
 * run stages without owning the tables. Roles belong to the whole server, so other databases may have made them before.
 */
import type {Sql} from 'postgres';
import {codeOf} from './explain.ts';

export const READER = 'raiz_reader';
export const WRITER = 'raiz_writer';

const READER_CONNECTIONS = 20;
const READER_SETTINGS = {
  default_transaction_read_only: 'on',
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '10min',
} as const;

const LAYERS = ['ops', 'raw', 'core', 'ml'] as const;

/**
 * Creates the roles and grants what they may do, now and for tables and views made later. Idempotent, safe in several
 * processes at once. Call it again after `api` was dropped and made anew.
 *
 * @returns notices: rights this user lacks; the database works without the roles, only not for readers.
 */
export async function ensureRoles(sql: Sql): Promise<string[]> {
  try {
    await retryRace(() => ensureReader(sql));
    await retryRace(() => ensureWriter(sql));
    return [];
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    return [
      `This database user may not set up the roles ${READER} and ${WRITER} (${error instanceof Error ? error.message : error}). ` +
        'Everything else works; for read-only access ask the owner of the server to run `raiz db migrate` once as a user with CREATEROLE.',
    ];
  }
}

/** Sets the password of the reader. */
export async function setReaderPassword(sql: Sql, password: string): Promise<void> {
  await sql.unsafe(`alter role ${READER} password ${literal(password)}`);
}

async function ensureReader(sql: Sql): Promise<void> {
  const [role] = await sql<{rolconfig: string[] | null; rolconnlimit: number}[]>`
    select rolconfig, rolconnlimit from pg_roles where rolname = ${READER}`;
  if (role === undefined) await sql.unsafe(`create role ${READER} login`);
  if (role?.rolconnlimit !== READER_CONNECTIONS) {
    await sql.unsafe(`alter role ${READER} connection limit ${READER_CONNECTIONS}`);
  }
  for (const [setting, value] of Object.entries(READER_SETTINGS)) {
    if (role?.rolconfig?.includes(`${setting}=${value}`) !== true) {
      await sql.unsafe(`alter role ${READER} set ${setting} = ${literal(value)}`);
    }
  }
  const [access] = await sql<{done: boolean}[]>`
    select has_schema_privilege(${READER}, oid, 'usage') and exists (
      select from pg_default_acl d, aclexplode(d.defaclacl) a
      where d.defaclnamespace = n.oid and d.defaclobjtype = 'r'
        and a.grantee = (select oid from pg_roles where rolname = ${READER})
    ) and not exists (
      select from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'v', 'm')
        and not has_table_privilege(${READER}, c.oid, 'select')
    ) as done
    from pg_namespace n where nspname = 'api'`;
  if (access?.done === true) return;
  await sql.unsafe(`
    create schema if not exists api;
    grant usage on schema api to ${READER};
    grant select on all tables in schema api to ${READER};
    alter default privileges in schema api grant select on tables to ${READER};`);
}

async function ensureWriter(sql: Sql): Promise<void> {
  const [role] = await sql`select 1 from pg_roles where rolname = ${WRITER}`;
  if (role === undefined) await sql.unsafe(`create role ${WRITER} nologin`);
  const lacking = await sql<{schema: string}[]>`
    select nspname as schema from pg_namespace n where nspname in ${sql([...LAYERS, 'api'])}
      and not (has_schema_privilege(${WRITER}, oid, 'usage') and exists (
        select from pg_default_acl d, aclexplode(d.defaclacl) a
        where d.defaclnamespace = n.oid and a.grantee = (select oid from pg_roles where rolname = ${WRITER})))`;
  for (const {schema} of lacking) {
    const rights = schema === 'api' ? 'select' : 'select, insert, update, delete';
    await sql.unsafe(`
      grant usage on schema ${schema} to ${WRITER};
      grant ${rights} on all tables in schema ${schema} to ${WRITER};
      grant usage on all sequences in schema ${schema} to ${WRITER};
      alter default privileges in schema ${schema} grant ${rights} on tables to ${WRITER};
      alter default privileges in schema ${schema} grant usage on sequences to ${WRITER};`);
  }
}

/** Roles are rows of the whole server: another process may write the same one at the same instant. */
const RACES = ['23505', '42710', '42P06', 'XX000'];

async function retryRace(work: () => Promise<void>, attempts = 8): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !RACES.includes(codeOf(error) ?? '')) throw error;
      await new Promise(resolve => setTimeout(resolve, 20 * attempt));
    }
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
