/** Read-only access for people: the address of `raiz_reader`, with a password that is kept in a file of this user. */
import {randomBytes} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {ConfigError} from '../domain/errors.ts';
import {connectDatabase, type Database} from './client.ts';
import {folderError} from './data-dir.ts';
import {codeOf, explainDatabaseError} from './explain.ts';
import {READER, setReaderPassword} from './roles.ts';

/**
 * A URL that works: when the kept password is refused (none set yet, or another installation on the same server set its
 * own), it is set anew.
 *
 * @param passwordFile made when missing, mode 0600.
 * @throws ConfigError when the role is missing or this user may not set its password.
 */
export async function readerUrl(
  database: Pick<Database, 'sql' | 'url'>,
  passwordFile: string,
): Promise<string> {
  const [role] = await database.sql`select 1 from pg_roles where rolname = ${READER}`;
  if (role === undefined) {
    throw new ConfigError(
      `The role ${READER} doesn't exist. Run \`raiz db migrate\` with a DATABASE_URL whose user has CREATEROLE.`,
    );
  }
  const password = await keptPassword(passwordFile);
  const url = new URL(database.url);
  url.username = READER;
  url.password = password;
  if (await isRefused(url.href)) {
    try {
      await setReaderPassword(database.sql, password);
    } catch (error) {
      throw explainDatabaseError(error, database.url) ?? error;
    }
  }
  return url.href;
}

async function isRefused(url: string): Promise<boolean> {
  try {
    await (await connectDatabase(url, {max: 1})).close();
    return false;
  } catch (error) {
    if (codeOf(error instanceof ConfigError ? error.cause : error) === '28P01') return true;
    throw error;
  }
}

async function keptPassword(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw folderError(path, error);
  }
  const password = randomBytes(18).toString('base64url');
  try {
    await writeFile(path, `${password}\n`, {flag: 'wx', mode: 0o600});
    return password;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return keptPassword(path); // another process was faster
    throw folderError(path, error);
  }
}
