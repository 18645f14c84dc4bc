/** After every run: measure it, compare it with the runs before, keep the incidents, tell about them, draw the page. */
import type {Database} from '../db/client.ts';
import {scoredAges} from '../db/drift.ts';
import {
  type Incident,
  measureScopes,
  newWords,
  openIncidents,
  type ScopeRunRow,
  saveIncidents,
  scopeRuns,
} from '../db/health.ts';
import {withAdvisoryLock} from '../db/locks.ts';
import {acceptedRuns} from '../db/surges.ts';
import {LockHeldError} from '../domain/errors.ts';
import {groupBy} from '../lib/group-by.ts';
import {findAlarms, fingerprintOf, type ScopeHistory} from './alarms.ts';
import {findDriftAlarms} from './drift.ts';
import {sendMessages} from './notify.ts';
import {writeHealthPage} from './page.ts';

/** After so many runs what an incident speaks of is the new normal. */
const HISTORY_RUNS = 20;
const SHOWN_RUNS = 8;

export interface ReviewOptions {
  readonly database: Database;
  readonly dataDir: string;
  readonly now: Date;
  /** Whether this installation still crawls the scope: searches taken out of the policy raise no alarm. */
  readonly isLive: (scope: ScopeRunRow) => boolean;
  readonly webhook: string | undefined;
}

export interface Review {
  readonly open: readonly Incident[];
  readonly opened: number;
  readonly closed: number;
  readonly sent: number;
  /** Why a message could not be sent; it is tried again at the next review. */
  readonly sendError: string | null;
  /** Path of the health page. */
  readonly page: string;
}

/**
 * Reviews the installation's health. Undefined when another process does it now: that one sees the same.
 * @throws StorageError when the database or the data folder fail. A message that can't be sent is no error.
 */
export async function reviewHealth(options: ReviewOptions): Promise<Review | undefined> {
  try {
    return await withAdvisoryLock(options.database, 'health', () => review(options));
  } catch (error) {
    if (error instanceof LockHeldError) return undefined;
    throw error;
  }
}

async function review({database, dataDir, now, isLive, webhook}: ReviewOptions): Promise<Review> {
  const {orm} = database;
  await measureScopes(orm, now);
  const rows = await scopeRuns(orm, HISTORY_RUNS);
  const known = await openIncidents(orm);
  const crawled = findAlarms({
    histories: historiesOf(rows.filter(isLive)),
    newWords: await newWords(orm),
    openSince: new Map(known.map(({fingerprint, since}) => [fingerprint, since])),
    acceptedRuns: await acceptedRuns(orm),
    now,
  });
  const alarms = [...crawled, ...findDriftAlarms(await scoredAges(orm))];
  const found = alarms.map(alarm => ({...alarm, fingerprint: fingerprintOf(alarm)}));
  const changes = await orm.transaction(tx => saveIncidents(tx, found, now));
  const isSimulated = rows.some(row => row.isSynthetic);
  const sending =
    webhook === undefined ? {sent: 0, error: null} : await sendMessages(database, webhook, now, isSimulated);
  const open = await openIncidents(orm);
  const page = await writeHealthPage(dataDir, {rows, shownRuns: SHOWN_RUNS, incidents: open, now});
  return {open, ...changes, sent: sending.sent, sendError: sending.error, page};
}

function historiesOf(rows: readonly ScopeRunRow[]): ScopeHistory[] {
  return [...groupBy(rows, row => `${row.portal}/${row.scope}`).values()].flatMap(runs => {
    const [first] = runs;
    return first === undefined ? [] : [{portal: first.portal, scope: first.scope, runs}];
  });
}
