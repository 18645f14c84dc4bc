import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {cpuSecondsOf} from './cpu.ts';
import type {SearchSet} from './crawl-searches.ts';

export interface CrawlSite {
  readonly baseUrl: string;
  /** CPU seconds of the server so far. */
  readonly cpuSeconds: () => number;
  readonly close: () => Promise<void>;
}

/** Starts `crawl-site.ts` in a process of its own. @param latencyMs wait before every answer. */
export async function openCrawlSite(set: SearchSet, bytes: number, latencyMs = 0): Promise<CrawlSite> {
  const numbers = [set.searches, set.pagesASearch, set.listingsAPage, bytes, latencyMs].map(String);
  const script = join(import.meta.dirname, 'crawl-site.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...numbers], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  const baseUrl = String(line).trim();
  if (!baseUrl.startsWith('http://')) throw new Error(`the bench site did not start: ${baseUrl}`);
  return {
    baseUrl,
    cpuSeconds: () => cpuSecondsOf(child.pid ?? 0),
    close: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}
