/**
 * The soak: the simulated portal crawled, parsed and cleaned day after day by processes that are killed, over a network
 * that fails and a database server that dies; at the end every sighting, spell and price is held against the truth.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {connectDatabase} from '../../src/db/client.ts';
import {startEmbedded, stopEmbedded} from '../../src/db/embedded/server.ts';
import {migrateDatabase} from '../../src/db/migrate.ts';
import {createRandom, hash32} from '../../src/lib/random.ts';
import {createMarket, type Market} from '../../src/simulator/market/market.ts';
import {addDays} from '../../src/simulator/market/truth.ts';
import type {Fault, FaultHook} from '../../src/simulator/site/faults.ts';
import {type Site, startSite} from '../../src/simulator/site/start-site.ts';
import {compareWithTruth, type SoakDifferences} from './soak-truth.ts';

export interface SoakOptions {
  /** Data folder; one that an earlier soak of the same options left is gone on with. */
  readonly folder: string;
  readonly seed: string;
  /** Ends after the day in which so many pages were stored. */
  readonly pages: number;
  /** Adverts online. */
  readonly size: number;
  readonly days: number;
  /** Kills a day, of the crawling process; seeded. */
  readonly killsADay: number;
  /** Of the kills, the share that hits the database server instead. */
  readonly serverShare: number;
  readonly onProgress?: (line: string) => void;
}

export interface SoakReport extends SoakDifferences {
  readonly days: number;
  readonly pages: number;
  readonly kills: number;
  readonly serverKills: number;
  /** Faults that the network had: refused, cut, late. */
  readonly faults: number;
  /** Of the processes that lived to their end, and the simulator. */
  readonly cpuSeconds: number;
  readonly hours: number;
}

const CHILD = fileURLToPath(new URL('soak-child.ts', import.meta.url));
const START_ON = '2026-01-01';
/** One first request in this many fails. */
const FAULT_EVERY = 40;
const HANG_MS = 3000;
/** A day that is not done after so many processes has a bug, not bad luck. */
const MOST_ATTEMPTS = 25;

interface Counters {
  kills: number;
  serverKills: number;
  faults: number;
  childCpuSeconds: number;
}

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const {folder, seed, size, days, pages, onProgress} = options;
  const began = performance.now();
  mkdirSync(folder, {recursive: true});
  const market = createMarket({seed, size, days, startOn: START_ON});
  const counters: Counters = {kills: 0, serverKills: 0, faults: 0, childCpuSeconds: 0};
  const site = await startSite(market, {day: 0, faults: failingNetwork(seed, counters)});
  try {
    const {url} = await startEmbedded({dataDir: folder, database: 'raiz'});
    await migrateDatabase(url);
    // The newest day is gone on with; when its crawl is done, its stages may not be.
    let day = Math.max(0, (await countDays(folder)) - 1);
    let stored = 0;
    do {
      await liveDay({options, market, site, day, counters});
      stored = await countPages(folder);
      day += 1;
      onProgress?.(
        `day ${day} · ${stored} pages · ${counters.kills} kills, ${counters.serverKills} of the server · ` +
          `${counters.faults} faults · ${((performance.now() - began) / 60_000).toFixed(1)} min`,
      );
    } while (day < days && stored < pages);
    const differences = await withServer(folder, database => compareWithTruth(database, market, day));
    const {user, system} = process.cpuUsage();
    return {
      ...{...counters, ...differences, days: day, pages: stored},
      cpuSeconds: counters.childCpuSeconds + (user + system) / 1e6,
      hours: (performance.now() - began) / 3_600_000,
    };
  } finally {
    await site.close();
    await stopEmbedded(folder);
  }
}

/** Each path may fail the first time it is asked on a day: refused, cut in the middle, or late. */
function failingNetwork(seed: string, counters: Counters): FaultHook {
  return ({path, day, earlierForPath}) => {
    if (earlierForPath > 0 || path === '/robots.txt') return undefined;
    const draw = hash32(`${seed}/${day}/${path}`);
    if (draw % FAULT_EVERY !== 0) return undefined;
    counters.faults += 1;
    const faults: readonly Fault[] = [
      {kind: 'answer', status: 503, body: 'busy'},
      {kind: 'drop', afterBytes: 2000},
      {kind: 'drop', afterBytes: 0},
      {kind: 'answer', status: 429, headers: {'retry-after': '1'}},
      {kind: 'delay', delayMs: HANG_MS},
    ];
    return faults[Math.floor(draw / FAULT_EVERY) % faults.length];
  };
}

interface DayOfSoak {
  readonly options: SoakOptions;
  readonly market: Market;
  readonly site: Site;
  readonly day: number;
  readonly counters: Counters;
}

/** A moment in the life of a process at which it, or the database server, is killed. */
interface Kill {
  readonly of: 'child' | 'server';
  readonly phase: 'crawl' | 'parse' | 'clean';
  /** Requests after the crawl began, or milliseconds after the stage did. */
  readonly after: number;
}

/** Runs processes until one has done the day. Each kill of the day's plan hits one of them, if it lives that long. */
async function liveDay(today: DayOfSoak): Promise<void> {
  const {options, market, site, day, counters} = today;
  site.setDay(day);
  const kills = killsOf(options, day);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const {url} = await startEmbedded({dataDir: options.folder, database: 'raiz'});
    const args = ['--import', 'tsx', CHILD, url, options.folder, site.baseUrl, addDays(market.startOn, day)];
    const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'pipe']});
    const {code, cpuSeconds, said} = await watch(child, kills.shift(), today);
    if (cpuSeconds !== undefined) {
      counters.childCpuSeconds += cpuSeconds;
      return;
    }
    const isExpected = code === null || code === 2 || said.includes('CONNECTION') || said.includes('57P');
    if (!isExpected) throw new Error(`soak: day ${day + 1} ended with exit code ${code}:\n${said}`);
  }
  throw new Error(`soak: day ${day + 1} was not done by ${MOST_ATTEMPTS} processes`);
}

function killsOf({seed, killsADay, serverShare, size}: SoakOptions, day: number): Kill[] {
  const random = createRandom(`${seed}/kills/${day}`);
  const count = Math.floor(killsADay) + (random.chance(killsADay % 1) ? 1 : 0);
  return Array.from({length: count}, () => {
    const phase = random.weighted([
      ['crawl', 0.7],
      ['parse', 0.15],
      ['clean', 0.15],
    ] as const);
    const after = phase === 'crawl' ? random.int(2, 160 + size / 25) : random.int(0, 1500);
    return {of: random.chance(serverShare) ? 'server' : 'child', phase, after};
  });
}

interface End {
  readonly code: number | null;
  /** Undefined: it did not get to its end. */
  readonly cpuSeconds: number | undefined;
  readonly said: string;
}

async function watch(child: ChildProcess, kill: Kill | undefined, today: DayOfSoak): Promise<End> {
  const lines: string[] = [];
  const {stdout, stderr} = child;
  if (stdout === null || stderr === null) throw new Error('soak: the child has no output');
  createInterface({input: stdout}).on('line', line => {
    lines.push(line);
    if (kill !== undefined && line === kill.phase) strikeLater(child, kill, today);
  });
  stderr.setEncoding('utf8').on('data', text => lines.push(String(text)));
  const [code] = (await once(child, 'close')) as [number | null];
  const last = /^\{"cpuSeconds":([\d.]+)\}$/m.exec(lines.join('\n'))?.[1];
  return {code, cpuSeconds: last === undefined ? undefined : Number(last), said: lines.join('\n')};
}

/** Strikes when the moment has come, unless the process is through before. */
function strikeLater(child: ChildProcess, kill: Kill, {site, options, counters}: DayOfSoak): void {
  const requests = site.requests.length;
  const began = performance.now();
  const isDue = () =>
    kill.phase === 'crawl'
      ? site.requests.length - requests >= kill.after
      : performance.now() - began >= kill.after;
  const wait = async () => {
    while (child.exitCode === null && child.signalCode === null) {
      if (isDue()) return strike(child, kill, options.folder, counters);
      await sleep(5);
    }
  };
  wait().catch(error => child.emit('error', error));
}

/** kill -9, of the process or of the server; the server's own children follow it. */
function strike(child: ChildProcess, kill: Kill, folder: string, counters: Counters): void {
  if (kill.of === 'child') {
    counters.kills += 1;
    child.kill('SIGKILL');
    return;
  }
  const [pid] = readFileSync(join(folder, 'pg', 'cluster', 'postmaster.pid'), 'utf8').split('\n');
  counters.kills += 1;
  counters.serverKills += 1;
  process.kill(Number(pid), 'SIGKILL');
}

async function countDays(folder: string): Promise<number> {
  return withServer(folder, async ({sql}) => {
    const [row] = await sql<{n: number}[]>`select count(*)::int as n from ops.run`;
    return row?.n ?? 0;
  });
}

async function countPages(folder: string): Promise<number> {
  return withServer(folder, async ({sql}) => {
    const [row] = await sql<{n: number}[]>`select count(*)::int as n from raw.page`;
    return row?.n ?? 0;
  });
}

async function withServer<Result>(
  folder: string,
  work: (database: Awaited<ReturnType<typeof connectDatabase>>) => Promise<Result>,
): Promise<Result> {
  const {url} = await startEmbedded({dataDir: folder, database: 'raiz'});
  const database = await connectDatabase(url, {max: 2});
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
