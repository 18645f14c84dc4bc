/** Scored adverts by age: what drift is measured on. */
import {sql} from 'drizzle-orm';
import type {Operation} from '../domain/vocabulary.ts';
import type {Db} from './client.ts';

/** Adverts first seen within so many days of the newest sighting are new. */
const NEW_DAYS = 30;

/** A scored advert on the time line. */
export interface ScoredAge {
  readonly operation: Operation;
  /** The home: adverts of one are drawn together. */
  readonly groupId: string;
  /** Log asking price less log expected price, by a model that never saw the home. */
  readonly residual: number;
  readonly firstSeenAt: Date;
  /** First seen in the newest month. */
  readonly isNew: boolean;
}

/** Adverts that a champion has priced at the price they ask now; errors of price or area tell nothing of a market. */
export async function scoredAges(db: Db): Promise<ScoredAge[]> {
  const rows = await db.execute<{[Key in keyof ScoredAge]: ScoredAge[Key]}>(sql`
    select s.operation, coalesce(m.property_id, s.listing_id) as "groupId",
      ln(s.price_cop::double precision / s.mid_cop) as residual, l.first_seen_at as "firstSeenAt",
      l.first_seen_at > newest.at - make_interval(days => ${NEW_DAYS}) as "isNew"
    from ml.score s
    join ml.model c on c.model_id = s.model_id and c.is_champion
    join core.listing l on l.listing_id = s.listing_id
    join core.listing_price p on p.listing_id = s.listing_id and p.operation = s.operation and p.valid_to is null
      and p.valid_from = s.valid_from
    left join core.property_member m on m.listing_id = s.listing_id
    cross join (select max(last_seen_at) as at from core.listing) newest
    where s.price_cop > 0 and s.mid_cop > 0 and s.anomaly <> 'error_candidate'
    order by s.operation, s.listing_id`);
  return rows.map(row => ({...row, firstSeenAt: new Date(row.firstSeenAt)}));
}
