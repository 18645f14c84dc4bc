import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {eq, sql} from 'drizzle-orm';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {listingPrice} from '../../../drizzle/schema/core.ts';
import {model, score} from '../../../drizzle/schema/ml.ts';
import {scoreStage} from '../../../pipelines/score/stage.ts';
import {trainStage} from '../../../pipelines/train/stage.ts';
import type {Database} from '../../../src/db/client.ts';
import {leaderboard} from '../../../src/db/models.ts';
import {testDatabase} from '../../support/database.ts';
import {knownWorld} from '../../support/housing-world.ts';
import {WORLD_SEEN_AT as NOW, saveWorld} from '../../support/saved-world.ts';

describe('train and score stages', () => {
  const rows = knownWorld({homes: 230, seed: 1});
  // A third off: a bargain, not an error.
  const bargain = {...rows[40]!, priceCop: Math.round(rows[40]!.priceCop * 0.66)};
  let database: Database;
  let dataDir: string;
  const notes: string[] = [];
  const settings = () => ({
    now: () => NOW,
    dataDir,
    onProgress: ({note}: {note?: string}) => note && notes.push(note),
  });

  beforeAll(async () => {
    database = await testDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'raiz-train-'));
    const rent = {...rows[0]!, listingId: 'test:id:rent', operation: 'rent' as const, priceCop: 2_000_000};
    await saveWorld(database, [
      ...rows.map(row => (row.listingId === bargain.listingId ? bargain : row)),
      rent,
    ]);
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await rm(dataDir, {recursive: true, force: true});
  });

  it('trains the operation with enough homes and says why not the other', async () => {
    const report = await trainStage.run(database, settings());
    expect(report).toMatchObject({keysFound: 2, keysDone: 2, counts: {models: 9, skipped: 1}});
    expect(notes).toContain('rent: no model, 1 homes with a price; a model needs 200');
    const board = await leaderboard(database.orm);
    expect(board.filter(({isChampion}) => isChampion)).toHaveLength(1);
    expect(board.map(({metrics}) => metrics.mdape)).toEqual(
      board.map(({metrics}) => metrics.mdape).sort((a, b) => a - b),
    );
    expect(board.at(-1)?.algorithm).toBe('naive_median_m2');
    expect((await readdir(join(dataDir, 'models'))).sort()).toEqual(
      board.flatMap(({artifact}) => (artifact === null ? [] : [artifact])).sort(),
    );
  }, 60_000);

  it('scores every home of that operation, the bargain below normal', async () => {
    expect(await scoreStage.run(database, settings())).toMatchObject({keysDone: 230, counts: {scores: 230}});
    const [found] = await database.orm.select().from(score).where(eq(score.listingId, bargain.listingId));
    expect(found).toMatchObject({anomaly: 'below_normal', isOutOfFold: true, priceCop: bargain.priceCop});
    expect(found!.lowCop).toBeLessThan(found!.midCop);
    expect(found!.reasons[0]?.code).toBe('below_range');
  }, 60_000);

  it('finds no work the second time', async () => {
    expect(await trainStage.run(database, settings())).toMatchObject({keysFound: 0});
    expect(await scoreStage.run(database, settings())).toMatchObject({keysFound: 0});
  });

  it('scores again what changed its price, and a home it never trained on by the final model', async () => {
    const [fresh] = knownWorld({homes: 1, seed: 77});
    await saveWorld(database, [{...fresh!, listingId: 'test:id:fresh', groupId: 'fresh'}]);
    await database.orm
      .update(listingPrice)
      .set({priceCop: sql`price_cop + 1000000`})
      .where(eq(listingPrice.listingId, rows[3]!.listingId));
    expect(await scoreStage.run(database, settings())).toMatchObject({keysFound: 2, counts: {scores: 2}});
    const [found] = await database.orm.select().from(score).where(eq(score.listingId, 'test:id:fresh'));
    expect(found?.isOutOfFold).toBe(false);
    expect(Math.abs(found!.gapPct)).toBeLessThan(60);
  }, 60_000);

  it('refuses simulated and real listings in one database', async () => {
    const [real] = knownWorld({homes: 1, seed: 78});
    await saveWorld(database, [{...real!, listingId: 'real:id:1', isSynthetic: false}]);
    await expect(trainStage.run(database, settings())).rejects.toThrow(/simulated and 1 real/);
    expect(await database.orm.$count(model)).toBe(9);
  });
});
