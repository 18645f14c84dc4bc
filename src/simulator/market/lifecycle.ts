/**
 * The life of an advert online: withdrawn, back again, repriced, reworded, refreshed.
 *
 * In the public series (4,581 adverts, 13 visits in 24 days of 2021) about 0.5 % of adverts come and as many go each
 * day, and 2 % change price in the whole period (median −4.5 % down, +5 % up). A demo has six or seven days, so all of
 * this runs about four times faster here.
 */
import type {Random} from '../../lib/random.ts';
import {rewordDescription} from './texts.ts';
import {type Advert, addDays, type Revision, type Spell} from './truth.ts';

export const DAILY_RATES = {
  withdrawn: 0.02,
  arrived: 0.0165,
  repriced: 0.009,
  reworded: 0.006,
  bumped: 0.015,
  missed: 0.004,
} as const;

/** Of withdrawn adverts: back under their number after two to four days; back under a new one within two. */
const RETURN_SHARE = 0.25;
const RELIST_SHARE = 0.22;

export interface Life {
  readonly spells: readonly Spell[];
  readonly missedDays: readonly number[];
  /** Day on which the home is advertised anew under another number, if it is. */
  readonly relistDay: number | null;
}

export function liveThrough(random: Random, firstDay: number, days: number): Life {
  const spells: Spell[] = [];
  const missedDays: number[] = [];
  let from = firstDay;
  for (let day = firstDay + 1; day < days; day += 1) {
    if (random.chance(DAILY_RATES.withdrawn)) {
      spells.push({from, to: day});
      const fate = random.next();
      if (fate < RELIST_SHARE) return {spells, missedDays, relistDay: day + random.int(0, 2)};
      const gap = random.int(2, 4);
      if (fate >= RELIST_SHARE + RETURN_SHARE) return {spells, missedDays, relistDay: null};
      from = day + gap;
      day = from;
      if (from >= days) return {spells, missedDays, relistDay: null};
    } else if (random.chance(DAILY_RATES.missed)) {
      missedDays.push(day);
    }
  }
  spells.push({from, to: days});
  // A missed day needs a seen one after it; otherwise it would look like a withdrawal at the end.
  return {
    spells,
    missedDays: missedDays.filter(day => !missedDays.includes(day - 1) && day < days - 1),
    relistDay: null,
  };
}

/** A later asking price: four in seven go down. Always a whole million (sale) or ten thousand (rent), never the same. */
function reprice(random: Random, price: number, operation: Advert['operation']): number {
  const step = operation === 'sale' ? 1_000_000 : 10_000;
  const isDown = random.chance(0.57);
  const share = (isDown ? 0.045 : 0.05) * Math.exp(random.normal(0, 0.4));
  const changed = Math.round((price * (isDown ? 1 - share : 1 + share)) / step) * step;
  return changed === price || changed <= 0 ? price + step : changed;
}

export interface LifeFacts {
  readonly operation: Advert['operation'];
  readonly firstDay: number;
  readonly days: number;
  readonly startOn: string;
  readonly price: number;
  readonly description: string;
  readonly updatedOn: string;
  /** Prices that are errors or bargains stay as they are. */
  readonly keepsPrice: boolean;
  /** Day on which a price typed in thousands is repaired, or null. */
  readonly repairDay: number | null;
}

export function reviseThrough(random: Random, facts: LifeFacts): Revision[] {
  let last: Revision = {
    day: facts.firstDay,
    reason: 'first',
    price: facts.price,
    description: facts.description,
    updatedOn: facts.updatedOn,
  };
  const revisions = [last];
  for (let day = facts.firstDay + 1; day < facts.days; day += 1) {
    const ticket = random.next();
    const change = changeOf(random, ticket, last, day, facts);
    if (change === null) continue;
    last = {...last, ...change, day, updatedOn: addDays(facts.startOn, day)};
    revisions.push(last);
  }
  return revisions;
}

function changeOf(
  random: Random,
  ticket: number,
  last: Revision,
  day: number,
  facts: LifeFacts,
): (Pick<Revision, 'reason'> & Partial<Revision>) | null {
  const {repriced, reworded, bumped} = DAILY_RATES;
  if (day === facts.repairDay) return {reason: 'price', price: last.price * 1000};
  if (ticket < repriced) {
    if (facts.keepsPrice) return null;
    return {reason: 'price', price: reprice(random, last.price, facts.operation)};
  }
  if (ticket < repriced + reworded) {
    return {reason: 'description', description: rewordDescription(random, last.description)};
  }
  return ticket < repriced + reworded + bumped ? {reason: 'bump'} : null;
}
