/** Faults injected into a crawled site: exactly the right alarm, one message, one recovery. */
import {existsSync, readFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parseStage} from '../../../pipelines/parse/stage.ts';
import type {Database} from '../../../src/db/client.ts';
import {withAdvisoryLock} from '../../../src/db/locks.ts';
import {reviewHealth} from '../../../src/health/review.ts';
import {openToyDays, sixty, TOY_PLACE, type ToyDays} from '../../support/toy-days.ts';
import {type ToySite, toyListings, toyPortal} from '../../support/toy-portal.ts';

const PLACE = TOY_PLACE;
const listings = sixty;

let days: ToyDays;
let database: Database;
let site: ToySite;

beforeEach(async () => {
  days = await openToyDays();
  ({database, site} = days);
});

afterEach(() => days.close());

const clock = () => days.clock();
const crawlDay: ToyDays['crawlDay'] = options => days.crawlDay(options);
const review = (webhook?: string) => days.review(webhook);
const open = () => days.open();

async function healthy(runs: number) {
  for (let n = 0; n < runs; n++) {
    await crawlDay();
    const found = await review();
    expect(found?.open).toEqual([]);
  }
}

async function brokenRun() {
  await crawlDay();
  await review();
  return open();
}

describe('faults', () => {
  test('a field gets empty, stays so, and is mended', async () => {
    await healthy(3);
    site.places.set(
      PLACE,
      listings(() => ({price: null})),
    );
    expect(await brokenRun()).toEqual(['field_fill_drop price']);
    for (let n = 0; n < 5; n++) expect(await brokenRun()).toEqual(['field_fill_drop price']);
    site.places.set(PLACE, listings());
    expect(await brokenRun()).toEqual([]);
    const rows = await database.sql`select kind, opened_at, closed_at, observed, expected from ops.incident`;
    expect(rows).toMatchObject([
      {
        kind: 'field_fill_drop',
        opened_at: new Date('2026-03-05T15:00:00Z'),
        closed_at: new Date('2026-03-11T15:00:00Z'),
        observed: 'price is filled on 0.0 % of 60 adverts',
        expected: '100.0 %, as in the last runs of the same searches',
      },
    ]);
  });

  test('the search shows less, then nothing', async () => {
    await healthy(3);
    site.places.set(PLACE, listings().slice(0, 40));
    // Twenty of sixty homes vanish from one complete run to the next.
    expect((await brokenRun()).sort()).toEqual(['gone_rate', 'seen_drop']);
    site.places.set(PLACE, []);
    for (let n = 0; n < 2; n++) expect(await brokenRun()).not.toContain('three_zeros');
    expect(await brokenRun()).toContain('three_zeros');
    const rows =
      await database.sql`select kind, since, observed from ops.incident where kind = 'three_zeros'`;
    expect(rows).toMatchObject([
      {since: new Date('2026-03-06T15:00:00Z'), observed: expect.stringMatching(/^1 of 1/)},
    ]);
    site.places.set(PLACE, listings());
    await brokenRun();
    expect(await open()).not.toContain('three_zeros');
  });

  test('the next review finds what it has told already: one row an incident, and one more when it is back', async () => {
    await healthy(3);
    for (const fill of [null, 5, null]) {
      site.places.set(
        PLACE,
        listings((_, n) => ({price: fill === null ? null : fill * 1000 + n})),
      );
      for (let n = 0; n < 2; n++) await brokenRun();
    }
    const rows =
      await database.sql`select subject, closed_at is null as is_open from ops.incident order by incident_id`;
    expect(rows.map(row => [row.subject, row.is_open])).toEqual([
      ['price', false],
      ['price', true],
    ]);
  });

  test('adverts repeat each other', async () => {
    await healthy(3);
    const twins = listings((_, n) => (n < 20 ? {title: 'Casa en Bello', price: 300_000_000} : {}));
    site.places.set(PLACE, twins);
    expect(await brokenRun()).toEqual(['duplicate_jump']);
    site.places.set(PLACE, listings());
    expect(await brokenRun()).toEqual([]);
  });

  test('the portal refuses us: blocked, not failed, and no drift', async () => {
    await healthy(3);
    site.fault = path =>
      path === '/robots.txt'
        ? undefined
        : {status: 403, headers: {'cf-mitigated': 'challenge'}, body: '<title>Just a moment…</title>'};
    expect(await brokenRun()).toEqual(['blocked']);
    site.fault = () => undefined;
    expect(await brokenRun()).toEqual([]);
  });

  test('pages of another shape: failed, not blocked', async () => {
    await healthy(3);
    site.fault = path => (path === '/robots.txt' ? undefined : {body: '<html>new design</html>'});
    expect(await brokenRun()).toEqual(['failed']);
  });

  test('nobody crawls for eight days', async () => {
    await healthy(2);
    days.skipDays(8);
    await review();
    expect(await open()).toEqual(['stale']);
    await healthy(1);
  });

  test('a new word and a new key; what was there at the first look is no news', async () => {
    const old = (n: number) => (n === 0 ? {kind: 'Finca'} : {});
    site.places.set(
      PLACE,
      listings((_, n) => old(n)),
    );
    await healthy(1);
    site.places.set(
      PLACE,
      listings((_, n) => (n === 1 ? {kind: 'Loft', cuota: 7, price: 1} : old(n))),
    );
    expect((await brokenRun()).sort()).toEqual(['new_value $.kind', 'payload_keys_changed']);
    const [value] = await database.sql`select observed from ops.incident where kind = 'new_value'`;
    expect(value?.observed).toBe('new: Loft');
    site.places.set(
      PLACE,
      listings((_, n) => old(n)),
    );
    await crawlDay({parse: false});
    await review();
    // A run that is not parsed yet says nothing about words.
    expect(await open()).toHaveLength(2);
    await parseStage([toyPortal]).run(database, {now: clock, dataDir: days.dataDir});
    await review();
    expect(await open()).toEqual([]);
  });
});

describe('what raises nothing', () => {
  test('a run that is crawled and not parsed, a sample, a search that left the policy', async () => {
    await healthy(3);
    site.places.set(
      PLACE,
      listings(() => ({price: null})),
    );
    await crawlDay({parse: false});
    await review();
    expect(await open()).toEqual([]);
    await crawlDay({sample: 1});
    await review();
    // The sample is left out, and parsing it parsed the day before too.
    expect(await open()).toEqual(['field_fill_drop price']);
    const found = await reviewHealth({
      ...{database, dataDir: days.dataDir},
      now: clock(),
      isLive: () => false,
      webhook: undefined,
    });
    expect(found?.open).toEqual([]);
  });
});

test('counts of new, changed and gone are those of the site', async () => {
  await healthy(2);
  site.places.set(PLACE, [
    ...listings((listing, n) => (n < 7 ? {price: (listing.price ?? 0) + 5} : {})).slice(0, 57),
    ...toyListings(4, 900),
  ]);
  await healthy(1);
  const [row] = await database.sql`
    select m.* from ops.scope_measure m join ops.run_scope s using (run_scope_id) order by run_id desc limit 1`;
  expect(row).toMatchObject({
    ...{listings: 61, listings_new: 4, listings_changed: 7, listings_before: 60, listings_gone: 3},
    ...{duplicates: 0, blocks: 0},
    filled: {price: 61, areaM2: 61, latitude: 0, title: 61},
  });
  const before = await database.sql`select xmin::text from ops.scope_measure order by run_scope_id`;
  await review();
  expect(await database.sql`select xmin::text from ops.scope_measure order by run_scope_id`).toEqual(before);
});

test('another process reviews now: nothing is done twice', async () => {
  await withAdvisoryLock(database, 'health', async () => expect(await review()).toBeUndefined());
});

describe('messages', () => {
  let server: Server;
  let webhook: string;
  let messages: {content: string; allowed_mentions: unknown}[];
  let status: number;

  beforeEach(async () => {
    messages = [];
    status = 204;
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', text => (body += text));
      request.on('end', () => {
        if (status < 300) messages.push(JSON.parse(body));
        response.writeHead(status).end();
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/webhooks/1/secret`;
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  });

  test('one when it opens, one when it is over; one that fails is recorded and sent the next time', async () => {
    await healthy(2);
    site.fault = path => (path === '/robots.txt' ? undefined : {status: 403, body: 'no'});
    await crawlDay();
    status = 500;
    expect(await review(webhook)).toMatchObject({opened: 1, sent: 0, sendError: 'the webhook answered 500'});
    const [recorded] = await database.sql`select send_error, opening_sent_at from ops.incident`;
    expect(recorded).toEqual({send_error: 'the webhook answered 500', opening_sent_at: null});
    status = 204;
    expect(await review(webhook)).toMatchObject({opened: 0, sent: 1, sendError: null});
    expect(await review(webhook)).toMatchObject({sent: 0});
    expect(messages).toHaveLength(1);
    expect(messages[0]?.content).toMatch(
      /^🔴 \[SIMULADO\] \*\*blocked\*\* · toy\nobservado.*1 of 1 searches.*\nesperado.*\ndesde.*2026-03-04.*\n.*runbook\.md#blocked$/,
    );
    expect(messages[0]?.allowed_mentions).toEqual({parse: []});
    site.fault = () => undefined;
    await crawlDay();
    expect(await review(webhook)).toMatchObject({closed: 1, sent: 1});
    expect(messages[1]?.content).toMatch(/^🟢 .*blocked.*recovered/);
    expect(await review(webhook)).toMatchObject({closed: 0, sent: 0});
  });

  test('nobody listens: the review goes on, and the address is nowhere', async () => {
    await healthy(2);
    site.fault = path => (path === '/robots.txt' ? undefined : {status: 403, body: 'no'});
    await crawlDay();
    const found = await review('http://127.0.0.1:1/api/webhooks/1/secret');
    expect(found?.sendError).toMatch(/could not be reached/);
    expect(JSON.stringify(found)).not.toContain('secret');
    expect(existsSync(join(days.dataDir, 'health', 'index.html'))).toBe(true);
    const plain = await review('http://example.org/hook');
    expect(plain?.sendError).toBe('RAIZ_DISCORD_WEBHOOK is not an https address');
  });
});

test('the page says what was found, and marks what is simulated', async () => {
  await healthy(2);
  const html = readFileSync(join(days.dataDir, 'health', 'index.html'), 'utf8');
  expect(html).toContain('SIMULADO');
  expect(html).toContain('Sin incidentes abiertos');
  expect(html).toContain('sale/house/antioquia/bello');
});
