/** The query behind `api.advertiser_oddity`: what an advertiser does more often than its market, on pseudonyms. */
import {ADVERTISER_ODDITIES, type AdvertiserOddity} from '../domain/vocabulary.ts';

/** An advert of the same home that begins so many days after the last one ended continues it. */
const REPOST_DAYS = 45;
/** Adverts of one home that are online together for less than this are a changeover, not a pair. */
const PARALLEL_DAYS = 2;
/** An asking price that rises by so much within so many days of the advert's first sighting. */
const RAISE_PCT = 10;
const RAISE_DAYS = 30;
/** Fewer cases say nothing of an advertiser, whatever their share. */
const MIN_CASES = 3;
/** How many times the share of its market an advertiser's share has to be, at the least it may be. */
const TIMES_MARKET = 2;
/** 95 % of a normal distribution. */
const Z = 1.96;
/** Examples shown of each oddity. */
const EXAMPLES = 5;

/** Cases by word: the advert that shows the oddity, once. */
const CASES: Readonly<Record<AdvertiserOddity, string>> = {
  repost: `
    select distinct b.listing_id from advert a
    join advert b on (b.portal, b.advertiser_key, b.operation, b.property_id) = (a.portal, a.advertiser_key, a.operation, a.property_id)
      and b.listing_id <> a.listing_id
    where a.is_over and b.started_at > a.last_seen_at and b.started_at < a.last_seen_at + interval '${REPOST_DAYS} days'`,
  parallel: `
    select distinct b.listing_id from advert a
    join advert b on (b.portal, b.advertiser_key, b.operation, b.property_id) = (a.portal, a.advertiser_key, a.operation, a.property_id)
      and (b.started_at, b.listing_id) > (a.started_at, a.listing_id)
    where least(a.last_seen_at, b.last_seen_at) - b.started_at >= interval '${PARALLEL_DAYS} days'`,
  low_price: `
    select a.listing_id from advert a
    join ml.score s on s.listing_id = a.listing_id and s.operation = a.operation
    join ml.model m on m.model_id = s.model_id and m.is_champion
    where s.price_cop < s.low_cop`,
  raised_price: `
    select distinct a.listing_id from advert a
    join (select listing_id, operation, valid_from, price_cop, price_stated,
        lag(price_cop) over w as cop_before, lag(price_stated) over w as stated_before
      from core.listing_price window w as (partition by listing_id, operation order by valid_from)) p
      on p.listing_id = a.listing_id and p.operation = a.operation
    where p.price_cop >= p.cop_before * ${1 + RAISE_PCT / 100} and p.price_stated <> p.stated_before
      and p.valid_from < a.started_at + interval '${RAISE_DAYS} days'`,
};

/**
 * One row per advertiser, operation and oddity it shows at all. Odd is who shows it at least three times and whose share,
 * at the lower end of its 95 % interval (Wilson 1927), is still twice that of the portal: one low price is a price, half
 * of an advertiser's adverts below the range is a habit.
 */
export const ADVERTISER_ODDITY = `
  with advert as (
    select l.listing_id, l.portal, v.advertiser_key, v.advertiser_kind, p.operation, m.property_id, l.is_synthetic,
      s.started_at, s.last_seen_at, s.ended_at is not null and s.ended_reason <> 'unknown' as is_over
    from core.listing l
    join core.listing_version v on v.listing_id = l.listing_id and v.valid_to is null and v.advertiser_key is not null
    join core.listing_price p on p.listing_id = l.listing_id and p.valid_to is null
    left join core.property_member m on m.listing_id = l.listing_id
    join lateral (
      select min(started_at) as started_at, max(last_seen_at) as last_seen_at,
        (array_agg(ended_at order by started_at desc))[1] as ended_at,
        (array_agg(ended_reason order by started_at desc))[1] as ended_reason
      from core.listing_spell where listing_id = l.listing_id
    ) s on s.started_at is not null
  ), found as (
    ${ADVERTISER_ODDITIES.map(word => `select '${word}' as oddity, c.listing_id from (${CASES[word]}) c`).join('\n    union all\n    ')}
  ), counted as (
    select a.portal, a.advertiser_key, min(a.advertiser_kind) as advertiser_kind, a.operation, f.oddity,
      count(*) as cases, (array_agg(a.listing_id order by a.started_at desc, a.listing_id))[1:${EXAMPLES}] as example_listing_ids
    from found f join advert a on a.listing_id = f.listing_id
    group by a.portal, a.advertiser_key, a.operation, f.oddity
  ), own as (
    select portal, advertiser_key, operation, count(*)::double precision as adverts, bool_or(is_synthetic) as is_synthetic
    from advert group by portal, advertiser_key, operation
  ), market as (
    select o.portal, o.operation, f.oddity, sum(f.cases) / max(o.adverts) as share
    from (select portal, operation, sum(adverts) as adverts from own group by portal, operation) o
    join counted f on f.portal = o.portal and f.operation = o.operation
    group by o.portal, o.operation, f.oddity
  )
  select c.portal, c.advertiser_key, c.advertiser_kind, c.operation, c.oddity as advertiser_oddity,
    o.adverts as advertiser_adverts, c.cases as oddity_cases,
    round((100 * c.cases / o.adverts)::numeric, 1) as oddity_share_pct,
    round((100 * m.share)::numeric, 1) as oddity_market_share_pct,
    c.cases >= ${MIN_CASES} and w.low >= ${TIMES_MARKET} * m.share as is_odd,
    c.example_listing_ids, o.is_synthetic
  from counted c
  join own o on o.portal = c.portal and o.advertiser_key = c.advertiser_key and o.operation = c.operation
  join market m on m.portal = c.portal and m.operation = c.operation and m.oddity = c.oddity
  cross join lateral (
    select (p + ${Z ** 2} / (2 * o.adverts) - ${Z} * sqrt(p * (1 - p) / o.adverts + ${Z ** 2} / (4 * o.adverts ^ 2)))
      / (1 + ${Z ** 2} / o.adverts) as low
    from (select least(1, c.cases / o.adverts) as p) share
  ) w`;
