/** The environment: secrets and addresses. The only reader of `process.env`; policy stands in `raiz.config.ts`. */
import {existsSync, readFileSync} from 'node:fs';
import {isAbsolute, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseEnv} from 'node:util';
import {z} from 'zod';
import {ConfigError} from '../domain/errors.ts';

/** Folder of the program: where package.json is. */
export const PROGRAM_DIR = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

const GOOD_DATABASE_URL = 'postgres://user:password@host:5432/database';

const text = z.string().trim().min(1);

const VARIABLES = {
  DATABASE_URL: text.refine(isDatabaseUrl, {error: `must look like ${GOOD_DATABASE_URL}`}).optional(),
  RAIZ_DATA_DIR: text.default(join(PROGRAM_DIR, 'data')),
  RAIZ_CONTACT: text.optional(),
  RAIZ_CHROMIUM: text
    .refine(isAbsolute, {error: 'must be an absolute path, as /usr/bin/chromium'})
    .optional(),
  RAIZ_LOG_LEVEL: z.enum(LOG_LEVELS, {error: `must be one of ${LOG_LEVELS.join(', ')}`}).default('info'),
  RAIZ_HASH_KEY: z.string().min(16, {error: 'must have at least 16 characters'}).optional(),
  RAIZ_DISCORD_WEBHOOK: z
    .url({error: 'must be an https address'})
    .refine(isHttpsOrLoopback, {error: 'must be an https address'})
    .optional(),
};

const schema = z.object(VARIABLES).transform(given => ({
  /** PostgreSQL to use instead of the embedded server. Holds a password: never print it. */
  databaseUrl: given.DATABASE_URL,
  /** Absolute. */
  dataDir: resolve(given.RAIZ_DATA_DIR),
  /** Address that the crawler names in its user agent. */
  contact: given.RAIZ_CONTACT,
  /** Chromium program for portals whose pages need a browser. */
  chromium: given.RAIZ_CHROMIUM,
  logLevel: given.RAIZ_LOG_LEVEL,
  /** Secret of pseudonyms and masked points. */
  hashKey: given.RAIZ_HASH_KEY,
  discordWebhook: given.RAIZ_DISCORD_WEBHOOK,
}));

export type Env = Readonly<z.infer<typeof schema>>;

/**
 * Reads the variables Raíz knows; an empty one counts as unset.
 *
 * @throws ConfigError names each wrong or unknown `RAIZ_*` variable, never its value.
 */
export function readEnv(env: NodeJS.ProcessEnv): Env {
  const names = Object.keys(VARIABLES);
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== '');
  const unknown = given
    .map(([name]) => name)
    .filter(name => name.startsWith('RAIZ_') && !names.includes(name));
  if (unknown.length > 0) {
    throw new ConfigError(
      `Unknown environment ${unknown.length === 1 ? 'variable' : 'variables'} ${unknown.join(', ')}. Raíz knows ${names.join(', ')}: correct the spelling or unset it.`,
      {context: {unknown, known: names}},
    );
  }
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`);
  throw new ConfigError(
    `The environment is wrong: ${faults.join('; ')}. Correct it where it is set (shell or .env; see .env.example).`,
    {context: {faults}},
  );
}

/** The environment of this process; what it leaves unset is taken from `.env` in the program's folder. */
export function env(): Env {
  const file = join(PROGRAM_DIR, '.env');
  return readEnv({...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}), ...process.env});
}

/** Which of the known variables are set, without their values. */
export function variablesSet(given: Env): Record<string, 'set' | 'not set'> {
  const values: Record<keyof typeof VARIABLES, string | undefined> = {
    DATABASE_URL: given.databaseUrl,
    RAIZ_DATA_DIR: given.dataDir,
    RAIZ_CONTACT: given.contact,
    RAIZ_CHROMIUM: given.chromium,
    RAIZ_LOG_LEVEL: given.logLevel,
    RAIZ_HASH_KEY: given.hashKey,
    RAIZ_DISCORD_WEBHOOK: given.discordWebhook,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === undefined ? 'not set' : 'set']),
  );
}

/** Every text of the environment that must not leave the machine. */
export function secretsOf({databaseUrl, hashKey, discordWebhook, contact}: Env): string[] {
  const database = databaseUrl === undefined ? undefined : new URL(databaseUrl);
  const password = database?.password ?? '';
  const given = [databaseUrl, hashKey, discordWebhook, contact, password, decodeURIComponent(password)];
  return given.filter(secret => secret !== undefined && secret !== '').map(String);
}

function isDatabaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const host = url.hostname || url.searchParams.get('host');
  return /^postgres(ql)?:$/.test(url.protocol) && Boolean(host) && url.pathname.length > 1;
}

/** A webhook's address is a secret: it travels openly on this machine only. */
function isHttpsOrLoopback(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const {protocol, hostname} = new URL(value);
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname))
  );
}
