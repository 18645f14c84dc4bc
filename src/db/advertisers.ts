/** What advertisers do oddly often, for people at the command line. */
import {sql} from 'drizzle-orm';
import type {AdvertiserOddity, Operation} from '../domain/vocabulary.ts';
import type {Db} from './client.ts';

export interface OddAdvertiser {
  readonly portal: string;
  /** Pseudonym. */
  readonly advertiserKey: string;
  readonly operation: Operation;
  readonly oddity: AdvertiserOddity;
  readonly adverts: number;
  readonly cases: number;
  readonly sharePct: number;
  readonly marketSharePct: number;
  readonly isOdd: boolean;
  readonly exampleListingIds: readonly string[];
}

/** Rows of `api.advertiser_oddity`, the most cases first. @param all also those that are not odd. */
export async function listOddAdvertisers(db: Db, all: boolean, limit: number): Promise<OddAdvertiser[]> {
  return db.execute<OddAdvertiser & Record<string, unknown>>(sql`
    select portal, advertiser_key as "advertiserKey", operation, advertiser_oddity as oddity,
      advertiser_adverts as adverts, oddity_cases as cases, oddity_share_pct as "sharePct",
      oddity_market_share_pct as "marketSharePct", is_odd as "isOdd", example_listing_ids as "exampleListingIds"
    from api.advertiser_oddity where is_odd or ${all}
    order by is_odd desc, oddity_cases desc, portal, advertiser_key, operation, advertiser_oddity limit ${limit}`);
}
