import fincaraiz from '../../scrapers/fincaraiz.ts';
import {crawl} from '../../src/crawl/crawl.ts';
import type {Database} from '../../src/db/client.ts';
import {benchScopes, type SearchSet} from './crawl-searches.ts';

export interface BenchCrawl {
  readonly database: Database;
  readonly folder: string;
  readonly baseUrl: string;
  readonly set: SearchSet;
  readonly concurrency: number;
}

export interface Crawled {
  readonly pages: number;
  readonly listings: number;
  readonly seconds: number;
}

/** A crawl as users run it, of the stand-in site. @throws when it didn't get every page and every listing. */
export async function crawlBenchSite({
  database,
  folder,
  baseUrl,
  set,
  concurrency,
}: BenchCrawl): Promise<Crawled> {
  const maxPages = set.searches * set.pagesASearch;
  const {pages, seconds, scopes, verdict} = await crawl({
    database,
    dataDir: folder,
    portal: {...fincaraiz, politeness: {...fincaraiz.politeness, maxPagesPerRun: maxPages}},
    scopes: benchScopes(set.searches),
    baseUrl,
    contact: undefined,
    hashKey: 'a key for the bench only',
    now: () => new Date(),
    isSynthetic: true,
    observedOn: '2026-09-01',
    concurrency,
  });
  if (verdict !== 'complete') throw new Error(`the bench crawl ended ${verdict}: ${scopes[0]?.reason}`);
  return {pages, seconds, listings: scopes.reduce((sum, scope) => sum + scope.listingsSeen, 0)};
}
