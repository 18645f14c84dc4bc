/**
 * What somebody needs who helps from afar, as one JSON file without secrets: versions, policy, checks, what ran and how
 * it ended. No listing, no address of a page, no value of an issue is in it; every text passes through `scrub`.
 */
import {open} from 'node:fs/promises';
import {arch, homedir, platform, release, totalmem} from 'node:os';
import {join} from 'node:path';
import {schemaVersion} from '../db/backup.ts';
import type {Database} from '../db/client.ts';
import {codeOf} from '../db/explain.ts';
import {openIncidents, scopeRuns} from '../db/health.ts';
import {reviewers} from '../db/reviews.ts';
import {listIssues, newestStageRuns, portalHealth} from '../db/status.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import {redactText} from '../portal/redact.ts';
import {type Check, wordsOf} from './check.ts';

export interface BundleOptions {
  readonly dataDir: string;
  readonly programDir: string;
  readonly host: string;
  readonly now: Date;
  /** As `raiz.config.ts` states it. */
  readonly policy: unknown;
  /** Variables that Raíz knows: whether they are set. */
  readonly variables: Readonly<Record<string, 'set' | 'not set'>>;
  /** Values that must not be in the file: passwords, keys, webhooks, the contact. */
  readonly secrets: readonly string[];
  readonly checks: readonly Check[];
  readonly openDatabase: () => Promise<Database>;
}

const RUNS = 20;
const STAGE_RUNS = 40;
const ISSUES = 200;
const LOG_TAIL_BYTES = 64 * 1024;

/** The bundle as text, ready to be read by a person and sent. What can't be asked says why instead. */
export async function makeBundle(options: BundleOptions): Promise<string> {
  const {dataDir, now, policy, variables, checks} = options;
  const {ran, people} = await whatRan(options);
  const bundle = {
    about: {
      note: 'Made by raiz doctor --bundle. Without secrets, listings and addresses of pages; read it before you send it.',
      madeAt: now.toISOString(),
      raiz: RAIZ_VERSION,
      node: process.version,
      system: `${platform()} ${release()} ${arch()}`,
      memoryGb: Number((totalmem() / 1e9).toFixed(1)),
    },
    variables,
    policy,
    checks,
    database: ran,
    log: await logTail(dataDir),
  };
  const hidden = new Map<string, string>();
  for (const secret of [...options.secrets, ...people]) hidden.set(secret, '[hidden]');
  hidden.set(options.host, '<host>');
  for (const [path, name] of [
    [dataDir, '<data>'],
    [options.programDir, '<program>'],
    [homedir(), '<home>'],
  ] as const)
    if (path.length > 1) hidden.set(path, name);
  return `${JSON.stringify(scrub(bundle, hidden), null, 2)}\n`;
}

async function whatRan(options: BundleOptions): Promise<{ran: unknown; people: readonly string[]}> {
  let database: Database;
  try {
    database = await options.openDatabase();
  } catch (error) {
    return {ran: {error: wordsOf(error)}, people: []};
  }
  try {
    const {orm, sql} = database;
    const people = await reviewers(orm);
    const issues = await listIssues(orm, {limit: ISSUES});
    const ran = {
      schemaVersion: await schemaVersion(sql),
      runs: await portalHealth(orm, RUNS),
      scopes: (await scopeRuns(orm, 1)).map(({measure: _measure, ...scope}) => scope),
      incidents: await openIncidents(orm),
      stageRuns: await newestStageRuns(orm, STAGE_RUNS),
      // Values and messages of issues are words of pages: their kind and place must do.
      issues: issues.map(({code, source, path, occurrences, firstSeenAt, lastSeenAt}) => ({
        ...{code, source, path, occurrences, firstSeenAt, lastSeenAt},
      })),
    };
    return {ran, people};
  } catch (error) {
    return {ran: {error: wordsOf(error)}, people: []};
  } finally {
    await database.close();
  }
}

async function logTail(dataDir: string): Promise<readonly unknown[]> {
  try {
    const file = await open(join(dataDir, 'logs', 'raiz.log'), 'r');
    try {
      const {size} = await file.stat();
      const from = Math.max(0, size - LOG_TAIL_BYTES);
      const bytes = Buffer.alloc(size - from);
      await file.read(bytes, 0, bytes.length, from);
      const lines = bytes.toString('utf8').split('\n');
      // The first line is cut off where the tail begins in its middle.
      return lines
        .slice(from > 0 ? 1 : 0)
        .filter(line => line !== '')
        .map(parseLine);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return []; // nothing was logged yet
    throw error;
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line; // cut off by a kill: shown as it stands, scrubbed like the rest
  }
}

/** Every text of a value without secrets, page addresses and what looks personal; keys are our own words. */
function scrub(value: unknown, hidden: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return scrubText(value, hidden);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(element => scrub(element, hidden));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [scrubText(key, hidden), scrub(field, hidden)]),
  );
}

function scrubText(text: string, hidden: ReadonlyMap<string, string>): string {
  let clean = text;
  // Long ones first: one may be part of another.
  for (const [secret, name] of [...hidden].sort(([a], [b]) => b.length - a.length))
    if (secret !== '') clean = clean.replaceAll(secret, name);
  clean = clean.replace(/\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@]*@)?([^\s/:"'?#]+)[^\s"']*/gi, '$1$2/…');
  return redactText(clean);
}
