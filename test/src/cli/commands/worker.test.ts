import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {stopEmbedded} from '../../../../src/db/embedded/server.ts';
import {openDatabase} from '../../../../src/db/open.ts';
import {createMarket} from '../../../../src/simulator/market/market.ts';
import {type Site, startSite} from '../../../../src/simulator/site/start-site.ts';

const RAIZ = fileURLToPath(new URL('../../../../bin/raiz.js', import.meta.url));

let folder: string;
let site: Site;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raiz-worker-command-'));
  const market = createMarket({seed: 'worker', days: 1, startOn: '2026-09-01', size: 500});
  site = await startSite(market, {day: 0, latencyMs: 30});
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await site.close();
  await stopEmbedded(join(folder, 'demo'));
  rmSync(folder, {recursive: true, force: true});
});

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [RAIZ, ...args], {
    env: {...process.env, DATABASE_URL: '', RAIZ_DATA_DIR: folder},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function outputOf(child: ChildProcess): Promise<{code: number | null; output: string}> {
  let output = '';
  child.stdout?.on('data', chunk => {
    output += String(chunk);
  });
  const [code] = await once(child, 'close');
  return {code, output};
}

const jobsOf = (output: string): {queue: string; what: string; output?: Record<string, unknown>}[] =>
  output
    .trim()
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));

test('two workers do what a killed one left: one crawl of each search, every stage, a release', async () => {
  const sent = await outputOf(
    start('schedule', 'once', '--demo', '--base-url', site.baseUrl, '--shards', '2'),
  );
  expect(sent).toMatchObject({code: 0});
  const killed = start('worker', '--demo');
  const env = {databaseUrl: undefined};
  const database = await openDatabase({
    env,
    dataDir: join(folder, 'demo'),
    databaseName: 'raiz_demo',
    max: 2,
  });
  const count = async () => (await database.sql`select count(*)::int as n from raw.page`)[0]?.n ?? 0;
  while ((await count()) < 20) await sleep(20);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const before = await database.sql<{url: string}[]>`select url from raw.frontier where state = 'done'`;
  const requestsBefore = site.requests.length;
  const workers = await Promise.all(
    [0, 1].map(() => outputOf(start('worker', '--demo', '--once', '--json', '--portals', 'fincaraiz'))),
  );
  const events = workers.flatMap(({output}) => jobsOf(output));
  expect(events.filter(({what}) => what === 'failed')).toEqual([]);
  expect(workers.map(({code}) => code)).toEqual([0, 0]);
  expect(events.filter(({what}) => what === 'done').map(({queue}) => queue)).toEqual(
    expect.arrayContaining(['crawl-fincaraiz-1', 'crawl-fincaraiz-2', 'pipeline']),
  );
  const asked = new Set(site.requests.slice(requestsBefore).map(({path}) => path));
  expect(before.filter(({url}) => asked.has(new URL(url).pathname))).toEqual([]);
  const [scopes] = await database.sql`
    select count(*)::int as n, count(distinct scope_key)::int as keys, min(verdict) as verdict from ops.run_scope`;
  expect({...scopes}).toEqual({n: 160, keys: 160, verdict: 'complete'});
  const [pages] =
    await database.sql`select count(*)::int as n, count(distinct url)::int as urls from raw.page`;
  expect(pages?.n).toBe(pages?.urls);
  const stages = await database.sql`select distinct stage from ops.stage_run where status = 'done'`;
  expect(stages.map(({stage}) => stage)).toEqual(
    expect.arrayContaining(['parse', 'clean', 'match', 'enrich', 'train', 'score', 'release']),
  );
  expect(existsSync(join(folder, 'demo', 'releases'))).toBe(true);
  await database.close();
}, 300_000);
