/** A market that moves away from its model, and one that doesn't: the alarm, its message, its end. */
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {sql} from 'drizzle-orm';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {listing, listingPrice} from '../../../drizzle/schema/core.ts';
import {model, score} from '../../../drizzle/schema/ml.ts';
import {insertRows} from '../../../src/db/bulk.ts';
import type {Database} from '../../../src/db/client.ts';
import type {ScoredAge} from '../../../src/db/drift.ts';
import {openIncidents} from '../../../src/db/health.ts';
import {findDriftAlarms} from '../../../src/health/drift.ts';
import {reviewHealth} from '../../../src/health/review.ts';
import {createRandom} from '../../../src/lib/random.ts';
import {testDatabase} from '../../support/database.ts';

const NOW = new Date('2026-03-20T12:00:00Z');
const OLD = new Date('2026-01-10T12:00:00Z');
const NEW = new Date('2026-03-05T12:00:00Z');
const NOISE = 0.15;

interface Market {
  readonly newHomes?: number;
  readonly before?: number;
  /** Log units by which new homes ask more than the model expects. */
  readonly shift?: number;
  readonly newNoise?: number;
  readonly seed?: number;
}

function market({newHomes = 120, before = 400, shift = 0, newNoise = NOISE, seed = 1}: Market): ScoredAge[] {
  const random = createRandom(`drift test/${seed}`);
  return Array.from({length: newHomes + before}, (_, at) => {
    const isNew = at < newHomes;
    const residual = (isNew ? shift : 0) + (isNew ? newNoise : NOISE) * random.normal();
    return {operation: 'sale', groupId: `home-${at}`, residual, firstSeenAt: isNew ? NEW : OLD, isNew};
  });
}

describe('findDriftAlarms', () => {
  test('a market 12 % dearer than the model knows', () => {
    expect(findDriftAlarms(market({shift: Math.log(1.12)}))).toEqual([
      {
        ...{kind: 'model_drift', portal: 'all', subject: 'sale', since: NEW},
        observed: expect.stringMatching(/^120 homes of the newest month ask \+1\d\.\d % .*MdAPE \d+\.\d %/),
        expected: expect.stringMatching(/^[+-]?\d\.\d % \(MdAPE \d+\.\d %\), as the 400 homes before/),
      },
    ]);
  });

  test('a cheaper one, and one that is merely harder to know', () => {
    expect(findDriftAlarms(market({shift: Math.log(0.88)}))).toHaveLength(1);
    expect(findDriftAlarms(market({newNoise: 0.3}))).toHaveLength(1);
  });

  test('an unshifted market raises nothing, whatever the draw', () => {
    const raised = Array.from({length: 40}, (_, seed) => findDriftAlarms(market({seed})).length);
    expect(raised.filter(alarms => alarms > 0)).toEqual([]);
  });

  test('a shift too small to matter is left alone', () => {
    expect(findDriftAlarms(market({shift: 0.02, newHomes: 1000, before: 2000}))).toEqual([]);
  });

  test.each([
    ['few new homes', {newHomes: 40, shift: 0.5}],
    ['few homes before', {before: 150, shift: 0.5}],
  ])('%s tell nothing', (_what, given) => {
    expect(findDriftAlarms(market(given))).toEqual([]);
  });

  test('a hundred adverts of one home are one home', () => {
    const calm = market({});
    const copies = Array.from({length: 300}, () => ({...calm[0]!, residual: 1}));
    expect(findDriftAlarms([...calm, ...copies])).toEqual([]);
  });

  test('the order of the rows tells nothing', () => {
    const rows = market({shift: 0.1});
    expect(findDriftAlarms(rows.toReversed())).toEqual(findDriftAlarms(rows));
  });
});

describe('in the review', () => {
  let database: Database;
  let dataDir: string;
  const messages: string[] = [];
  const webhook = createServer((request, answer) => {
    let body = '';
    request.on('data', chunk => (body += String(chunk)));
    request.on('end', () => {
      messages.push(String(JSON.parse(body).content));
      answer.writeHead(204).end();
    });
  });

  beforeAll(async () => {
    await new Promise<void>(resolve => webhook.listen(0, '127.0.0.1', () => resolve()));
  });
  afterAll(() => webhook.close());
  beforeEach(async () => {
    messages.length = 0;
    database = await testDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'raiz-drift-'));
    await database.orm.insert(model).values({
      ...{modelId: 'champion', trainingId: 't', algorithm: 'blend', operation: 'sale', trainedAt: OLD},
      ...{trainingRows: 400, datasetHash: 'd', splitId: 's', seed: 1, backend: 'cpu', fitSeconds: 1},
      metrics: {mdape: 0.1, maeCop: 1, within10: 0.5, within20: 0.9, r2Log: 0.8, coverage80: 0.8},
      ...{card: {}, isChampion: true, isSynthetic: true},
    });
  });
  afterEach(async () => {
    await database.close();
    await rm(dataDir, {recursive: true});
  });

  async function save(rows: readonly ScoredAge[]): Promise<void> {
    const MID = 400_000_000;
    const advert = rows.map(row => ({
      ...row,
      listingId: `toy:id:${row.groupId}`,
      priceCop: Math.round(MID * Math.exp(row.residual)),
    }));
    await insertRows(
      database.orm,
      listing,
      advert.map(({listingId, groupId, firstSeenAt}) => ({
        ...{listingId, portal: 'toy', idSpace: 'id', portalListingId: groupId, firstSeenAt},
        ...{lastSeenAt: NOW, status: 'active' as const, isSynthetic: true},
      })),
    );
    await insertRows(
      database.orm,
      listingPrice,
      advert.map(({listingId, firstSeenAt, priceCop}) => ({
        ...{listingId, operation: 'sale' as const, validFrom: firstSeenAt, currency: 'COP' as const},
        ...{priceStated: priceCop, priceCop},
      })),
    );
    await insertRows(
      database.orm,
      score,
      advert.map(({listingId, firstSeenAt, priceCop, isNew}) => ({
        ...{listingId, operation: 'sale' as const, modelId: 'champion', validFrom: firstSeenAt, priceCop},
        ...{lowCop: MID * 0.8, midCop: MID, highCop: MID * 1.2, gapPct: (priceCop / MID - 1) * 100},
        ...{residualZ: 0, isOutOfFold: !isNew, anomaly: 'none' as const, reasons: [], comparables: 20},
      })),
    );
  }
  const review = async () => {
    const {port} = webhook.address() as AddressInfo;
    const found = await reviewHealth({
      ...{database, dataDir, now: NOW, isLive: () => true},
      webhook: `http://127.0.0.1:${port}/`,
    });
    return found?.open.map(({kind, portal, subject}) => `${kind} ${portal} ${subject}`);
  };

  test('one incident and one message, and one more when the month is priced as before', async () => {
    await save(market({shift: Math.log(1.15)}));
    expect(await review()).toEqual(['model_drift all sale']);
    expect(await review()).toEqual(['model_drift all sale']);
    expect(messages).toEqual([expect.stringContaining('**model_drift** · all · sale')]);
    expect(messages[0]).toContain('docs/runbook.md#model_drift');
    // The champion of a new training knows the new prices.
    await database.orm.execute(sql`update ml.score set mid_cop = mid_cop * 1.15 where not is_out_of_fold`);
    expect(await review()).toEqual([]);
    expect(messages).toHaveLength(2);
    expect(messages[1]).toContain('recuperado');
    expect(await openIncidents(database.orm)).toEqual([]);
  }, 60_000);

  test('nothing in a calm market, nor for errors of single adverts', async () => {
    await save(market({}));
    expect(await review()).toEqual([]);
    await database.orm.execute(sql`
      update ml.score set anomaly = 'error_candidate', mid_cop = mid_cop / 10
      where listing_id in (select listing_id from core.listing where first_seen_at > ${OLD.toISOString()}::timestamptz order by 1 limit 60)`);
    expect(await review()).toEqual([]);
    expect(messages).toEqual([]);
  }, 60_000);
});
