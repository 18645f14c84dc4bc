import type {ArchiveReader} from '../archive/reader.ts';
import type {Database} from '../db/client.ts';
import {
  addToFrontier,
  countOpenPages,
  type LeasedPage,
  type NewFrontierPage,
  type StoredPage,
  storedPagesOfRun,
} from '../db/pages.ts';
import {detailPlanOf, saveDetailPlan} from '../db/refresh.ts';
import {closeRunScopes, judgeRunScopes, listingsOfLastComplete, type OpenedScope} from '../db/runs.ts';
import type {DetailPlan} from '../domain/detail-plan.ts';
import {StorageError} from '../domain/errors.ts';
import type {Portal} from '../portal/define-portal.ts';
import type {PortalAddress} from './address.ts';
import type {DayBudget} from './day-budget.ts';
import {attempt, readingOf} from './judge.ts';
import {foundBy} from './links.ts';
import {type PlannedDetails, planDetails} from './plan-details.ts';
import type {StoredSitemap} from './shared-sitemaps.ts';
import {judgeScope, type ScopeVerdict} from './verdict.ts';
import type {Visit} from './visit.ts';
import {Walk} from './walk.ts';

export interface WalkLimits {
  /** Pages of the whole run. */
  readonly maxPages: number;
  /** Pages of each scope; null: all. A sampled scope is never complete. */
  readonly sample: number | null;
  /** Listing pages of the run, as a share of the listings its searches saw; 0: only those that confirm removals. */
  readonly detailShare: number;
}

export interface RunWalksOptions {
  readonly database: Database;
  readonly portal: Portal;
  readonly address: PortalAddress;
  readonly runId: number;
  readonly limits: WalkLimits;
  readonly dayBudget: DayBudget;
  readonly now: () => Date;
}

/** Scopes blocked one after the other, with no good page between them, after which all of the portal is blocked. */
const MAX_BLOCKED_SCOPES = 3;

/** All scopes of a run: who may still be visited, and what happens when a walk ends. */
export class RunWalks {
  readonly #options: RunWalksOptions;
  readonly #walks = new Map<number, Walk>();
  readonly #sitemaps = new Map<string, StoredSitemap>();
  #pagesTaken = 0;
  #blockedInARow = 0;
  #plan: DetailPlan | null = null;

  constructor(options: RunWalksOptions, scopes: readonly OpenedScope[]) {
    this.#options = options;
    for (const {runScopeId, scope, verdict, closedAt} of scopes) {
      const walk = new Walk(runScopeId, scope);
      walk.verdict = verdict;
      walk.phase = closedAt !== null ? 'closed' : verdict !== null ? 'confirming' : 'searching';
      this.#walks.set(runScopeId, walk);
    }
  }

  get all(): readonly Walk[] {
    return [...this.#walks.values()];
  }

  get areClosed(): boolean {
    return this.all.every(walk => walk.phase === 'closed');
  }

  /** Sitemaps that earlier processes of this run archived, by address. */
  get sitemaps(): ReadonlyMap<string, StoredSitemap> {
    return this.#sitemaps;
  }

  /** What the run decided about listing pages; null while a search is walked. */
  get detailPlan(): DetailPlan | null {
    return this.#plan;
  }

  get pagesTaken(): number {
    return this.#pagesTaken;
  }

  of(lease: LeasedPage): Walk {
    const walk = this.#walks.get(lease.runScopeId);
    if (walk === undefined)
      throw new StorageError(`page ${lease.frontierId} of the frontier belongs to no scope of this run`);
    return walk;
  }

  /** What an earlier process of this run did, read again from the archive: counters, listings seen, open pages. */
  async restore(reader: ArchiveReader): Promise<void> {
    const {database, portal, runId} = this.#options;
    this.#plan = await detailPlanOf(database.orm, runId);
    for (const stored of await storedPagesOfRun(database.orm, runId)) {
      const walk = this.#walks.get(stored.runScopeId);
      if (walk === undefined) continue;
      const isShared = stored.kind === 'sitemap' && this.#sitemaps.has(stored.url);
      if (!isShared) this.#pagesTaken += 1;
      walk.pagesTaken += 1;
      if (stored.kind === 'sitemap' && stored.span !== null)
        this.#sitemaps.set(stored.url, {...stored, span: stored.span});
      // Until there is a plan, it needs what the searches showed, also those judged already.
      if (walk.phase === 'searching' || (this.#plan === null && stored.kind === 'search'))
        await recount(walk, stored, portal, reader);
    }
    const open = await countOpenPages(database.orm, runId);
    for (const walk of this.all) walk.openPages = open.get(walk.runScopeId) ?? 0;
    await this.endFinished(this.all);
  }

  /** Charges a visit to the budgets; a walk whose budget is spent gets its stop reason and the visit is skipped. */
  charge(walk: Walk): void {
    if (walk.stopReason !== null) return;
    const {maxPages, sample} = this.#options.limits;
    if (this.#pagesTaken >= maxPages) walk.budgetReason = `stopped at the run's budget of ${maxPages} pages`;
    else if (sample !== null && walk.pagesTaken >= sample)
      walk.budgetReason = `stopped after a sample of ${sample} pages`;
    else {
      walk.budgetReason = this.#options.dayBudget.take() ?? null;
      if (walk.budgetReason === null) this.#pagesTaken += 1;
    }
  }

  /** Counts refusals over all scopes: a portal that blocks one after the other is left alone. */
  watch(visit: Visit, wasBlocked: boolean): void {
    const {walk, page} = visit;
    if (page?.outcome === 'ok') this.#blockedInARow = 0;
    if (wasBlocked || walk.blockedReason === null) return;
    this.#blockedInARow += 1;
    if (this.#blockedInARow < MAX_BLOCKED_SCOPES) return;
    for (const other of this.all) {
      if (other.phase !== 'closed') other.blockedReason ??= `the portal refuses us: ${walk.blockedReason}`;
    }
  }

  /**
   * Judges walks of which nothing is left to visit. When the last search is judged, the listing pages worth a visit are
   * chosen over all of them, and scopes close as theirs are visited: whatever these answer, no verdict changes.
   */
  async endFinished(touched: readonly Walk[]): Promise<void> {
    const idle = touched.filter(walk => walk.openPages <= 0 && walk.phase !== 'closed');
    if (idle.length === 0) return;
    await this.#complete(idle);
    const ended = idle.filter(walk => walk.openPages <= 0);
    if (ended.length === 0) return;
    const {database, runId, address, now} = this.#options;
    const judged = ended
      .filter(walk => walk.phase === 'searching')
      .map(walk => ({walk, ...this.#judge(walk)}));
    const unseen = await this.#unseen(
      judged.flatMap(({walk, verdict}) => (verdict === 'complete' ? [walk] : [])),
    );
    for (const {walk, verdict} of judged) {
      walk.verdict = verdict;
      walk.phase = 'confirming';
    }
    const details = await this.#planWhenJudged(unseen);
    const isPlanned = this.#plan !== null || details !== null;
    const closing = isPlanned ? this.all.filter(walk => walk.openPages <= 0 && walk.phase !== 'closed') : [];
    const added = await database.orm.transaction(async tx => {
      const verdicts = judged.map(({walk, verdict, reason}) => {
        const {runScopeId, announcedTotal} = walk;
        return {runScopeId, verdict, reason, announcedTotal, listingsSeen: walk.seen.size};
      });
      await judgeRunScopes(tx, verdicts, now());
      const waiting = await addToFrontier(tx, runId, address.host, [...unseen, ...(details?.pages ?? [])]);
      if (details !== null) await saveDetailPlan(tx, runId, details.plan);
      const closed = closing.flatMap(({runScopeId}) => (waiting.has(runScopeId) ? [] : [runScopeId]));
      await closeRunScopes(tx, closed, now());
      return waiting;
    });
    this.#plan ??= details?.plan ?? null;
    for (const walk of this.all)
      walk.openPages = Math.max(0, walk.openPages) + (added.get(walk.runScopeId) ?? 0);
    for (const walk of closing) if (walk.openPages <= 0) walk.phase = 'closed';
  }

  /** The plan of the run's listing pages, once every search is judged; null before and after. */
  async #planWhenJudged(removals: readonly NewFrontierPage[]): Promise<PlannedDetails | null> {
    if (this.#plan !== null || this.all.some(walk => walk.phase === 'searching')) return null;
    const {database, runId, limits, dayBudget, now} = this.#options;
    const {maxPages, sample, detailShare} = limits;
    const waiting = this.all.reduce((total, walk) => total + Math.max(0, walk.openPages), removals.length);
    const walks = this.all.filter(
      ({verdict, stopReason, phase}) =>
        (verdict === 'complete' || verdict === 'incomplete') && stopReason === null && phase !== 'closed',
    );
    return planDetails({
      ...{db: database.orm, runId, walks, removals, now: now()},
      detailShare: sample === null ? detailShare : 0,
      listings: new Set(this.all.flatMap(walk => [...walk.seen])).size,
      pagesLeft: Math.min(maxPages - this.#pagesTaken, dayBudget.left) - waiting,
    });
  }

  /** Sends split walks that have not seen all that was announced to the sitemaps, once. */
  async #complete(idle: readonly Walk[]): Promise<void> {
    const {database, portal, runId, address} = this.#options;
    const short = idle.filter(
      walk =>
        walk.phase === 'searching' &&
        walk.isSplit &&
        walk.stopReason === null &&
        !walk.isCompleting &&
        walk.seen.size < (walk.announcedTotal ?? 0),
    );
    const pages = short.flatMap(({runScopeId, scope}) =>
      (portal.completion?.(scope) ?? []).map(({kind, url}) => ({runScopeId, kind, url})),
    );
    if (pages.length === 0) return;
    const added = await database.orm.transaction(tx => addToFrontier(tx, runId, address.host, pages));
    for (const walk of short) {
      walk.isCompleting = true;
      walk.openPages = added.get(walk.runScopeId) ?? 0;
    }
  }

  #judge(walk: Walk): ScopeVerdict {
    const {portal, limits} = this.#options;
    const summary = walk.summary();
    const sampled = limits.sample === null ? null : `a sample of at most ${limits.sample} pages`;
    return judgeScope({...summary, budgetReason: summary.budgetReason ?? sampled}, portal.expect);
  }

  /** Detail pages of the listings of the last complete run of each scope that its walk has not seen, within the budget. */
  async #unseen(walks: readonly Walk[]): Promise<NewFrontierPage[]> {
    const byScope = new Map(walks.map(walk => [walk.runScopeId, walk]));
    const known = await listingsOfLastComplete(this.#options.database.orm, [...byScope.keys()]);
    const pages = known.flatMap(({runScopeId, listingId, url}) =>
      url === null || byScope.get(runScopeId)?.seen.has(listingId) !== false
        ? []
        : [{runScopeId, kind: 'listing' as const, url}],
    );
    return pages.slice(0, Math.max(0, this.#options.limits.maxPages - this.#pagesTaken));
  }
}

async function recount(walk: Walk, stored: StoredPage, portal: Portal, reader: ArchiveReader): Promise<void> {
  const {kind, url, outcome, reason, span, status, finalUrl, fetchedAt, scope} = stored;
  if (outcome === 'rejected') return walk.countRejected(kind, reason ?? 'rejected');
  if (outcome === 'error')
    return walk.countFailed(kind, reason ?? 'failed', status >= 200 && status < 300 ? 'misshapen' : 'failed');
  walk.countDone();
  if (outcome === 'gone') {
    walk.countGone(portal, url, span === null ? 'not found' : 'said');
    return;
  }
  if (span === null) return;
  const page = {ref: {kind, url}, scope, status, finalUrl, fetchedAt, content: await reader.read(span)};
  const read = attempt(() => readingOf(portal, page));
  // The portal file became stricter since the page was visited.
  if ('failure' in read) walk.countFailed(kind, read.failure, 'misshapen');
  else foundBy(page, walk, read.value, portal);
}
