/** The plan of a run's listing pages where sitemaps, not searches, say which there are. */
import type {Db} from '../db/client.ts';
import type {NewFrontierPage} from '../db/pages.ts';
import {knownVisits, newestVisits, scopesDueFullPass} from '../db/refresh.ts';
import {countReasons, type LinkPlan} from '../domain/detail-plan.ts';
import {historyOf} from './plan-details.ts';
import {
  dirtyReason,
  dueLinks,
  type LinkLimits,
  NEVER_VISITED,
  type PlannedPage,
  type RefreshCandidate,
  type VisitHistory,
} from './refresh.ts';
import type {Walk} from './walk.ts';

export interface LinkPlanningOptions {
  readonly db: Db;
  readonly runId: number;
  /** Walks that have read their sitemaps. */
  readonly walks: readonly Walk[];
  /** Days after which a scope is visited whole again; 0: in every run. */
  readonly fullPassDays: number;
  /** Pages, as a share of the links, up to which a plan by change is filled with links that nothing else calls for. */
  readonly detailShare: number;
  /** Pages the run and the day still allow. */
  readonly pagesLeft: number;
  readonly now: Date;
}

export interface PlannedLinks {
  readonly pages: readonly NewFrontierPage[];
  /** By run scope; one for every walk. */
  readonly plans: ReadonlyMap<number, LinkPlan>;
}

/**
 * Scopes that are due a full pass get it when all of theirs fit together; the links of the others are ranked together.
 * Where the full passes don't fit, all links are ranked and the budget is spent whole: so they come nearer by the day.
 */
export async function planLinks(options: LinkPlanningOptions): Promise<PlannedLinks> {
  const {db, runId, walks, fullPassDays, detailShare, pagesLeft, now} = options;
  const dueWhole = await scopesDueFullPass(db, runId, fullPassDays);
  const wanted = walks.filter(({runScopeId}) => dueWhole.has(runScopeId));
  const areWhole = countLinks(wanted) <= pagesLeft;
  const whole = areWhole ? wanted : [];
  const others = walks.filter(walk => !whole.includes(walk));
  const budget = pagesLeft - countLinks(whole);
  const valueBudget = areWhole ? Math.floor(detailShare * countLinks(others)) : budget;
  const byChange = await planByChange(db, runId, others, {budget, valueBudget, now});
  return {
    pages: [
      ...whole.flatMap(walk => [...walk.links.values()].map(({url}) => pageOf(walk, url))),
      ...byChange.pages,
    ],
    plans: new Map([
      ...whole.map(({runScopeId, links}): [number, LinkPlan] => [
        runScopeId,
        {...FULL_PASS, due: links.size},
      ]),
      ...byChange.plans,
    ]),
  };
}

const FULL_PASS: LinkPlan = {planned: {}, due: 0, left: 0, dirtyLeft: 0, oldestVisitAt: null};

async function planByChange(
  db: Db,
  runId: number,
  walks: readonly Walk[],
  limits: LinkLimits,
): Promise<PlannedLinks> {
  if (walks.length === 0) return {pages: [], plans: new Map()};
  // A listing of two scopes is a page of each: either has to see it for itself.
  const owners = new Map<string, Walk>();
  const links = walks.flatMap(walk =>
    [...walk.links.values()].map(link => {
      const listingId = keyOf(walk.runScopeId, link.listingId);
      owners.set(listingId, walk);
      return {...link, listingId};
    }),
  );
  const {due, left} = dueLinks(links, await historiesOf(db, runId, walks, limits.now), limits);
  const ownedBy =
    (walk: Walk) =>
    ({listingId}: {readonly listingId: string}) =>
      owners.get(listingId) === walk;
  return {
    pages: due.flatMap(({listingId, url}) => {
      const walk = owners.get(listingId);
      return walk === undefined ? [] : [pageOf(walk, url)];
    }),
    plans: new Map(
      walks.map(walk => [walk.runScopeId, linkPlanOf(due.filter(ownedBy(walk)), left.filter(ownedBy(walk)))]),
    ),
  };
}

function linkPlanOf(due: readonly PlannedPage[], left: readonly RefreshCandidate[]): LinkPlan {
  const visits = left.flatMap(({lastVisitedAt}) => lastVisitedAt ?? []);
  const oldest = visits.reduce<Date | null>((least, at) => (least === null || at < least ? at : least), null);
  return {
    planned: countReasons(due),
    due: due.length,
    left: left.length,
    dirtyLeft: left.filter(candidate => dirtyReason(candidate) !== null).length,
    oldestVisitAt: oldest?.toISOString() ?? null,
  };
}

/** What is known of each link: its visits as parsed, or at least that it was asked for. */
async function historiesOf(
  db: Db,
  runId: number,
  walks: readonly Walk[],
  now: Date,
): Promise<Map<string, VisitHistory>> {
  const known = new Map(
    (await knownVisits(db, runId, now)).map(visit => [
      keyOf(visit.runScopeId, visit.listingId),
      historyOf(visit),
    ]),
  );
  const newest = await newestVisits(db, runId, now);
  const histories = new Map<string, VisitHistory>();
  for (const {runScopeId, links} of walks) {
    for (const {listingId, url} of links.values()) {
      const key = keyOf(runScopeId, listingId);
      const history = known.get(key) ?? NEVER_VISITED;
      const askedAt = newest.get(keyOf(runScopeId, url)) ?? null;
      histories.set(key, {...history, lastVisitedAt: laterOf(history.lastVisitedAt, askedAt)});
    }
  }
  return histories;
}

function laterOf(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function keyOf(runScopeId: number, what: string): string {
  return `${runScopeId} ${what}`;
}

function countLinks(walks: readonly Walk[]): number {
  return walks.reduce((total, {links}) => total + links.size, 0);
}

function pageOf({runScopeId}: Walk, url: string): NewFrontierPage {
  return {runScopeId, kind: 'listing', url};
}
