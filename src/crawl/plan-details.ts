/** The refresh plan of a run: what its searches showed today beside what earlier runs stored. */
import type {Db} from '../db/client.ts';
import type {NewFrontierPage} from '../db/pages.ts';
import {type KnownVisit, knownVisits, listingUrlsOfRun} from '../db/refresh.ts';
import {countReasons, type DetailPlan, type LinkPlan, REFRESH_REASONS} from '../domain/detail-plan.ts';
import {NEVER_VISITED, planRefresh, type RefreshCandidate, type VisitHistory} from './refresh.ts';
import type {ShownListing, Walk} from './walk.ts';

export interface PlanningOptions {
  readonly db: Db;
  readonly runId: number;
  /** Searches whose listings may be visited: walked to the end and neither refused nor stopped. */
  readonly walks: readonly Walk[];
  /** What was decided about the links of sitemaps, before. */
  readonly linkPlans: readonly LinkPlan[];
  /** Listings that the searches of the run saw. */
  readonly listings: number;
  /** Pages to confirm removals that go into the frontier together with the plan. */
  readonly removals: readonly NewFrontierPage[];
  /** Listing pages of the run at most, removals included, as a share of the listings seen. */
  readonly detailShare: number;
  /** Pages the run and the day still allow, those waiting and the removals taken off. */
  readonly pagesLeft: number;
  readonly now: Date;
}

export interface PlannedDetails {
  readonly pages: readonly NewFrontierPage[];
  readonly plan: DetailPlan;
}

/** Ranks the listings of all searches of a run together; a listing of two searches is visited in the first. */
export async function planDetails(options: PlanningOptions): Promise<PlannedDetails> {
  const {db, runId, walks, linkPlans, removals, detailShare, pagesLeft, now} = options;
  const listings = options.listings + sum(linkPlans.map(({due, left}) => due + left));
  const asked = await listingUrlsOfRun(db, runId);
  for (const {url} of removals) asked.add(url);
  const byLink = addUp(linkPlans.map(({planned}) => planned));
  const linked = Math.max(0, asked.size - sum(Object.values(byLink)));
  const linksLeft = sum(linkPlans.map(({dirtyLeft}) => dirtyLeft));
  if (detailShare === 0) return {pages: [], plan: {listings, linked, planned: byLink, dirtyLeft: linksLeft}};
  const scopes = new Map<string, number>();
  const candidates: RefreshCandidate[] = [];
  const known = new Map(
    (await knownVisits(db, runId, now)).map(visit => [`${visit.runScopeId} ${visit.listingId}`, visit]),
  );
  for (const {runScopeId, shown} of walks) {
    for (const [listingId, listing] of shown) {
      if (scopes.has(listingId) || asked.has(listing.url)) continue;
      scopes.set(listingId, runScopeId);
      candidates.push(candidateOf(listingId, listing, known.get(`${runScopeId} ${listingId}`)));
    }
  }
  const budget = Math.min(Math.floor(detailShare * listings) - asked.size, pagesLeft);
  const {pages, dirtyLeft} = planRefresh(candidates, {budget, now, maxAgeDays: null});
  const frontierPages = pages.flatMap(({listingId, url}) => {
    const runScopeId = scopes.get(listingId);
    return runScopeId === undefined ? [] : [{runScopeId, kind: 'listing' as const, url}];
  });
  const planned = addUp([byLink, countReasons(pages)]);
  return {pages: frontierPages, plan: {listings, linked, planned, dirtyLeft: dirtyLeft + linksLeft}};
}

function addUp(counts: readonly DetailPlan['planned'][]): DetailPlan['planned'] {
  const reasons = REFRESH_REASONS.filter(reason => counts.some(each => each[reason] !== undefined));
  return Object.fromEntries(reasons.map(reason => [reason, sum(counts.map(each => each[reason] ?? 0))]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function candidateOf(
  listingId: string,
  shown: ShownListing,
  known: KnownVisit | undefined,
): RefreshCandidate {
  const {url} = shown;
  if (known === undefined) return {...NEVER_VISITED, listingId, url, signals: NO_SIGNALS};
  const {lastVisitedAt, reappearedAt} = known;
  const isBackSinceVisit =
    known.isMissing || (lastVisitedAt !== null && reappearedAt !== null && reappearedAt > lastVisitedAt);
  return {
    ...historyOf(known),
    ...{listingId, url},
    signals: {hasChanged: contradicts(shown, known), hasReappeared: isBackSinceVisit, lastmod: null},
  };
}

export function historyOf(known: KnownVisit): VisitHistory {
  const {lastVisitedAt, visibleChanges, visibleDays, hiddenChanges, hiddenDays} = known;
  return {
    lastVisitedAt,
    visible: {changes: visibleChanges, days: visibleDays},
    hidden: {changes: hiddenChanges, days: hiddenDays},
  };
}

const NO_SIGNALS = {hasChanged: false, hasReappeared: false, lastmod: null};

/** True when a search states another price or date than the listing's page did; what one of them leaves out says nothing. */
function contradicts(
  {prices, updatedOn}: ShownListing,
  {visitOffers, visitUpdatedOn}: Pick<KnownVisit, 'visitOffers' | 'visitUpdatedOn'>,
): boolean {
  if (updatedOn !== null && visitUpdatedOn !== null && updatedOn !== visitUpdatedOn) return true;
  return prices.some(({operation, price}) => {
    const before = visitOffers?.find(offer => offer.operation === operation)?.price ?? null;
    return price !== null && before !== null && price !== before;
  });
}
