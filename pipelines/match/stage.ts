import {sql} from 'drizzle-orm';
import {type CurrentListing, loadCurrentListings, replaceProperties} from '../../src/db/listings.ts';
import {defineStage} from '../../src/stage/define-stage.ts';
import {groupTwins} from './core.ts';

/** Everything is one key: any advert may join any other, and grouping 200,000 takes seconds. */
const WHOLE_SET = 'all';

interface Input {
  readonly key: string;
  readonly listings: readonly CurrentListing[];
}

/** Listings → homes. */
export const matchStage = defineStage<undefined, Input, ReturnType<typeof groupTwins>>({
  name: 'match',
  version: 1,
  reads: ['core.listing_version', 'core.listing_price'],
  writes: ['core.property', 'core.property_member'],
  batchSize: 1,
  onKeyError: 'fail',
  work: () => sql`
    select ${WHOLE_SET}::text as key, md5(concat_ws('|',
      (select count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws('|', listing_id, property_type, municipality,
          neighbourhood, stratum, area_m2, bedrooms, bathrooms, exclusions = '{}'), 0)), 0)
        from core.listing_version where valid_to is null),
      (select count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws('|', listing_id, operation, price_cop), 0)), 0)
        from core.listing_price where valid_to is null and price_cop is not null))) as input_hash
    where exists (select from core.listing_version)`,
  prepare: async () => undefined,
  load: async (tx, keys) =>
    keys.includes(WHOLE_SET) ? [{key: WHOLE_SET, listings: await loadCurrentListings(tx)}] : [],
  core: ({listings}) => groupTwins(listings),
  save: async (tx, results) => {
    const members = results.flatMap(({output}) => output);
    const properties = await replaceProperties(tx, members);
    return {properties, twins: members.filter(member => member.reason === 'exact_twin').length};
  },
});
