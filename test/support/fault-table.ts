/** The fault table of docs/faults.md, the tests that fill it, and what they work on. */
import {readFileSync, rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import {openArchiveReader, verifyArchive} from '../../src/archive/reader.ts';
import type {ArchivedSpan} from '../../src/archive/warc.ts';
import {type CrawlOptions, type CrawlReport, crawl} from '../../src/crawl/crawl.ts';
import type {Database} from '../../src/db/client.ts';
import {testDatabase} from './database.ts';
import {PER_PAGE, startToySite, type ToySite, toyPortal, toyScope} from './toy-portal.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface FaultRow {
  readonly fault: string;
  readonly does: string;
  readonly verdict: string;
  /** Test file, from the root of the repository. */
  readonly file: string;
  readonly title: string;
}

/** Rows of the table, in order. Its columns: fault, what Raíz does, verdict, test (`file` › title). */
export function faultRows(): FaultRow[] {
  const lines = readFileSync(join(ROOT, 'docs/faults.md'), 'utf8').split('\n');
  return lines.flatMap(line => {
    const [fault, does, verdict, test] = line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim());
    const [, file, title] = /^`([^`]+)` › (.+)$/.exec(test ?? '') ?? [];
    return fault && does && verdict && file && title ? [{fault, does, verdict, file, title}] : [];
  });
}

/** A crawl of the toy portal with its site, database and folder. */
export interface FaultBench {
  readonly database: Database;
  readonly site: ToySite;
  readonly dataDir: string;
  readonly crawl: (places: readonly string[], options?: Partial<CrawlOptions>) => Promise<CrawlReport>;
}

/** Verdict of a crawl that ended, as the table names it. */
export type Verdict = string | null;

export interface FaultSettings {
  /** True where this machine can't have the fault. */
  readonly skip?: boolean;
  /** Key and certificate of a site that speaks https. */
  readonly tls?: {key: string; cert: string};
  /** Database of the crawl; a scratch one of the test run's server unless told. */
  readonly openDatabase?: () => Promise<Database>;
  /** Undoes what `work` did to the machine, when everything is checked. */
  readonly undo?: (bench: FaultBench) => void;
}

/**
 * What declares the tests of the table in one file. What `work` returns must be the verdict that the table states for
 * `title`; afterwards no page may be stored as good that is not whole.
 */
export function faultsIn(file: string) {
  return (
    title: string,
    work: (bench: FaultBench) => Promise<Verdict>,
    {skip = false, tls, openDatabase = testDatabase, undo}: FaultSettings = {},
  ): void => {
    test.skipIf(skip)(title, async () => {
      const row = faultRows().find(known => known.file === file && known.title === title);
      if (row === undefined) throw new Error(`docs/faults.md has no row \`${file}\` › ${title}`);
      const bench = await openBench(await openDatabase(), tls);
      try {
        expect(await work(bench)).toBe(row.verdict);
        await expectWholePages(bench);
      } finally {
        undo?.(bench);
        await bench.site.close();
        await bench.database.close();
        rmSync(bench.dataDir, {recursive: true, force: true});
      }
    });
  };
}

async function openBench(database: Database, tls: FaultSettings['tls']): Promise<FaultBench> {
  const site = await startToySite(tls);
  const dataDir = await mkdtemp(join(tmpdir(), 'raiz-fault-'));
  return {
    ...{database, site, dataDir},
    crawl: (places, options = {}) =>
      crawl({
        ...{database, dataDir, portal: toyPortal},
        scopes: places.map(place => toyScope(place)),
        baseUrl: site.baseUrl,
        contact: undefined,
        hashKey: 'a test key of some length',
        now: () => new Date('2026-03-01T15:00:00Z'),
        isSynthetic: true,
        observedOn: '2026-03-01',
        retry: {baseDelayMs: 5, maxAttempts: 3, maxPauseMs: 2000},
        ...options,
      }),
  };
}

interface StoredRow extends ArchivedSpan {
  readonly kind: string;
  readonly portal: string;
}

/** Every page stored as good can be read again, and holds all listings that the portal says it has. */
async function expectWholePages({database, dataDir}: FaultBench): Promise<void> {
  const rows = await database.sql<StoredRow[]>`
    select kind, portal, file, file_offset as "fileOffset", file_length as "fileLength", content_sha256 as "contentSha256"
    from raw.page join ops.run_scope using (run_scope_id) where outcome = 'ok'`;
  expect(await verifyArchive(dataDir, rows)).toMatchObject({pages: rows.length, problems: []});
  const reader = openArchiveReader(dataDir);
  for (const row of rows.filter(({kind, portal}) => kind === 'search' && portal === 'toy')) {
    const {page, total, listings} = (await reader.read(row)).state as unknown as {
      page: number;
      total: number;
      listings: unknown[];
    };
    expect(listings).toHaveLength(Math.min(PER_PAGE, total - (page - 1) * PER_PAGE));
  }
  await reader.close();
}
