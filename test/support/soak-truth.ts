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
  /** Runs that are not one a day, and scopes without a verdict. */
  readonly unfinished: number;
  /** Scopes of a day that the crawl calls incomplete, as when the portal was gone: absence from them says nothing. */
  readonly incomplete: number;
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
        + (select count(*) from ops.run_scope where verdict is null)::int as unfinished,
      (select count(*) - count(distinct (s.run_id, p.url)) from raw.page p join ops.run_scope s using (run_scope_id)
        where p.kind <> 'sitemap')::int as doubled`;

  const sightings = await sql<{day: string; ids: string[]}[]>`
    select r.observed_on::text as day, array_agg(distinct g.listing_id) as ids
    from raw.sighting g join ops.run_scope s using (run_scope_id) join ops.run r using (run_id)
    where g.payload_hash is not null group by 1`;
  const stored = new Map(sightings.map(row => [dayNumbers.get(row.day) ?? -1, new Set(row.ids)]));
  const daysOfScopes = async (rows: Promise<readonly {day: string; scope_key: string}[]>) =>
    new Set((await rows).map(row => `${dayNumbers.get(row.day)} ${row.scope_key}`));
  const doubted = await daysOfScopes(sql<{day: string; scope_key: string}[]>`
    select r.observed_on::text as day, s.scope_key
    from ops.absence_surge d join ops.run_scope s using (run_scope_id) join ops.run r using (run_id)`);
  const incomplete = await daysOfScopes(sql<{day: string; scope_key: string}[]>`
    select r.observed_on::text as day, s.scope_key
    from ops.run_scope s join ops.run r using (run_id) where s.verdict <> 'complete'`);
  const watchOf = (advert: Advert): Watch => {
    const [id, scope] = [listingIdOf(advert), scopeOf(advert)];
    return {
      isOnline: day => truth.isOnline(advert, day),
      isShown: day => truth.isLive(advert, day),
      wasStored: day => stored.get(day)?.has(id) === true,
      isDoubted: day => doubted.has(`${day} ${scope}`),
      isComplete: day => !incomplete.has(`${day} ${scope}`),
    };
  };
  const lost: string[] = [];
  const lives = new Map(adverts.map(advert => [advert, liveOf(watchOf(advert), days)]));
  const there = Array.from({length: days}, () => new Set<string>());
  for (const [advert, {seen}] of lives) {
    const id = listingIdOf(advert);
    for (const day of seen) {
      there[day]?.add(id);
      if (stored.get(day)?.has(id) !== true) lost.push(`day ${day}: ${id} was not stored`);
    }
  }
  const invented = [...stored].flatMap(([day, ids]) =>
    [...ids]
      .filter(id => there[day]?.has(id) !== true && !hidden.has(id))
      .map(id => `day ${day}: ${id} was not there`),
  );

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
    const {spells: expectedLife = [], seen = []} = lives.get(advert) ?? {};
    if (JSON.stringify(life) !== JSON.stringify(expectedLife))
      wrongSpells.push(`${id}: spells ${JSON.stringify(life)}, true ${JSON.stringify(expectedLife)}`);
    const path = (prices.get(id) ?? []).map(row => [
      dayOf(row.valid_from),
      row.price_stated === null ? null : Number(row.price_stated),
    ]);
    const expectedPath = pricesOf(market, advert, seen);
    if (JSON.stringify(path) !== JSON.stringify(expectedPath))
      wrongPrices.push(`${id}: prices ${JSON.stringify(path)}, true ${JSON.stringify(expectedPath)}`);
  }
  return {
    ...{unfinished: runs?.unfinished ?? -1, incomplete: incomplete.size, doubledPages: runs?.doubled ?? -1},
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

/** An advert, day by day: what the portal did with it and what the crawl of its scope was worth. */
interface Watch {
  readonly isOnline: (day: number) => boolean;
  /** In a search. */
  readonly isShown: (day: number) => boolean;
  readonly wasStored: (day: number) => boolean;
  readonly isDoubted: (day: number) => boolean;
  readonly isComplete: (day: number) => boolean;
}

interface Life {
  readonly spells: readonly DaySpell[];
  /** Days on which it had to be seen, and those on which an incomplete crawl happened to see it. */
  readonly seen: readonly number[];
}

/** Days without an advert that end its spell when the first of them is doubted. */
const CONFIRMATIONS = 3;

/**
 * What a crawl makes of it that misses nothing it can see. A complete one sees the adverts that its searches show; an
 * advert that it knows and they skip it asks for, and the portal says whether it is there. Said in a run that is
 * doubted, "gone" holds after three more days without it that are not doubted; an advert that is back before has never
 * left. An incomplete crawl sees some, and says nothing of the others.
 */
function liveOf({isOnline, isShown, wasStored, isDoubted, isComplete}: Watch, days: number): Life {
  const spells: DaySpell[] = [];
  const seen: number[] = [];
  /** Days without it that count since it was last seen; null: not missing. */
  let confirmations: number | null = null;
  for (let day = 0; day < days; day += 1) {
    const last = spells.at(-1);
    const isOpen = last !== undefined && last.end === null;
    const isThere = isOnline(day) && (isComplete(day) ? isShown(day) || isOpen : wasStored(day));
    if (isThere) {
      seen.push(day);
      if (isOpen) spells[spells.length - 1] = {...last, to: day};
      else spells.push({from: day, to: day, end: null});
      confirmations = null;
    } else if (isOpen && isComplete(day)) {
      const isFirst = confirmations === null;
      if (isFirst) confirmations = 0;
      else if (!isDoubted(day)) confirmations = (confirmations ?? 0) + 1;
      if ((isFirst && !isDoubted(day)) || (confirmations ?? 0) >= CONFIRMATIONS)
        spells[spells.length - 1] = {...last, end: 'gone'};
    }
  }
  return {spells, seen};
}

/** The days on which another price was stated than before. */
function pricesOf(
  market: Market,
  advert: Advert,
  seen: readonly number[],
): (readonly [number, number | null])[] {
  const path: (readonly [number, number | null])[] = [];
  for (const day of seen) {
    const price = advert.stated.hidePrice ? null : market.truth.revisionOn(advert, day).price;
    if (path.length === 0 || path.at(-1)?.[1] !== price) path.push([day, price]);
  }
  return path;
}
