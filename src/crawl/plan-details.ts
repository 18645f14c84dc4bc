/** The refresh plan of a run: what its searches showed today beside what earlier runs stored. */
import type {Db} from '../db/client.ts';
import type {NewFrontierPage} from '../db/pages.ts';
import {type KnownVisit, knownVisits, listingUrlsOfRun} from '../db/refresh.ts';
import type {DetailPlan} from '../domain/detail-plan.ts';
import {NEVER_VISITED, planRefresh, type RefreshCandidate} from './refresh.ts';
import type {ShownListing, Walk} from './walk.ts';

export interface PlanningOptions {
  readonly db: Db;
  readonly runId: number;
  /** Searches whose listings may be visited: walked to the end and neither refused nor stopped. */
  readonly walks: readonly Walk[];
  /** Listings that all searches of the run saw. */
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
  const {db, runId, walks, listings, removals, detailShare, pagesLeft, now} = options;
  const asked = await listingUrlsOfRun(db, runId);
  for (const {url} of removals) asked.add(url);
  const linked = asked.size;
  if (detailShare === 0) return {pages: [], plan: {listings, linked, planned: {}, dirtyLeft: 0}};
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
  const budget = Math.min(Math.floor(detailShare * listings) - linked, pagesLeft);
  const {pages, dirtyLeft} = planRefresh(candidates, {budget, now, maxAgeDays: null});
  const planned: Record<string, number> = {};
  for (const {reason} of pages) planned[reason] = (planned[reason] ?? 0) + 1;
  const frontierPages = pages.flatMap(({listingId, url}) => {
    const runScopeId = scopes.get(listingId);
    return runScopeId === undefined ? [] : [{runScopeId, kind: 'listing' as const, url}];
  });
  return {pages: frontierPages, plan: {listings, linked, planned, dirtyLeft}};
}

function candidateOf(
  listingId: string,
  shown: ShownListing,
  known: KnownVisit | undefined,
): RefreshCandidate {
  const {url} = shown;
  if (known === undefined) return {...NEVER_VISITED, listingId, url, signals: NO_SIGNALS};
  const {lastVisitedAt, visibleChanges, visibleDays, hiddenChanges, hiddenDays, reappearedAt} = known;
  const isBackSinceVisit =
    known.isMissing || (lastVisitedAt !== null && reappearedAt !== null && reappearedAt > lastVisitedAt);
  return {
    ...{listingId, url, lastVisitedAt},
    visible: {changes: visibleChanges, days: visibleDays},
    hidden: {changes: hiddenChanges, days: hiddenDays},
    signals: {hasChanged: contradicts(shown, known), hasReappeared: isBackSinceVisit, lastmod: null},
  };
}

const NO_SIGNALS = {hasChanged: false, hasReappeared: false, lastmod: null};

/** True when a search states another price or date than the listing's page did; what one of them leaves out says nothing. */
function contradicts(
  {offers, updatedOn}: ShownListing,
  {visitOffers, visitUpdatedOn}: Pick<KnownVisit, 'visitOffers' | 'visitUpdatedOn'>,
): boolean {
  if (updatedOn !== null && visitUpdatedOn !== null && updatedOn !== visitUpdatedOn) return true;
  return offers.some(({operation, price}) => {
    const before = visitOffers?.find(offer => offer.operation === operation)?.price ?? null;
    return price !== null && before !== null && price !== before;
  });
}
