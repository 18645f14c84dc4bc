import type {Db} from '../db/client.ts';
import {latestReview} from '../db/reviews.ts';
import {blockedOn} from '../db/runs.ts';
import {ConfigError} from '../domain/errors.ts';
import type {Portal} from '../portal/define-portal.ts';

/** A decision older than this is asked for again: terms and robots.txt change. */
const MAX_REVIEW_AGE_DAYS = 180;

/**
 * Lets a crawl of a portal's real site begin only while a person of this installation has decided so.
 * @throws ConfigError when nobody has, the answer was no, it is too old, or the portal blocked us since.
 */
export async function requireReview(db: Db, portal: Portal, now: Date): Promise<void> {
  const ask = `Read its robots.txt and terms, then decide with: raiz portal review ${portal.id}`;
  if (portal.status === 'declined') {
    throw new ConfigError(
      `${portal.name} is not crawled: its portal file says "declined". ${portal.caveats.join(' ')}`,
    );
  }
  const review = await latestReview(db, portal.id);
  if (review === undefined) {
    throw new ConfigError(
      `nobody has decided yet whether this installation may crawl ${portal.name}. ${ask}`,
    );
  }
  if (!review.mayCrawl) {
    throw new ConfigError(
      `${review.reviewedBy} decided on ${review.reviewedOn} not to crawl ${portal.name}. To decide anew: raiz portal review ${portal.id}`,
    );
  }
  const ageDays = (now.getTime() - Date.parse(review.reviewedOn)) / 86_400_000;
  if (ageDays > MAX_REVIEW_AGE_DAYS) {
    throw new ConfigError(
      `the decision to crawl ${portal.name} is of ${review.reviewedOn}, more than ${MAX_REVIEW_AGE_DAYS} days old. ${ask}`,
    );
  }
  const blocked = await blockedOn(db, portal.id);
  if (blocked !== undefined && review.reviewedOn <= blocked) {
    throw new ConfigError(
      `${portal.name} blocked the crawl of ${blocked}; it rests until a person has looked, on a later day. ${ask}`,
    );
  }
}

/** Why a crawl of the portal's real site may not begin, or undefined. */
export async function reviewRefusal(db: Db, portal: Portal, now: Date): Promise<string | undefined> {
  try {
    await requireReview(db, portal, now);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
