/** The toy portal crawled day by day in real crawls, parsed and reviewed: what health and history are tested on. */
import {rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseStage} from '../../pipelines/parse/stage.ts';
import {crawl} from '../../src/crawl/crawl.ts';
import type {Database} from '../../src/db/client.ts';
import {openIncidents} from '../../src/db/health.ts';
import {type Review, reviewHealth} from '../../src/health/review.ts';
import {testDatabase} from './database.ts';
import {startToySite, type ToyListing, type ToySite, toyListings, toyPortal, toyScope} from './toy-portal.ts';

export const TOY_PLACE = 'antioquia/bello';

export interface ToyDays {
  readonly database: Database;
  readonly site: ToySite;
  readonly dataDir: string;
  /** Noon, in Bogotá ten o'clock, of the present day; day 1 is 2 March 2026. */
  readonly clock: () => Date;
  /** Lets days pass on which nobody crawls. */
  readonly skipDays: (days: number) => void;
  /** Crawls the next day, and parses it unless told. */
  readonly crawlDay: (options?: {parse?: boolean; sample?: number}) => Promise<void>;
  readonly review: (webhook?: string) => Promise<Review | undefined>;
  /** Open incidents, as `kind` or `kind subject`. */
  readonly open: () => Promise<string[]>;
  readonly close: () => Promise<void>;
}

/** Sixty homes no two of which are alike. */
export const sixty = (change: (listing: ToyListing, n: number) => Partial<ToyListing> = () => ({})) =>
  toyListings(60).map((listing, n) => ({...listing, ...change(listing, n)}));

export async function openToyDays(): Promise<ToyDays> {
  const database = await testDatabase();
  const site = await startToySite();
  const dataDir = await mkdtemp(join(tmpdir(), 'raiz-days-'));
  site.places.set(TOY_PLACE, sixty());
  let day = 0;
  const clock = () => new Date(Date.parse('2026-03-01T15:00:00Z') + day * 86_400_000);
  const crawlDay: ToyDays['crawlDay'] = async ({parse = true, sample} = {}) => {
    day += 1;
    await crawl({
      ...{database, dataDir, portal: toyPortal},
      scopes: [toyScope(TOY_PLACE)],
      baseUrl: site.baseUrl,
      contact: undefined,
      hashKey: 'a test key of some length',
      now: clock,
      isSynthetic: true,
      observedOn: clock().toISOString().slice(0, 10),
      limits: {sample},
      retry: {baseDelayMs: 5, maxAttempts: 2, maxPauseMs: 50},
    });
    if (parse) await parseStage([toyPortal]).run(database, {now: clock, dataDir});
  };
  return {
    ...{database, site, dataDir, clock, crawlDay},
    skipDays: days => {
      day += days;
    },
    review: webhook => reviewHealth({database, dataDir, now: clock(), isLive: () => true, webhook}),
    open: async () =>
      (await openIncidents(database.orm)).map(({kind, subject}) =>
        subject === null ? kind : `${kind} ${subject}`,
      ),
    close: async () => {
      await site.close();
      await database.close();
      rmSync(dataDir, {recursive: true, force: true});
    },
  };
}
