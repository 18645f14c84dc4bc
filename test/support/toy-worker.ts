/** A worker of the toy portal: crawls go to the toy site, the pipeline is the parse stage. */
import {parseStage} from '../../pipelines/parse/stage.ts';
import {definePolicy, type Policy} from '../../src/config/policy.ts';
import type {Database} from '../../src/db/client.ts';
import {openBoss} from '../../src/jobs/boss.ts';
import {crawlShard} from '../../src/jobs/crawl-shard.ts';
import {runWorker, type WorkerEvent, type WorkerOptions} from '../../src/jobs/worker.ts';
import {toyPortal} from './toy-portal.ts';

export const TOY_NOW = new Date('2026-03-01T15:00:00Z');

export function toyPolicy(places: string[], shards: number, cron = '30 2 * * *'): Policy {
  return definePolicy({
    portals: {
      toy: {
        places,
        operations: ['sale'],
        propertyTypes: ['house'],
        maxPagesPerRun: 5000,
        // Searches alone, so that pages can be counted.
        refresh: {detailShare: 0},
        cadence: {cron, shards},
      },
    },
  });
}

export interface ToyWorker extends Partial<Omit<WorkerOptions, 'database'>> {
  readonly database: Database;
  readonly dataDir: string;
  readonly policy: Policy;
  readonly delayMs?: number;
}

/** Works until nothing can be done now, or as told. @returns what the worker did, and what it says of it. */
export async function runToyWorker({database, dataDir, policy, delayMs, ...changes}: ToyWorker) {
  const events: WorkerEvent[] = [];
  const boss = await openBoss(database, {
    isTimekeeper: false,
    onError: error => {
      throw error;
    },
  });
  try {
    const ended = await runWorker({
      ...{database, boss, isDemo: true, once: true, signal: new AbortController().signal, pollMs: 50},
      crawl: (_job, jobId, signal) =>
        crawlShard(_job, {
          ...{database, dataDir, policy, jobId, signal, delayMs},
          portal: toyPortal,
          contact: undefined,
          hashKey: 'a test key of some length',
          now: () => TOY_NOW,
          isSynthetic: true,
        }),
      pipeline: async () => {
        const {keysFound} = await parseStage([toyPortal]).run(database, {now: () => TOY_NOW, dataDir});
        return {isInterrupted: false, output: {keysFound}};
      },
      onEvent: event => events.push(event),
      ...changes,
    });
    return {...ended, events};
  } finally {
    await boss.close();
  }
}
