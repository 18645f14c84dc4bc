/**
 * Raíz's side of the Scrapy bench, in a process of its own, so that its memory can be told:
 * reads `{databaseUrl, folder, baseUrl, set, concurrency}` from stdin, prints one JSON line with what the crawl cost.
 */
import {text} from 'node:stream/consumers';
import {connectDatabase} from '../../src/db/client.ts';
import {peakMemoryMb} from './cpu.ts';
import {type BenchCrawl, crawlBenchSite} from './crawl-everything.ts';
import type {CrawlerCost} from './scrapy.ts';

const {databaseUrl, ...job}: Omit<BenchCrawl, 'database'> & {databaseUrl: string} = JSON.parse(
  await text(process.stdin),
);
const database = await connectDatabase(databaseUrl);
const crawled = await crawlBenchSite({...job, database});
await database.close();
const {userCPUTime, systemCPUTime} = process.resourceUsage();
const cost: CrawlerCost = {
  ...crawled,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakMb: peakMemoryMb(),
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
