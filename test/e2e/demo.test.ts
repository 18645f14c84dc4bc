/**
 * The whole pipeline on the simulated market, against the market's truth: crawl → parse → clean → match → enrich →
 * train → score → release, twice.
 */
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import policy from '../../raiz.config.ts';
import type {CommandContext} from '../../src/cli/context.ts';
import {BROKEN_DAY, BROKEN_SEARCH, type DemoResult, prepareDemo} from '../../src/cli/demo.ts';
import {openLog} from '../../src/cli/log.ts';
import {runSteps} from '../../src/cli/progress.ts';
import {collectSummary, type Summary} from '../../src/cli/summary.ts';
import {readEnv} from '../../src/config/env.ts';
import {scopesOf} from '../../src/config/policy.ts';
import type {Database} from '../../src/db/client.ts';
import {bogotaDay} from '../../src/lib/bogota-day.ts';
import {createMarket, type MarketOptions} from '../../src/simulator/market/market.ts';
import {type Advert, addDays, listingIdOf} from '../../src/simulator/market/truth.ts';
import {testDatabase} from '../support/database.ts';

const MARKET: MarketOptions = {seed: 'end to end', days: 6, startOn: '2026-09-01', size: 1000};
const DAYS = Array.from({length: MARKET.days}, (_, day) => day);
const {truth} = createMarket(MARKET);
const SCOPES = scopesOf(policy, 'fincaraiz');

let database: Database;
let dataDir: string;
let first: DemoResult;
let second: DemoResult;
let summary: Summary;

beforeAll(async () => {
  database = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-demo-'));
  const env = readEnv({RAIZ_DATA_DIR: dataDir});
  const context: CommandContext = {
    database,
    dataDir,
    env,
    log: openLog(dataDir, env),
    hashKey: 'a key of at least sixteen characters',
    isDemo: true,
  };
  first = await runDemo(context);
  summary = await collectSummary(context);
  second = await runDemo(context);
}, 600_000);

afterAll(async () => {
  await database.close();
  await rm(dataDir, {recursive: true, force: true});
});

async function runDemo(context: CommandContext): Promise<DemoResult> {
  const demo = await prepareDemo(context, MARKET);
  try {
    await runSteps(demo.steps, {quiet: true});
    return demo.result;
  } finally {
    await demo.close();
  }
}

const isCrawled = (advert: Advert) =>
  SCOPES.some(
    scope =>
      scope.operation === advert.operation &&
      scope.propertyType === advert.propertyType &&
      scope.place === advert.place,
  );

const isInBrokenSearch = (advert: Advert) =>
  advert.operation === 'sale' && advert.propertyType === 'apartment' && advert.place === 'antioquia/medellin';

/** Days on which searches showed the advert and the crawl walked them; of the broken day, what it got to see. */
function daysSeen(advert: Advert, seenOnBrokenDay: ReadonlySet<string>): number[] {
  return DAYS.filter(day => {
    if (!truth.isLive(advert, day)) return false;
    return day !== BROKEN_DAY || !isInBrokenSearch(advert) || seenOnBrokenDay.has(listingIdOf(advert));
  });
}

const dayOf = (instant: Date) => DAYS.find(day => addDays(MARKET.startOn, day) === bogotaDay(instant));

async function seenOnBrokenDay(): Promise<Set<string>> {
  const rows = await database.sql<{listing_id: string}[]>`
    select s.listing_id from raw.sighting s join ops.run_scope rs using (run_scope_id) join ops.run r using (run_id)
    where r.observed_on = ${addDays(MARKET.startOn, BROKEN_DAY)} and rs.scope_key = 'fincaraiz/sale/apartment/antioquia/medellin'`;
  return new Set(rows.map(row => row.listing_id));
}

describe('the crawl', () => {
  test('sees every advert of every complete scope, and says which scope broke off', async () => {
    expect(first.crawls).toHaveLength(MARKET.days);
    for (const [day, crawl] of first.crawls.entries()) {
      const broken = crawl.scopes.filter(scope => scope.verdict !== 'complete');
      expect(broken.map(scope => scope.scope)).toEqual(
        day === BROKEN_DAY ? ['fincaraiz/sale/apartment/antioquia/medellin'] : [],
      );
      for (const scope of SCOPES) {
        const report = crawl.scopes.find(
          candidate =>
            candidate.scope === `fincaraiz/${scope.operation}/${scope.propertyType}/${scope.place}`,
        );
        if (report?.verdict !== 'complete') continue;
        expect(report.listingsSeen, report.scope).toBe(truth.advertsOfScope(day, scope).length);
      }
    }
    expect(first.crawls[BROKEN_DAY]?.verdict).toBe('incomplete');
    expect(BROKEN_SEARCH).toContain('medellin');
  });
});

describe('history equals the truth wherever the crawl could have seen it', () => {
  test('spells and withdrawals', async () => {
    const brokenDay = await seenOnBrokenDay();
    const rows = await database.sql<
      {
        listing_id: string;
        started_at: Date;
        last_seen_at: Date;
        ended_at: Date | null;
        ended_reason: string | null;
      }[]
    >`select * from core.listing_spell order by listing_id, started_at`;
    const stored = new Map<
      string,
      {from: number | undefined; to: number | undefined; end: string | null}[]
    >();
    for (const row of rows) {
      const spells = stored.get(row.listing_id) ?? [];
      spells.push({from: dayOf(row.started_at), to: dayOf(row.last_seen_at), end: row.ended_reason});
      stored.set(row.listing_id, spells);
    }
    for (const advert of truth.adverts.filter(isCrawled)) {
      const seen = daysSeen(advert, brokenDay);
      const expected = expectedSpells(advert, seen);
      const known = (stored.get(listingIdOf(advert)) ?? []).map(spell => ({
        ...spell,
        end: spell.end ?? null,
      }));
      expect(
        known,
        `${listingIdOf(advert)} ${JSON.stringify(advert.spells)} missed ${advert.missedDays}`,
      ).toEqual(expected);
    }
    expect(rows.filter(row => row.ended_reason === 'gone').length).toBeGreaterThan(10);
  });

  test('price paths', async () => {
    const brokenDay = await seenOnBrokenDay();
    const rows = await database.sql<{listing_id: string; valid_from: Date; price_stated: number | null}[]>`
      select listing_id, valid_from, price_stated from core.listing_price order by listing_id, valid_from`;
    const stored = new Map<string, {day: number | undefined; price: number | null}[]>();
    for (const row of rows) {
      const path = stored.get(row.listing_id) ?? [];
      path.push({
        day: dayOf(row.valid_from),
        price: row.price_stated === null ? null : Number(row.price_stated),
      });
      stored.set(row.listing_id, path);
    }
    let changes = 0;
    for (const advert of truth.adverts.filter(isCrawled)) {
      const seen = new Set(daysSeen(advert, brokenDay));
      const path = truth.pricePath(advert.id).filter(point => seen.has(point.day));
      const expected = path.filter((point, i) => i === 0 || path[i - 1]?.price !== point.price);
      const known = stored.get(listingIdOf(advert)) ?? [];
      expect(known, listingIdOf(advert)).toEqual(expected.map(({day, price}) => ({day, price})));
      changes += Math.max(0, expected.length - 1);
    }
    expect(changes).toBeGreaterThan(10);
  });
});

/**
 * A missed page of a search costs nothing: the advert's own page answers, which counts as seen. A withdrawn advert's
 * page says so on the day the search first lacks it, and the spell ends `gone`.
 */
function expectedSpells(
  advert: Advert,
  seen: readonly number[],
): {from: number; to: number; end: string | null}[] {
  const spells: {from: number; to: number; end: string | null}[] = [];
  for (const {from, to} of advert.spells) {
    const within = seen.filter(day => from <= day && day < to);
    const start = within[0];
    const last = within.at(-1);
    if (start === undefined || last === undefined) continue;
    const confirmed = DAYS.filter(
      day => day > last && day < to && !(day === BROKEN_DAY && isInBrokenSearch(advert)),
    );
    const isOver = to < MARKET.days && !(to === BROKEN_DAY && MARKET.days - 1 === BROKEN_DAY);
    spells.push({from: start, to: confirmed.at(-1) ?? last, end: isOver ? 'gone' : null});
  }
  return spells;
}

describe('what comes of it', () => {
  test('the model beats both naive rows', () => {
    const sale = summary.leaderboard.filter(row => row.operation === 'sale');
    const champion = sale.find(row => row.isChampion);
    const naive = sale.filter(row => row.algorithm.startsWith('naive'));
    expect(naive).toHaveLength(2);
    for (const row of naive) expect(champion?.metrics.mdape).toBeLessThan(row.metrics.mdape);
  });

  test('adverts below normal come with reasons', () => {
    expect(summary.belowNormal.length).toBeGreaterThan(0);
    for (const candidate of summary.belowNormal) {
      expect(candidate.priceCop).toBeLessThan(candidate.midCop);
      expect(candidate.reasons.length).toBeGreaterThan(0);
    }
  });

  test('every observation is usable or excluded with a rule', async () => {
    const [row] = await database.sql<{unexplained: number}[]>`
      select count(*)::int as unexplained from core.listing_version v
      where cardinality(v.exclusions) > 0 and not exists (
        select from core.quarantine q where q.listing_id = v.listing_id and q.effect = 'excluded')`;
    expect(row?.unexplained).toBe(0);
    expect(summary.rules.length).toBeGreaterThan(8);
  });

  test('a release stands in the data folder', () => {
    expect(summary.release).toMatchObject({tier: 'internal'});
  });
});

test('a second run crawls no day and finds no work in any stage', () => {
  expect(second.crawls).toEqual([]);
  expect(second.stages.filter(report => report.keysFound > 0)).toEqual([]);
});

test('no planted personal string is in the data folder, the database or the logs', async () => {
  const haystacks = [...(await textsOfFolder(dataDir)), ...(await textsOfDatabase())];
  expect(truth.plantedStrings.length).toBeGreaterThan(100);
  const found = truth.plantedStrings.filter(({text}) => haystacks.some(haystack => haystack.includes(text)));
  expect(found).toEqual([]);
});

async function textsOfFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async file => {
      const bytes = await readFile(file);
      return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    }),
  );
}

async function textsOfDatabase(): Promise<string[]> {
  const tables = await database.sql<{name: string}[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('ops', 'raw', 'core', 'ml') order by 1`;
  const texts: string[] = [];
  for (const {name} of tables) {
    const rows = await database.sql.unsafe<{line: string}[]>(`select t::text as line from ${name} t`);
    texts.push(rows.map(row => row.line).join('\n'));
  }
  return texts;
}
