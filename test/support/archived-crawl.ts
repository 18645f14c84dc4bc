/** A crawl of the toy site, archived and parsed: what archive tests work on. */
import {parseStage} from '../../pipelines/parse/stage.ts';
import {crawl} from '../../src/crawl/crawl.ts';
import type {Database} from '../../src/db/client.ts';
import {startToySite, toyListings, toyPortal, toyScope} from './toy-portal.ts';

export const TOY_PLACE = 'antioquia/bello';
export const TOY_HASH_KEY = 'a test key of some length';

/** Crawls 30 adverts on a day; three pages, one archive file. */
export async function crawlToy(database: Database, dataDir: string, at: Date, firstPrice = 0): Promise<void> {
  const site = await startToySite();
  site.places.set(
    TOY_PLACE,
    toyListings(30).map(listing => ({...listing, price: (listing.price ?? 0) + firstPrice})),
  );
  try {
    await crawl({
      ...{database, dataDir, portal: toyPortal, scopes: [toyScope(TOY_PLACE)], baseUrl: site.baseUrl},
      ...{contact: undefined, hashKey: TOY_HASH_KEY, now: () => at, isSynthetic: true},
      observedOn: at.toISOString().slice(0, 10),
    });
  } finally {
    await site.close();
  }
}

export async function parseToy(database: Database, dataDir: string, at: Date, rebuild = false) {
  return parseStage([toyPortal]).run(database, {now: () => at, dataDir, options: {rebuild}});
}

/** What was read of the archive, in an order of its own. */
export async function observationsOf({sql}: Database) {
  return [...(await sql`select listing_id, payload_hash, payload from raw.observation order by 1, 2`)];
}

/** Every sighting: who was seen, when, as what. */
export async function sightingsOf({sql}: Database) {
  return [...(await sql`select listing_id, observed_at::text, payload_hash from raw.sighting order by 1, 2`)];
}
