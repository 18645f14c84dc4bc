/** What the soak stored, held against the market's truth: nothing lost, nothing doubled, the same lives and prices. */
import policy from '../../raiz.config.ts';
import {MAX_RESULTS} from '../../scrapers/fincaraiz-search.ts';
import {scopesOf} from '../../src/config/policy.ts';
import type {Database} from '../../src/db/client.ts';
import {scopeKey} from '../../src/domain/page.ts';
import {bogotaDay} from '../../src/lib/bogota-day.ts';
import {groupBy} from '../../src/lib/group-by.ts';
import type {Market} from '../../src/simulator/market/market.ts';
import {type Advert, addDays, listingIdOf} from '../../src/simulator/market/truth.ts';

export interface SoakDifferences {
  /** Runs that are not one a day, scopes of them that are not complete. */
  readonly unfinished: number;
  /** Pages stored more than once in a run; sitemaps have a row for each search that they serve. */
  readonly doubledPages: number;
  /** Adverts of a day that were on the portal and were not stored, and those stored that were not there. */
  readonly lost: number;
  readonly invented: number;
  readonly wrongSpells: number;
  readonly wrongPrices: number;
  /** Adverts left out of these counts, as no crawl could be sure to see them: `isHidden`. */
  readonly hidden: number;
  /** The first few, for people. */
  readonly examples: readonly string[];
}

/** Days from 0. The end is the portal's word, or none. */
interface DaySpell {
  readonly from: number;
  /** Last day seen. */
  readonly to: number;
  readonly end: string | null;
}

/** Every scope of every day was crawled to its end, so that all that the portal showed could be seen. */
export async function compareWithTruth(
  {sql}: Pick<Database, 'sql'>,
  market: Market,
  days: number,
): Promise<SoakDifferences> {
  const {truth} = market;
  const examples: string[] = [];
  const scopes = new Set(scopesOf(policy, 'fincaraiz').map(scopeKey));
  const large = largeScopes(market, days);
  const all = truth.adverts.filter(advert => scopes.has(scopeOf(advert)));
  const adverts = all.filter(advert => !isHidden(advert, large));
  const hidden = new Set(all.filter(advert => isHidden(advert, large)).map(listingIdOf));
  const dayNumbers = new Map(Array.from({length: days}, (_, day) => [addDays(market.startOn, day), day]));
  const dayOf = (instant: Date) => dayNumbers.get(bogotaDay(instant)) ?? -1;
  const count = (wrong: readonly string[]): number => {
    examples.push(...wrong.slice(0, 3));
    return wrong.length;
  };

  const [runs] = await sql<{unfinished: number; doubled: number}[]>`
    select (select abs(count(*) - ${days}) + count(*) filter (where finished_at is null) from ops.run)::int
        + (select count(*) from ops.run_scope where verdict is distinct from 'complete')::int as unfinished,
      (select count(*) - count(distinct (s.run_id, p.url)) from raw.page p join ops.run_scope s using (run_scope_id)
        where p.kind <> 'sitemap')::int as doubled`;

  const sightings = await sql<{day: string; ids: string[]}[]>`
    select r.observed_on::text as day, array_agg(distinct g.listing_id) as ids
    from raw.sighting g join ops.run_scope s using (run_scope_id) join ops.run r using (run_id)
    where g.payload_hash is not null group by 1`;
  const stored = new Map(sightings.map(row => [dayNumbers.get(row.day) ?? -1, new Set(row.ids)]));
  const doubted = new Set(
    (
      await sql<{day: string; scope_key: string}[]>`
        select r.observed_on::text as day, s.scope_key
        from ops.absence_surge d join ops.run_scope s using (run_scope_id) join ops.run r using (run_id)`
    ).map(row => `${dayNumbers.get(row.day)} ${row.scope_key}`),
  );
  const lost: string[] = [];
  const invented: string[] = [];
  for (let day = 0; day < days; day += 1) {
    const there = new Set(adverts.filter(advert => isSeen(market, advert, day)).map(listingIdOf));
    const known = stored.get(day) ?? new Set();
    lost.push(...[...there].filter(id => !known.has(id)).map(id => `day ${day}: ${id} was not stored`));
    invented.push(
      ...[...known]
        .filter(id => !there.has(id) && !hidden.has(id))
        .map(id => `day ${day}: ${id} was not there`),
    );
  }

  const spells = groupBy(
    await sql<{listing_id: string; started_at: Date; last_seen_at: Date; ended_reason: string | null}[]>`
      select listing_id, started_at, last_seen_at, ended_reason from core.listing_spell order by 1, 2`,
    row => row.listing_id,
  );
  const prices = groupBy(
    await sql<{listing_id: string; valid_from: Date; price_stated: string | null}[]>`
      select listing_id, valid_from, price_stated from core.listing_price order by 1, 2`,
    row => row.listing_id,
  );
  const wrongSpells: string[] = [];
  const wrongPrices: string[] = [];
  for (const advert of adverts) {
    const id = listingIdOf(advert);
    const life: DaySpell[] = (spells.get(id) ?? []).map(row => ({
      from: dayOf(row.started_at),
      to: dayOf(row.last_seen_at),
      end: row.ended_reason,
    }));
    const expectedLife = spellsOf(advert, days, day => doubted.has(`${day} ${scopeOf(advert)}`));
    if (JSON.stringify(life) !== JSON.stringify(expectedLife))
      wrongSpells.push(`${id}: spells ${JSON.stringify(life)}, true ${JSON.stringify(expectedLife)}`);
    const path = (prices.get(id) ?? []).map(row => [
      dayOf(row.valid_from),
      row.price_stated === null ? null : Number(row.price_stated),
    ]);
    const expectedPath = pricesOf(market, advert, days);
    if (JSON.stringify(path) !== JSON.stringify(expectedPath))
      wrongPrices.push(`${id}: prices ${JSON.stringify(path)}, true ${JSON.stringify(expectedPath)}`);
  }
  return {
    ...{unfinished: runs?.unfinished ?? -1, doubledPages: runs?.doubled ?? -1},
    ...{lost: count(lost), invented: count(invented)},
    ...{wrongSpells: count(wrongSpells), wrongPrices: count(wrongPrices), hidden: hidden.size},
    examples,
  };
}

const scopeOf = ({operation, propertyType, place}: Advert) =>
  scopeKey({portal: 'fincaraiz', operation, propertyType, place});

/** Searches that held more than the portal shows of one on some day, so that they were walked in parts. */
function largeScopes({truth}: Market, days: number): Set<string> {
  const large = new Set<string>();
  for (let day = 0; day < days; day += 1) {
    const live = groupBy(
      truth.adverts.filter(advert => truth.isLive(advert, day)),
      scopeOf,
    );
    for (const [scope, adverts] of live) if (adverts.length > MAX_RESULTS) large.add(scope);
  }
  return large;
}

/**
 * An advert of a large search that states no rooms is in no part by rooms; the sitemap has no projects, and tells the
 * city of no address that ends in other words. It is seen only if its neighbourhood happens to be linked.
 */
function isHidden(advert: Advert, large: ReadonlySet<string>): boolean {
  const {stated, slugSuffix} = advert;
  return large.has(scopeOf(advert)) && stated.bedrooms < 1 && (stated.isProject || slugSuffix !== '');
}

/** In a search; or, when searches skip it on a day after one on which it was seen, on its own page. */
function isSeen(market: Market, advert: Advert, day: number): boolean {
  const {truth} = market;
  if (truth.isLive(advert, day)) return true;
  return truth.isOnline(advert, day) && day > 0 && isSeen(market, advert, day - 1);
}

/**
 * The portal says on the first day without the advert that it is gone. Said in a run that is doubted, it holds after
 * three more days without it that are not doubted; an advert that is back before has never left.
 */
function spellsOf(advert: Advert, days: number, isDoubted: (day: number) => boolean): DaySpell[] {
  const spells: DaySpell[] = [];
  for (const {from, to} of advert.spells.filter(spell => spell.from < days)) {
    const last = spells.at(-1);
    const isOneLife = last !== undefined && last.end === null;
    if (isOneLife) spells.pop();
    const start = isOneLife ? last.from : from;
    const back = Math.min(days, advert.spells.find(next => next.from > from)?.from ?? days);
    const confirmations = Array.from({length: Math.max(0, back - to - 1)}, (_, n) => to + 1 + n).filter(
      day => !isDoubted(day),
    );
    const isOver = to < days && (!isDoubted(to) || confirmations.length >= 3);
    spells.push({from: start, to: Math.min(to, days) - 1, end: isOver ? 'gone' : null});
  }
  return spells;
}

/** The days on which another price was stated than before, from the first day seen on. */
function pricesOf(market: Market, advert: Advert, days: number): (readonly [number, number | null])[] {
  const path: (readonly [number, number | null])[] = [];
  for (let day = 0; day < days; day += 1) {
    if (!isSeen(market, advert, day)) continue;
    const price = advert.stated.hidePrice ? null : market.truth.revisionOn(advert, day).price;
    if (path.length === 0 || path.at(-1)?.[1] !== price) path.push([day, price]);
  }
  return path;
}
