import {desc, eq} from 'drizzle-orm';
import {portalReview} from '../../drizzle/schema/ops.ts';
import type {Db} from './client.ts';

export type PortalReview = Omit<typeof portalReview.$inferSelect, 'portalReviewId'>;

/** The newest decision of a person on a portal, or undefined while there is none. */
export async function latestReview(db: Db, portal: string): Promise<PortalReview | undefined> {
  const [review] = await db
    .select({
      portal: portalReview.portal,
      reviewedOn: portalReview.reviewedOn,
      reviewedBy: portalReview.reviewedBy,
      mayCrawl: portalReview.mayCrawl,
      mayRelease: portalReview.mayRelease,
      maySell: portalReview.maySell,
      note: portalReview.note,
    })
    .from(portalReview)
    .where(eq(portalReview.portal, portal))
    .orderBy(desc(portalReview.portalReviewId))
    .limit(1);
  return review;
}

/** Adds a decision; older ones stay for the record. */
export async function recordReview(db: Db, review: PortalReview): Promise<void> {
  await db.insert(portalReview).values(review);
}

/** Everybody who ever decided on a portal here. */
export async function reviewers(db: Db): Promise<string[]> {
  const rows = await db.selectDistinct({name: portalReview.reviewedBy}).from(portalReview);
  return rows.map(({name}) => name);
}
