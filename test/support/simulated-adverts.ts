/** Adverts of a simulated market as match sees them, read off the portal's objects without crawl or database. */
import {cleanListing} from '../../pipelines/clean/core.ts';
import type {Advert} from '../../pipelines/match/advert.ts';
import {readListing} from '../../scrapers/fincaraiz-listing.ts';
import {createMarket, type MarketOptions} from '../../src/simulator/market/market.ts';
import {addDays} from '../../src/simulator/market/truth.ts';
import {listingObjectOf} from '../../src/simulator/site/listing-object.ts';
import {advertOf} from './shared-adverts.ts';

export interface SimulatedAdvert {
  readonly advert: Advert;
  /** Number of the home it truly offers. */
  readonly propertyId: number;
}

/** Every advert of the market as it last stood. */
export function simulateAdverts(options: MarketOptions): SimulatedAdvert[] {
  const {truth} = createMarket(options);
  const instant = (day: number) => new Date(`${addDays(options.startOn, day)}T17:00:00Z`);
  return truth.adverts.map(simulated => {
    const firstDay = simulated.spells[0]?.from ?? 0;
    const lastDay = Math.min(options.days, simulated.spells.at(-1)?.to ?? options.days) - 1;
    const record = listingObjectOf(truth, simulated, lastDay);
    const {listing} = cleanListing(readListing(record, 'https://www.example.com').listing);
    return {
      // The portal's own number: the crawl would have made a pseudonym of it.
      advert: {
        ...advertOf(listing, instant(firstDay), instant(lastDay)),
        advertiserKey: String(simulated.advertiser.id),
      },
      propertyId: simulated.propertyId,
    };
  });
}
