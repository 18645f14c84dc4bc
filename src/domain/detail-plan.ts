/** What a run decided about listing pages, once its searches were walked. Kept with the run. */

/** Why a listing page is visited again, the most urgent first. */
export const REFRESH_REASONS = ['changed', 'reappeared', 'lastmod', 'new', 'overdue', 'value'] as const;
export type RefreshReason = (typeof REFRESH_REASONS)[number];

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

/** Listing pages of a plan, those to confirm removals included. */
export function detailPagesOf({linked, planned}: DetailPlan): number {
  return linked + Object.values(planned).reduce((total, pages) => total + pages, 0);
}

/** Listing pages that a crawl of all of them would have asked for besides. */
export function savedPagesOf(plan: DetailPlan): number {
  return Math.max(0, plan.listings - detailPagesOf(plan));
}
