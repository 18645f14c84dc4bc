import {sql} from 'drizzle-orm';
import {
  loadCurrentAdverts,
  loadPropertyDecisions,
  loadPropertyIds,
  matchInputHash,
  replaceProperties,
} from '../../src/db/properties.ts';
import {defineStage} from '../../src/stage/define-stage.ts';
import {type MatchInput, matchAdverts} from './core.ts';

/** Everything is one key: any advert may join any other. */
const WHOLE_SET = 'all';

interface Input extends MatchInput {
  readonly key: string;
}

/** Listings → homes. */
export const matchStage = defineStage<undefined, Input, ReturnType<typeof matchAdverts>>({
  name: 'match',
  version: 2,
  reads: ['core.listing', 'core.listing_version', 'core.listing_price', 'ops.property_decision'],
  writes: ['core.property', 'core.property_member'],
  batchSize: 1,
  onKeyError: 'fail',
  work: () => sql`
    select ${WHOLE_SET}::text as key, ${matchInputHash} as input_hash
    where exists (select from core.listing_version)`,
  prepare: async () => undefined,
  load: async (tx, keys) =>
    keys.includes(WHOLE_SET)
      ? [
          {
            key: WHOLE_SET,
            adverts: await loadCurrentAdverts(tx),
            known: await loadPropertyIds(tx),
            decisions: await loadPropertyDecisions(tx),
          },
        ]
      : [],
  core: input => matchAdverts(input),
  save: async (tx, results) => {
    const members = results.flatMap(({output}) => output);
    const properties = await replaceProperties(tx, members);
    return {properties, matched: members.filter(member => member.reason !== 'single').length};
  },
});
