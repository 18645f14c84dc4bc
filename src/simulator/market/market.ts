/** A seeded housing market of the Valle de Aburrá over some days, with its truth. The same options give the same market. */
import type {Operation} from '../../domain/vocabulary.ts';
import {createRandom, type Random} from '../../lib/random.ts';
import {type AdvertDraft, copyStatement, draftAdvert, firstStatement, offerHome} from './drafts.ts';
import {DAILY_RATES, liveThrough, reviseThrough} from './lifecycle.ts';
import {createCompanies} from './people.ts';
import {createProperty} from './properties.ts';
import {type Advert, addDays, createTruth, type PlantedString, type Property, type Truth} from './truth.ts';
import {monthlyIndex, priceLevel} from './values.ts';
import type {AdvertisingWorld} from './voices.ts';

export interface MarketOptions {
  readonly seed: number | string;
  readonly days: number;
  /** America/Bogota day of day 0, `2026-09-01`. */
  readonly startOn: string;
  /** Adverts online on day 0; about as many stay online each day. */
  readonly size: number;
}

export interface Market extends MarketOptions {
  readonly truth: Truth;
}

/** The demo: at least 2,300 adverts live a day, at least 2,600 distinct over the week. */
export const DEMO_MARKET: MarketOptions = {seed: 'raiz', days: 7, startOn: '2026-09-01', size: 2500};

const SALE_SHARE = 0.7;
const LEGACY_SHARE = 0.12;
/** Homes with a second and a third advert. */
const COPIES = [
  [0, 0.88],
  [1, 0.1],
  [2, 0.02],
] as const;

class MarketBuilder {
  readonly properties: Property[] = [];
  readonly adverts: Advert[] = [];
  readonly planted: PlantedString[] = [];
  private readonly relists = new Map<number, {draft: AdvertDraft; from: Advert}[]>();
  private readonly usedIds = new Set<number>();
  private readonly options: MarketOptions;
  private readonly random: Random;
  private readonly world: AdvertisingWorld;

  constructor(options: MarketOptions) {
    this.options = options;
    this.random = createRandom(`${options.seed}/market`);
    let persons = 0;
    this.world = {...createCompanies(this.random.fork('companies')), nextPersonSerial: () => persons++};
  }

  /** Puts one home online with all its first adverts; later copies of it follow over the days. */
  addHome(day: number): void {
    const random = this.random.fork(`home/${this.properties.length}`);
    const operation: Operation = random.chance(SALE_SHARE) ? 'sale' : 'rent';
    const property = createProperty(random, this.properties.length + 1, operation);
    this.properties.push(property);
    const level = priceLevel(this.options.seed, this.options.startOn, addDays(this.options.startOn, day));
    const offered = offerHome(random, property, operation, level);
    const first = firstStatement(random, offered);
    this.publish(random, draftAdvert(random, this.world, offered, first), day, null);
    const copies = offered.isBargain ? 0 : random.weighted(COPIES);
    for (let copy = 0; copy < copies; copy += 1) {
      const stated = copyStatement(random, offered, first);
      const copyDay = random.chance(0.85) ? day : Math.min(day + random.int(1, 3), this.options.days - 1);
      this.publish(random, draftAdvert(random, this.world, offered, stated), copyDay, null);
    }
  }

  addRelists(day: number): number {
    const due = this.relists.get(day) ?? [];
    for (const {draft, from} of due) {
      const random = this.random.fork(`relist/${from.id}`);
      const isWrong = draft.labels.some(label => label.field === 'price');
      const lastPrice = isWrong ? draft.stated.price : (from.revisions.at(-1)?.price ?? draft.stated.price);
      this.publish(random, {...draft, stated: {...draft.stated, price: lastPrice}}, day, from.id);
    }
    return due.length;
  }

  private publish(random: Random, draft: AdvertDraft, day: number, relistedFrom: number | null): void {
    const {days, startOn} = this.options;
    const {planted, ...facts} = draft;
    const isLegacy = day === 0 && random.chance(LEGACY_SHARE);
    const id = this.drawId(random, isLegacy);
    const ageDays = day === 0 ? Math.min(1000, Math.round(Math.exp(random.normal(4.5, 1.4)))) : 0;
    const publishedOn = addDays(startOn, day - ageDays);
    const updatedOn = addDays(publishedOn, random.int(0, ageDays));
    const life = liveThrough(random, day, days);
    const inThousands = facts.labels.find(label => label.kind === 'price_in_thousands');
    const firstTo = life.spells[0]?.to ?? day;
    const repairDay = inThousands !== undefined && day + 1 < firstTo && random.chance(0.6) ? day + 1 : null;
    const revisions = reviseThrough(random, {
      operation: facts.operation,
      firstDay: day,
      days,
      startOn,
      price: facts.stated.price,
      description: facts.stated.description,
      updatedOn,
      keepsPrice: facts.labels.some(label => label.field === 'price' || label.field === 'hidePrice'),
      repairDay,
    });
    const labels = facts.labels.map(label =>
      label === inThousands && repairDay !== null ? {...label, untilDay: repairDay - 1} : label,
    );
    const {spells, missedDays, relistDay} = life;
    const advert = {...facts, id, isLegacy, publishedOn, revisions, spells, missedDays, relistedFrom, labels};
    this.adverts.push(advert);
    for (const text of planted) this.planted.push({...text, advertId: id});
    if (relistDay !== null && relistDay < days) {
      this.relists.set(relistDay, [...(this.relists.get(relistDay) ?? []), {draft, from: advert}]);
    }
  }

  private drawId(random: Random, isLegacy: boolean): number {
    for (;;) {
      const id = isLegacy ? random.int(2_000_000, 10_999_999) : random.int(190_000_000, 194_999_999);
      if (this.usedIds.has(id)) continue;
      this.usedIds.add(id);
      return id;
    }
  }
}

export function createMarket(options: MarketOptions): Market {
  const builder = new MarketBuilder(options);
  while (builder.adverts.length < options.size) builder.addHome(0);
  const arrivals = Math.max(1, Math.round(options.size * DAILY_RATES.arrived));
  for (let day = 1; day < options.days; day += 1) {
    const target = builder.adverts.length + arrivals;
    builder.addRelists(day);
    while (builder.adverts.length < target) builder.addHome(day);
  }
  const truth = createTruth({
    startOn: options.startOn,
    days: options.days,
    properties: builder.properties,
    adverts: builder.adverts,
    plantedStrings: builder.planted,
    monthlyIndex: months => monthlyIndex(options.seed, options.startOn, months),
  });
  return {...options, truth};
}
