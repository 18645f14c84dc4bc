/** What an installation needs, checked one by one. Nothing is repaired here: each line says what to do. */
import {readdir, rm, stat, statfs} from 'node:fs/promises';
import {join} from 'node:path';
import {readArchived, verifyArchive} from '../archive/reader.ts';
import {openArchive} from '../archive/warc.ts';
import {findChromium} from '../crawl/chromium.ts';
import type {Database} from '../db/client.ts';
import {ensureDataDir} from '../db/data-dir.ts';
import {codeOf} from '../db/explain.ts';
import {latestReview} from '../db/reviews.ts';
import {archiveSample, foundations} from '../db/status.ts';
import {type Check, failed, guarded, ok, warning, wordsOf} from './check.ts';
import {checkHosts} from './hosts.ts';

export interface DoctorOptions {
  readonly nodeVersion: string;
  readonly dataDir: string;
  /** Name of this machine. */
  readonly host: string;
  readonly contact: string | undefined;
  /** Portals of the policy. */
  readonly portals: readonly string[];
  /** Those of them whose pages need a browser. */
  readonly browserPortals: readonly string[];
  /** `RAIZ_CHROMIUM`. */
  readonly chromium: string | undefined;
  readonly openDatabase: () => Promise<Database>;
  readonly now: Date;
}

const DAY_MS = 86_400_000;
const REVIEW_DAYS = 180;
const REVIEW_WARNING_DAYS = 150;
const SAMPLE_PAGES = 50;
const GB = 1e9;

/** All checks, in the order to read them. A check that throws is a failed check. */
export async function examine(options: DoctorOptions): Promise<Check[]> {
  const {dataDir, nodeVersion, contact, now} = options;
  return [
    checkNode(nodeVersion),
    await guarded('data folder', () => checkFolder(dataDir)),
    ...(await checkDatabase(options)),
    await guarded('archive', () => checkArchive(dataDir, now)),
    contact === undefined
      ? warning(
          'contact',
          'not set',
          'Set RAIZ_CONTACT to an address a portal can write to; a real site is not crawled without.',
        )
      : ok('contact', 'set'),
    ...(await checkBrowser(options)),
    await guarded('TensorFlow', checkBackend),
    await guarded('disk use', () => checkUse(dataDir)),
  ];
}

/** Node 20.19 or newer, below 23: what package.json asks for. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isKnown = (major === 20 && minor >= 19) || major === 21 || major === 22;
  if (isKnown) return ok('Node', version);
  return failed('Node', version, 'Install Node 20.19 or newer, below 23 (TensorFlow.js breaks on 23).');
}

async function checkFolder(dataDir: string): Promise<Check> {
  await ensureDataDir(dataDir);
  const {bavail, bsize} = await statfs(dataDir);
  const free = bavail * bsize;
  const found = `${dataDir} can be written, ${(free / GB).toFixed(1)} GB free`;
  const remedy = 'Free space or move RAIZ_DATA_DIR to a larger disk.';
  if (free < GB / 2) return failed('data folder', found, remedy);
  return free < 5 * GB ? warning('data folder', found, remedy) : ok('data folder', found);
}

async function checkDatabase(options: DoctorOptions): Promise<Check[]> {
  let database: Database;
  try {
    database = await options.openDatabase();
  } catch (error) {
    return [
      failed('database', wordsOf(error), 'Nothing else of the database can be checked until it answers.'),
    ];
  }
  try {
    const {postgres, migrationsMissing, rolesMissing} = await foundations(database);
    const tables =
      migrationsMissing === 0
        ? ok('tables', 'up to date')
        : failed('tables', `${migrationsMissing} migrations missing`, 'Run: raiz db migrate');
    const roles =
      rolesMissing.length === 0
        ? ok('roles', 'reader and writer are there')
        : warning(
            'roles',
            `missing: ${rolesMissing.join(', ')}`,
            'Run `raiz db migrate` as a user with CREATEROLE.',
          );
    const checks = [ok('database', `PostgreSQL ${postgres} answers`), tables, roles];
    if (migrationsMissing > 0) return checks;
    checks.push(await guarded('archived pages', () => checkPages(database, options.dataDir)));
    checks.push(await guarded('hosts', () => checkHosts(database, options)));
    for (const portal of options.portals)
      checks.push(await guarded(`review of ${portal}`, () => checkReview(database, portal, options.now)));
    return checks;
  } finally {
    await database.close();
  }
}

async function checkPages({orm}: Database, dataDir: string): Promise<Check> {
  const {pages, problems} = await verifyArchive(dataDir, await archiveSample(orm, SAMPLE_PAGES));
  const [first] = problems;
  if (first !== undefined)
    return failed(
      'archived pages',
      `${problems.length} of ${pages} damaged: ${first}`,
      'Restore these files of raw/ from a backup.',
    );
  return ok('archived pages', pages === 0 ? 'none yet' : `a sample of ${pages} is as it was stored`);
}

async function checkReview({orm}: Database, portal: string, now: Date): Promise<Check> {
  const name = `review of ${portal}`;
  const remedy = `Read its robots.txt and terms, then: raiz portal review ${portal}`;
  const review = await latestReview(orm, portal);
  if (review === undefined)
    return warning(name, 'nobody has decided yet: its real site is not crawled', remedy);
  const {reviewedOn, reviewedBy, mayCrawl} = review;
  const days = Math.floor((now.getTime() - Date.parse(reviewedOn)) / DAY_MS);
  const found = `${mayCrawl ? 'may be crawled' : 'is not crawled'}, decided by ${reviewedBy} on ${reviewedOn}, ${days} days ago`;
  if (mayCrawl && days > REVIEW_DAYS) return failed(name, `${found}: too old`, remedy);
  return mayCrawl && days > REVIEW_WARNING_DAYS
    ? warning(name, `${found}: counts ${REVIEW_DAYS} days`, remedy)
    : ok(name, found);
}

/** Writes a page to an archive of its own, reads it back and removes it: the folder may lie on another machine. */
async function checkArchive(dataDir: string, now: Date): Promise<Check> {
  const portal = `doctor-${process.pid}`;
  const writer = openArchive({dataDir, portal, runId: 0, year: '0', isSynthetic: true});
  try {
    const content = {title: 'raiz doctor', state: {at: now.toISOString()}, jsonLd: [], notices: []};
    const ref = {kind: 'search' as const, url: 'https://example.org/doctor'};
    const span = await writer.append({ref, status: 200, finalUrl: ref.url, fetchedAt: now, content});
    await writer.sync();
    const read = await readArchived(dataDir, span);
    if (JSON.stringify(read) !== JSON.stringify(content))
      return failed(
        'archive',
        'what was read is not what was written',
        'Check the disk or share that holds raw/.',
      );
    return ok('archive', 'a page was written, synced and read back');
  } finally {
    await writer.close();
    await rm(join(dataDir, 'raw', portal), {recursive: true, force: true});
  }
}

/** Nothing is said where no portal needs a browser. */
async function checkBrowser({browserPortals, chromium}: DoctorOptions): Promise<Check[]> {
  if (browserPortals.length === 0) return [];
  const needs = `${browserPortals.join(', ')} ${browserPortals.length === 1 ? 'needs' : 'need'} one`;
  return [
    await guarded('browser', () => Promise.resolve(ok('browser', `${findChromium(chromium)}; ${needs}`))),
  ];
}

async function checkBackend(): Promise<Check> {
  const {loadBackend} = await import('../ml/backend.ts');
  const {name, passedOver} = await loadBackend();
  const slow = passedOver.map(({name: other, reason}) => `${other}: ${reason}`).join('; ');
  if (name === 'cpu')
    return warning('TensorFlow', `plain JavaScript, thirty times slower (${slow})`, 'Run npm ci again.');
  return ok('TensorFlow', slow === '' ? name : `${name} (passed over ${slow})`);
}

const PARTS = ['pg', 'raw', 'models', 'releases', 'backups', 'logs', 'health', 'demo'] as const;

async function checkUse(dataDir: string): Promise<Check> {
  const sizes: string[] = [];
  for (const part of PARTS) {
    const bytes = await bytesOf(join(dataDir, part));
    if (bytes > 0) sizes.push(`${part} ${(bytes / 1e6).toFixed(1)} MB`);
  }
  return ok('disk use', sizes.join(', ') || 'nothing yet');
}

/** Bytes of all files under a folder; 0 without one. What vanishes or may not be read meanwhile counts nothing. */
async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(ignoreAbsent);
  let total = 0;
  for (const entry of entries ?? []) {
    if (!entry.isFile()) continue;
    total += (await stat(join(entry.parentPath, entry.name)).catch(ignoreAbsent))?.size ?? 0;
  }
  return total;
}

function ignoreAbsent(error: unknown): undefined {
  if (!['ENOENT', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '')) throw error;
}
