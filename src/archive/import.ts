/**
 * Web-archive files as dated history: each page passes the gate that a crawled one passes, is archived redacted, and is
 * parsed by the usual stage. No request is sent. A file is imported in one transaction, all or nothing.
 */
import {rm} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {
  closeArchiveScope,
  identityKey,
  knownPages,
  openArchiveRun,
  openArchiveScope,
  type PageIdentity,
} from '../db/archive-imports.ts';
import type {Database, Tx} from '../db/client.ts';
import {withAdvisoryLock} from '../db/locks.ts';
import {saveIssues} from '../db/observations.ts';
import {insertPages, type NewPage} from '../db/pages.ts';
import {ConfigError} from '../domain/errors.ts';
import {type Scope, scopeKey} from '../domain/page.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import {sha256Hex} from '../lib/hash.ts';
import type {Portal} from '../portal/define-portal.ts';
import {redactText} from '../portal/redact.ts';
import {type ForeignPage, readForeignFile} from './foreign.ts';
import {isOfPortal, type KeptPage, type MisshapenPage, readForeignPage} from './foreign-page.ts';
import {type ArchiveWriter, openArchive} from './warc.ts';

export interface ArchiveImportSettings {
  readonly database: Database;
  readonly dataDir: string;
  readonly portal: Portal;
  /** Secret of advertiser pseudonyms. */
  readonly hashKey: string;
  readonly now: Date;
  /** An installation of simulated pages takes those only, and one of real pages none of them. */
  readonly isSynthetic: boolean;
  /** Do everything and roll it back. */
  readonly dryRun?: boolean;
  /** Called now and then with the number of records read. */
  readonly onProgress?: (records: number) => void;
}

export interface ArchiveImportReport {
  readonly file: string;
  readonly portal: string;
  readonly records: number;
  /** Pages stored, by outcome: `ok`, `gone`, and `page_misshapen`, of which only status, size and digest are kept. */
  readonly stored: Readonly<Record<string, number>>;
  /** Pages that an earlier import, or an earlier record, brought already. */
  readonly known: number;
  /** Records that are no page of use, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly days: readonly {readonly observedOn: string; readonly pages: number; readonly listings: number}[];
  readonly seconds: number;
}

/** Pages that are looked up and written at once. */
const BATCH = 64;

/** Undoes a dry run; never leaves this file. */
class DryRunRollback extends Error {}

/**
 * Imports one file. A second time every page is known already and nothing changes.
 * @throws ConfigError no WARC file, cut short, no page of this portal, simulated pages in a real installation;
 * LockHeldError another import of this portal runs. Nothing of the file is then stored.
 */
export async function importArchive(
  path: string,
  settings: ArchiveImportSettings,
): Promise<ArchiveImportReport> {
  const clock = performance.now();
  const {database, dataDir, portal, dryRun} = settings;
  const session = new ImportSession(redactText(basename(path)), settings);
  let mayBeCommitted = false;
  try {
    await withAdvisoryLock(database, `archive-import:${portal.id}`, () =>
      database.orm.transaction(async tx => {
        await readAll(path, tx, session, settings);
        await session.finish(tx);
        if (dryRun === true) throw new DryRunRollback();
        mayBeCommitted = true;
      }),
    );
  } catch (error) {
    // Where the answer to COMMIT was lost, rows may refer to the files: as left-overs they do no harm.
    if (!mayBeCommitted) await session.abandon(dataDir);
    if (!(error instanceof DryRunRollback)) throw error;
  }
  return {...session.report(), seconds: (performance.now() - clock) / 1000};
}

async function readAll(
  path: string,
  tx: Tx,
  session: ImportSession,
  settings: ArchiveImportSettings,
): Promise<void> {
  const {portal, hashKey, now, onProgress} = settings;
  for await (const record of readForeignFile(path, url => isOfPortal(portal, url))) {
    session.records += 1;
    if (session.records % 1000 === 0) onProgress?.(session.records);
    if ('skipped' in record) {
      session.skip(record.skipped);
      continue;
    }
    refuseMixture(path, record.page, settings);
    session.pagesOfPortal += 1;
    if (record.page.fetchedAt > now) session.skip('dated_in_the_future');
    else {
      const reading = readForeignPage(portal, record.page, hashKey);
      if (reading.outcome === 'skipped') session.skip(reading.why);
      else await session.add(tx, reading, record.page);
    }
  }
  onProgress?.(session.records);
  if (session.pagesOfPortal > 0) return;
  throw new ConfigError(
    `${path}: none of its ${session.records} records is a page of ${portal.homepage}. Nothing was imported; name its portal with --portal.`,
  );
}

function refuseMixture(path: string, {own}: ForeignPage, {isSynthetic}: ArchiveImportSettings): void {
  if ((own?.isSynthetic ?? false) === isSynthetic) return;
  throw new ConfigError(
    isSynthetic
      ? `${path} holds pages of a real site: they don't go into the demo. Leave --demo out.`
      : `${path} holds SIMULATED pages: they don't go among real ones. Import them with --demo.`,
  );
}

interface Waiting {
  readonly reading: KeptPage | MisshapenPage;
  readonly given: ForeignPage;
  readonly identity: PageIdentity;
}

interface Day {
  readonly runId: number;
  readonly scopes: Map<string, {readonly runScopeId: number; readonly listings: Set<string>}>;
  pages: number;
}

/** What an import has opened and counted so far. */
class ImportSession {
  records = 0;
  pagesOfPortal = 0;
  readonly #file: string;
  readonly #settings: ArchiveImportSettings;
  readonly #days = new Map<string, Day>();
  readonly #writers = new Map<string, ArchiveWriter>();
  readonly #written = new Set<string>();
  readonly #stored: Record<string, number> = {};
  readonly #skipped: Record<string, number> = {};
  #known = 0;
  #waiting: Waiting[] = [];

  constructor(file: string, settings: ArchiveImportSettings) {
    this.#file = file;
    this.#settings = settings;
  }

  skip(why: string): void {
    this.#skipped[why] = (this.#skipped[why] ?? 0) + 1;
  }

  async add(tx: Tx, reading: KeptPage | MisshapenPage, given: ForeignPage): Promise<void> {
    const isKept = reading.outcome !== 'error';
    const contentSha256 = isKept ? sha256Hex(JSON.stringify(reading.page.content)) : reading.sha256;
    const {url} = isKept ? reading.page.ref : reading.ref;
    this.#waiting.push({reading, given, identity: {url, fetchedAt: given.fetchedAt, contentSha256}});
    if (this.#waiting.length >= BATCH) await this.#flush(tx);
  }

  /** Everything is on disk and counted; only the commit is left. */
  async finish(tx: Tx): Promise<void> {
    await this.#flush(tx);
    for (const writer of this.#writers.values()) await writer.close();
    for (const {scopes} of this.#days.values())
      for (const {runScopeId, listings} of scopes.values())
        await closeArchiveScope(tx, runScopeId, listings.size);
  }

  /** Takes back what was written to the archive: no row refers to it. */
  async abandon(dataDir: string): Promise<void> {
    // A writer that failed says so again when it is closed; the caller throws its first word.
    await Promise.allSettled([...this.#writers.values()].map(writer => writer.close()));
    for (const file of this.#written) await rm(join(dataDir, 'raw', file), {force: true});
  }

  report(): Omit<ArchiveImportReport, 'seconds'> {
    const days = [...this.#days].map(([observedOn, {pages, scopes}]) => ({
      observedOn,
      pages,
      listings: new Set([...scopes.values()].flatMap(({listings}) => [...listings])).size,
    }));
    return {
      ...{file: this.#file, portal: this.#settings.portal.id, records: this.records},
      ...{stored: this.#stored, known: this.#known, skipped: this.#skipped},
      days: days.sort((a, b) => a.observedOn.localeCompare(b.observedOn)),
    };
  }

  async #flush(tx: Tx): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    const {portal, now} = this.#settings;
    const known = await knownPages(
      tx,
      portal.id,
      batch.map(({identity}) => identity),
    );
    const rows: NewPage[] = [];
    const misshapen: MisshapenPage[] = [];
    for (const waiting of batch) {
      const key = identityKey(waiting.identity);
      if (known.has(key)) {
        this.#known += 1;
        continue;
      }
      known.add(key);
      rows.push(await this.#store(tx, waiting));
      if (waiting.reading.outcome === 'error') misshapen.push(waiting.reading);
    }
    for (const writer of this.#writers.values()) await writer.sync();
    await insertPages(tx, rows);
    const issues = misshapen.map(({ref, reason}) => ({
      code: 'page_misshapen',
      message: `${ref.url}: ${reason}`,
      value: reason.slice(0, 60),
    }));
    await saveIssues(tx, portal.id, issues, now);
  }

  async #store(tx: Tx, {reading, given, identity}: Waiting): Promise<NewPage> {
    const {status, bytes, fetchedAt} = given;
    const isKept = reading.outcome !== 'error';
    const {day, scope} = await this.#placeFor(tx, fetchedAt, isKept ? reading.scope : null);
    day.pages += 1;
    const word = isKept ? reading.outcome : 'page_misshapen';
    this.#stored[word] = (this.#stored[word] ?? 0) + 1;
    const row = {runScopeId: scope.runScopeId, status, fetchedAt, bytesReceived: bytes};
    if (!isKept) {
      const {ref, finalUrl, outcome, reason} = reading;
      return {...row, ...ref, finalUrl, outcome, reason, contentSha256: identity.contentSha256};
    }
    for (const id of reading.listingIds) scope.listings.add(id);
    const {page, outcome, reason} = reading;
    const span = await this.#writerOf(day.runId, fetchedAt).append(page);
    this.#written.add(span.file);
    return {...row, ...page.ref, finalUrl: page.finalUrl, outcome, reason, ...span};
  }

  async #placeFor(tx: Tx, fetchedAt: Date, scope: Scope | null) {
    const {portal, isSynthetic, now} = this.#settings;
    const observedOn = bogotaDay(fetchedAt);
    let day = this.#days.get(observedOn);
    if (day === undefined) {
      const about = {portal: portal.id, observedOn, file: this.#file, isSynthetic, now};
      day = {runId: await openArchiveRun(tx, about), scopes: new Map(), pages: 0};
      this.#days.set(observedOn, day);
    }
    const key = scope === null ? '' : scopeKey(scope);
    let opened = day.scopes.get(key);
    if (opened === undefined) {
      const runScopeId = await openArchiveScope(tx, {runId: day.runId, portal: portal.id, scope, now});
      opened = {runScopeId, listings: new Set()};
      day.scopes.set(key, opened);
    }
    return {day, scope: opened};
  }

  /** One file a year of the pages: files of one import hold many days. */
  #writerOf(runId: number, fetchedAt: Date): ArchiveWriter {
    const {dataDir, portal, isSynthetic} = this.#settings;
    const year = bogotaDay(fetchedAt).slice(0, 4);
    const known = this.#writers.get(year);
    if (known !== undefined) return known;
    const writer = openArchive({dataDir, portal: portal.id, runId, year, isSynthetic});
    this.#writers.set(year, writer);
    return writer;
  }
}
