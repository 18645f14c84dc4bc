import type {LinkPlan} from '../domain/detail-plan.ts';
import type {Verdict} from '../domain/vocabulary.ts';
import type {PortalExpectation} from '../portal/define-portal.ts';

/** How one walk over the search pages of a scope went, when nothing of it was left to visit. */
export interface ScopeWalk {
  /** Pages that answered as asked. */
  readonly pagesDone: number;
  /** Pages given up: failed after all attempts, disallowed by robots.txt, or not the page that was asked for. */
  readonly pagesFailed: number;
  /** Among the failed: pages not built as the portal file expects. */
  readonly pagesMisshapen: number;
  /** Why the first answer that was another page is not the one asked for; null: none was. */
  readonly rejectedReason: string | null;
  /** Why the first failed page failed; null: none did. */
  readonly failedReason: string | null;
  /** Why the portal refuses us; null: it does not. */
  readonly blockedReason: string | null;
  /** Which budget, of pages or of patience, ended the walk before its end; null: none did. */
  readonly budgetReason: string | null;
  /** Search pages that showed only listings of earlier ones. */
  readonly pagesRepeated: number;
  /** Adverts the portal says the search has; null: it doesn't say. */
  readonly announcedTotal: number | null;
  /** Distinct listings seen. */
  readonly listingsSeen: number;
  /** Listings on which each expected field was filled, by field. */
  readonly filled: Readonly<Record<string, number>>;
  /** True when sitemaps, not a search, say what the scope has. */
  readonly isListed: boolean;
  /** Which of the listings they link to were to be visited; null: no such plan. */
  readonly linkPlan: Pick<LinkPlan, 'due' | 'left'> | null;
  /** Why the first sitemap of such a scope that could not be had could not; null: all were. */
  readonly listFailedReason: string | null;
  /** Why the addresses its sitemaps list prove nothing; null: they do. */
  readonly notFoundReason: string | null;
  /** Smaller searches that stood in for the search; 0: it was walked as it is. */
  readonly parts: number;
  /** Pages of those that were another page than the one asked for. */
  readonly partsRefused: number;
}

export interface ScopeVerdict {
  readonly verdict: Verdict;
  /** For people: what decided, with the figures. */
  readonly reason: string;
}

/** Share of pages that may fail in a complete walk. */
const MAX_FAILED_SHARE = 0.01;
/** Share of misshapen pages above which the portal, or our reading of it, changed. */
const MAX_MISSHAPEN_SHARE = 0.05;
/** Below this many listings the filled shares say nothing. */
const MIN_LISTINGS_FOR_FILL = 50;

/**
 * The verdict of a scope. Only `complete` may count as the absence of the listings that were not seen, so that every
 * doubt makes less of it.
 */
export function judgeScope(walk: ScopeWalk, expect: PortalExpectation): ScopeVerdict {
  const pages = walk.pagesDone + walk.pagesFailed;
  if (walk.blockedReason !== null) return {verdict: 'blocked', reason: walk.blockedReason};
  if (pages > 0 && walk.pagesMisshapen / pages > MAX_MISSHAPEN_SHARE) {
    return {
      verdict: 'failed',
      reason: `${walk.pagesMisshapen} of ${pages} pages are not built as the portal file expects; first: ${walk.failedReason ?? 'unknown'}`,
    };
  }
  // Nothing of a failed scope goes on: no advert counts as gone that may only have been asked for at a wrong address.
  if (walk.notFoundReason !== null) return {verdict: 'failed', reason: walk.notFoundReason};
  if (walk.rejectedReason !== null) {
    return {verdict: walk.pagesDone === 0 ? 'failed' : 'incomplete', reason: walk.rejectedReason};
  }
  const shortfall =
    walk.budgetReason ??
    unlisted(walk) ??
    failedPages(walk, pages) ??
    unseenShare(walk, expect) ??
    unfilled(walk, expect) ??
    leftByPlan(walk);
  if (shortfall !== undefined) return {verdict: 'incomplete', reason: shortfall + splitNote(walk)};
  const seen = `saw ${walk.listingsSeen} of ${walk.announcedTotal ?? 'unannounced'}`;
  return {verdict: 'complete', reason: seen + splitNote(walk)};
}

function splitNote({parts, partsRefused}: ScopeWalk): string {
  if (parts === 0) return '';
  const refused = partsRefused === 0 ? '' : `, ${partsRefused} pages of which were refused`;
  return `; split into ${parts} searches${refused}`;
}

/** A list that was not read whole, or holds nothing that is there, is no list. */
function unlisted(walk: ScopeWalk): string | undefined {
  if (walk.listFailedReason !== null) return `a sitemap could not be read: ${walk.listFailedReason}`;
  if (walk.isListed && walk.listingsSeen === 0 && leftByPlan(walk) === undefined)
    return 'no advert that the sitemaps list was seen';
  return undefined;
}

/** How the reason of a scope begins that wanted nothing but to leave links for a later run. */
export const BY_PLAN = 'by plan: ';

/** What a run left out by its own will is no shortfall of the portal, but it has not looked at it. */
function leftByPlan({linkPlan}: ScopeWalk): string | undefined {
  if (linkPlan === null || linkPlan.left === 0) return undefined;
  return `${BY_PLAN}${linkPlan.due} of ${linkPlan.due + linkPlan.left} linked pages were due within the budgets`;
}

function failedPages(walk: ScopeWalk, pages: number): string | undefined {
  if (pages === 0) return 'no page was visited';
  if (walk.pagesFailed / pages <= MAX_FAILED_SHARE) return undefined;
  return `${walk.pagesFailed} of ${pages} pages failed; first: ${walk.failedReason ?? 'unknown'}`;
}

function unseenShare(walk: ScopeWalk, expect: PortalExpectation): string | undefined {
  const {announcedTotal, listingsSeen, pagesRepeated} = walk;
  if (leftByPlan(walk) !== undefined) return undefined;
  if (announcedTotal === null) {
    if (listingsSeen === 0) return 'no listing seen and no total announced';
    if (pagesRepeated === 0) return undefined;
    return `${pagesRepeated} pages repeat listings of earlier ones, and no total is announced`;
  }
  if (listingsSeen >= expect.announcedShare * announcedTotal) return undefined;
  const share = ((100 * listingsSeen) / announcedTotal).toFixed(1);
  return `saw ${listingsSeen} of ${announcedTotal} announced (${share} %)`;
}

function unfilled(walk: ScopeWalk, expect: PortalExpectation): string | undefined {
  if (walk.listingsSeen < MIN_LISTINGS_FOR_FILL) return undefined;
  for (const [field, expected] of Object.entries(expect.fill)) {
    const share = (walk.filled[field] ?? 0) / walk.listingsSeen;
    // Three standard errors: 2 of 65 homes without a price are chance, not a change of the portal.
    if (share < expected - 3 * Math.sqrt((expected * (1 - expected)) / walk.listingsSeen)) {
      return `${field} is filled on ${(100 * share).toFixed(1)} % of the listings, expected ${(100 * expected).toFixed(0)} %`;
    }
  }
  return undefined;
}

const SEVERITY: readonly Verdict[] = ['complete', 'incomplete', 'failed', 'blocked'];

/** The verdict of a run: that of its worst scope. A run without scopes is incomplete. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'incomplete';
  return SEVERITY[Math.max(...verdicts.map(verdict => SEVERITY.indexOf(verdict)))] ?? 'incomplete';
}
