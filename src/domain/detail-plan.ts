/** What a run decided about listing pages, once its searches were walked. Kept with the run. */

/** Why a listing page is visited again, the most urgent first. */
export const REFRESH_REASONS = ['changed', 'reappeared', 'lastmod', 'new', 'overdue', 'value'] as const;
export type RefreshReason = (typeof REFRESH_REASONS)[number];

/** A spell ends unknown after 14 days without a sighting: four days are left for runs that fail. */
export const MAX_LINK_AGE_DAYS = 10;

export interface DetailPlan {
  /** Listings the run's searches saw: what a crawl of every listing page would visit besides the searches. */
  readonly listings: number;
  /** Listing pages asked for before the plan: to confirm removals, or because a search only linked to them. */
  readonly linked: number;
  /** Pages of the plan by reason. */
  readonly planned: Readonly<Partial<Record<RefreshReason, number>>>;
  /** Listings known to have changed, or never visited, for which no page was left. */
  readonly dirtyLeft: number;
}

/** Which of the listing pages that its sitemaps name a scope visits in a run. Kept with the scope of the run. */
export interface LinkPlan {
  /** Pages of the plan by reason; empty where every link is visited, whatever is known of it. */
  readonly planned: Readonly<Partial<Record<RefreshReason, number>>>;
  readonly due: number;
  /** Links left for a later run; 0: a full pass. */
  readonly left: number;
  /** Of these: known to have changed, or never visited. */
  readonly dirtyLeft: number;
  /** The oldest last visit among the links left, as ISO instant; null: none of them was ever visited. */
  readonly oldestVisitAt: string | null;
}

/** Pages by the reason they are visited for. */
export function countReasons(
  pages: readonly {readonly reason: RefreshReason}[],
): Partial<Record<RefreshReason, number>> {
  const counts: Partial<Record<RefreshReason, number>> = {};
  for (const {reason} of pages) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Listing pages of a plan, those to confirm removals included. */
export function detailPagesOf({linked, planned}: DetailPlan): number {
  return linked + Object.values(planned).reduce((total, pages) => total + pages, 0);
}

/** Listing pages that a crawl of all of them would have asked for besides. */
export function savedPagesOf(plan: DetailPlan): number {
  return Math.max(0, plan.listings - detailPagesOf(plan));
}
