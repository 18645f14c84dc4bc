/**
 * What docs/operate.md tells a maintainer to do, with real processes: a simulated portal, a schedule, two workers. One
 * field is broken: one message about exactly that; mended: one more.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, expect, test} from 'vitest';
import policy from '../../raiz.config.ts';
import {scopesOf} from '../../src/config/policy.ts';
import type {Database} from '../../src/db/client.ts';
import {stopEmbedded} from '../../src/db/embedded/server.ts';
import {openDatabase} from '../../src/db/open.ts';
import {createMarket, DEMO_MARKET} from '../../src/simulator/market/market.ts';
import {ROOT} from '../support/fault-table.ts';

const SIZE = 400;
const folder = mkdtempSync(join(tmpdir(), 'raiz-operate-'));
const children: ChildProcess[] = [];
const messages: string[] = [];
const webhook = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', text => (body += text));
  request.on('end', () => {
    messages.push(JSON.parse(body).content);
    response.writeHead(204).end();
  });
});

let database: Database;

beforeAll(async () => {
  await new Promise<void>(resolve => webhook.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await database.close();
  webhook.closeAllConnections();
  webhook.close();
  await stopEmbedded(join(folder, 'demo'));
  rmSync(folder, {recursive: true, force: true});
});

function raiz(...args: string[]): ChildProcess & {readonly said: () => string} {
  const {port} = webhook.address() as AddressInfo;
  const child = spawn(process.execPath, [join(ROOT, 'bin/raiz.js'), ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      RAIZ_DATA_DIR: folder,
      RAIZ_DISCORD_WEBHOOK: `http://127.0.0.1:${port}/api/webhooks/1/secret`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', text => (output += text));
  return Object.assign(child, {said: () => output});
}

async function done(...args: string[]): Promise<string> {
  const child = raiz(...args);
  expect(await once(child, 'close')).toEqual([0, null]);
  return child.said();
}

/** Sends every crawl, and waits until the workers have done them and the stages after them. */
async function round(baseUrl: string): Promise<void> {
  const before = await finishedStages();
  await done('schedule', 'once', '--demo', '--base-url', baseUrl, '--shards', '2');
  database ??= await openDatabase({
    env: {databaseUrl: undefined},
    dataDir: join(folder, 'demo'),
    databaseName: 'raiz_demo',
    max: 2,
  });
  while ((await finishedStages()) === before || (await openJobs()) > 0) await sleep(200);
}

async function finishedStages(): Promise<number> {
  if (database === undefined) return 0;
  const [row] = await database.sql`
    select count(*)::int as n from ops.stage_run where stage = 'release' and status = 'done'`;
  return row?.n;
}

async function openJobs(): Promise<number> {
  const [row] = await database.sql`
    select count(*)::int as n from jobs.job where state in ('created', 'retry', 'active')`;
  return row?.n;
}

test('a broken field of the simulated portal: exactly the right alarm, and its recovery', async () => {
  const site = raiz('demo', '--serve', '--size', String(SIZE));
  while (!/http:\S+/.test(site.said())) await sleep(50);
  const baseUrl = /http:\/\/127\.0\.0\.1:\d+/.exec(site.said())?.[0] ?? '';
  const command = async (path: string) =>
    (await fetch(`${baseUrl}/_simulator/${path}`, {method: 'POST'})).text();
  const workers = [raiz('worker', '--demo'), raiz('worker', '--demo')];

  await round(baseUrl);
  await round(baseUrl);
  expect(messages).toEqual([]);

  expect(await command('break/latitude')).toMatch(/broken: latitude/);
  await round(baseUrl);
  const {truth} = createMarket({...DEMO_MARKET, size: SIZE});
  const adverts = scopesOf(policy, 'fincaraiz').flatMap(scope => truth.advertsOfScope(0, scope)).length;
  const observed = `latitude is filled on 0.0 % of ${adverts} adverts`;
  const expected = '100.0 %, as in the last runs of the same searches';
  expect(messages.map(message => message.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'then'))).toEqual([
    '🔴 [SIMULADO] **field_fill_drop** · fincaraiz · latitude\n' +
      `observado / observed: ${observed}\n` +
      `esperado / expected: ${expected}\n` +
      'desde / since: then UTC\n' +
      'qué hacer / what to do: docs/runbook.md#field_fill_drop',
  ]);
  const status = JSON.parse(await done('status', '--demo', '--json'));
  expect(status.incidents).toMatchObject([
    {kind: 'field_fill_drop', subject: 'latitude', observed, expected},
  ]);
  const page = () => readFileSync(join(folder, 'demo', 'health', 'index.html'), 'utf8');
  expect(page()).toContain(observed);

  expect(await command('mend')).toMatch(/all is well/);
  await round(baseUrl);
  expect(messages).toHaveLength(2);
  expect(messages[1]).toMatch(
    /^🟢 \[SIMULADO\] \*\*field_fill_drop\*\* · fincaraiz · latitude: recuperado \/ recovered\n/,
  );
  expect(page()).toContain('Sin incidentes abiertos');

  const [crawls] = await database.sql`
    select count(*)::int as runs, count(distinct options ->> 'jobId')::int as jobs from ops.run`;
  expect({...crawls}).toEqual({runs: 8, jobs: 8});
  for (const worker of workers) expect(worker.said()).toMatch(/crawl-fincaraiz-\d · done/);
}, 900_000);
