import type {ArchiveReader} from '../archive/reader.ts';
import type {Database} from '../db/client.ts';
import {
  addToFrontier,
  countOpenPages,
  type LeasedPage,
  type NewFrontierPage,
  skippedPages,
  storedPagesOfRun,
} from '../db/pages.ts';
import {detailPlanOf, saveDetailPlan, saveLinkPlans} from '../db/refresh.ts';
import {closeRunScopes, judgeRunScopes, listingsOfLastComplete, type OpenedScope} from '../db/runs.ts';
import type {DetailPlan} from '../domain/detail-plan.ts';
import {StorageError} from '../domain/errors.ts';
import type {Portal} from '../portal/define-portal.ts';
import type {PortalAddress} from './address.ts';
import type {DayBudget} from './day-budget.ts';
import {type PlannedDetails, planDetails} from './plan-details.ts';
import {planLinks} from './plan-links.ts';
import {recount} from './recount.ts';
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
  /** Days after which a scope that sitemaps list is visited whole again; 0: in every run. */
  readonly fullPassDays: number;
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
    for (const {runScopeId, scope, verdict, closedAt, linkPlan} of scopes) {
      const walk = new Walk(runScopeId, scope);
      walk.verdict = verdict;
      walk.linkPlan = linkPlan;
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
    for (const {runScopeId, kind, reason, pages} of await skippedPages(database.orm, runId)) {
      for (let n = 0; n < pages; n += 1) this.#walks.get(runScopeId)?.countFailed(kind, reason, 'failed');
    }
    const open = await countOpenPages(database.orm, runId);
    for (const walk of this.all) walk.openPages = open.get(walk.runScopeId) ?? 0;
    await this.endFinished();
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
   * Judges walks of which nothing is left to visit, whatever ended them: pages of their own, or the portal's refusal of
   * others. When all sitemaps are read, the pages they link to are chosen; when the last search is judged, the listing
   * pages worth a visit besides, and scopes close as theirs are visited: whatever these answer, no verdict changes.
   */
  async endFinished(): Promise<void> {
    await this.#complete();
    await this.#planLinks();
    const judged = this.#idle
      .filter(walk => walk.phase === 'searching' && !walk.awaitsLinkPlan)
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
    const closing = isPlanned ? this.#idle : [];
    if (judged.length + closing.length === 0 && details === null) return;
    const {database, runId, address, now} = this.#options;
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
    this.#open(added);
    for (const walk of closing) if (walk.openPages <= 0) walk.phase = 'closed';
  }

  /** Walks of which nothing is queued or in flight. */
  get #idle(): readonly Walk[] {
    return this.all.filter(walk => walk.openPages <= 0 && walk.phase !== 'closed');
  }

  /** Counts pages that entered the frontier. */
  #open(added: ReadonlyMap<number, number>): void {
    for (const [runScopeId, pages] of added) {
      const walk = this.#walks.get(runScopeId);
      if (walk !== undefined) walk.openPages = Math.max(0, walk.openPages) + pages;
    }
  }

  /** Pages the run and the day allow besides those that wait. */
  get #pagesLeft(): number {
    const waiting = this.all.reduce((total, walk) => total + Math.max(0, walk.openPages), 0);
    return Math.min(this.#options.limits.maxPages - this.#pagesTaken, this.#options.dayBudget.left) - waiting;
  }

  /** Chooses among the links of all sitemaps of the run, once the last of them is read. A sample asks in their order. */
  async #planLinks(): Promise<void> {
    const searching = this.all.filter(walk => walk.phase === 'searching');
    const waiting = searching.filter(walk => walk.awaitsLinkPlan);
    if (waiting.length === 0 || searching.some(walk => walk.openPages > 0)) return;
    const {database, runId, address, limits, now} = this.#options;
    const isSample = limits.sample !== null;
    const {pages, plans} = await planLinks({
      ...{db: database.orm, runId, walks: waiting, now: now()},
      detailShare: limits.detailShare,
      fullPassDays: isSample ? 0 : limits.fullPassDays,
      pagesLeft: isSample ? Number.POSITIVE_INFINITY : Math.max(0, this.#pagesLeft),
    });
    const added = await database.orm.transaction(async tx => {
      await saveLinkPlans(tx, plans);
      return addToFrontier(tx, runId, address.host, pages);
    });
    for (const walk of waiting) walk.linkPlan = plans.get(walk.runScopeId) ?? null;
    this.#open(added);
  }

  /** The plan of the run's listing pages, once every search is judged; null before and after. */
  async #planWhenJudged(removals: readonly NewFrontierPage[]): Promise<PlannedDetails | null> {
    if (this.#plan !== null || this.all.some(walk => walk.phase === 'searching')) return null;
    const {database, runId, limits, now} = this.#options;
    const {sample, detailShare} = limits;
    const searches = this.all.filter(walk => walk.linkPlan === null);
    const walks = this.all.filter(
      ({verdict, stopReason, phase}) =>
        (verdict === 'complete' || verdict === 'incomplete') && stopReason === null && phase !== 'closed',
    );
    return planDetails({
      ...{db: database.orm, runId, walks, removals, now: now()},
      detailShare: sample === null ? detailShare : 0,
      listings: new Set(searches.flatMap(walk => [...walk.seen])).size,
      linkPlans: this.all.flatMap(walk => walk.linkPlan ?? []),
      pagesLeft: this.#pagesLeft - removals.length,
    });
  }

  /** Sends split walks that have not seen all that was announced to the sitemaps, once. */
  async #complete(): Promise<void> {
    const {database, portal, runId, address} = this.#options;
    const short = this.#idle.filter(
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
    for (const walk of short) walk.isCompleting = true;
    this.#open(added);
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
