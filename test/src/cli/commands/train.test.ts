import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {trainCommand} from '../../../../src/cli/commands/train.ts';
import type {Database} from '../../../../src/db/client.ts';
import {leaderboard} from '../../../../src/db/models.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {knownWorld} from '../../../support/housing-world.ts';
import {saveWorld} from '../../../support/saved-world.ts';

let database: Database;
const {run} = commandBench(trainCommand, () => database);

beforeAll(async () => {
  database = await testDatabase();
  await saveWorld(database, knownWorld({homes: 210, seed: 4}));
});
afterAll(() => database.close());

describe('raiz train', () => {
  it('says what is missing where nothing can be trained', async () => {
    await expect(run('--operation', 'rent', '--budget', '5s')).rejects.toThrow(
      /nothing was trained: rent: no model, 0 homes with a price; a model needs 200/,
    );
  });

  it('gives all its time to what can be trained, and passes over what was not cut off', async () => {
    const {skipped} = JSON.parse(await run('--budget', '4s', '--json'));
    expect(skipped).toEqual([expect.objectContaining({operation: 'rent'})]);
    const [best] = await leaderboard(database.orm);
    expect(best!.card).toMatchObject({search: {budgetSeconds: expect.any(Number)}});
    expect((best!.card.search as {budgetSeconds: number}).budgetSeconds).toBeGreaterThan(2.5);
    await expect(run('--resume')).rejects.toThrow(
      /nothing was trained: sale: no model, no search was cut off here.*rent: no model, no search was cut off here/,
    );
  }, 60_000);

  it('reads times, and refuses what is none', async () => {
    await expect(run('--budget', 'soon')).rejects.toThrow(/Write a time as 90s, 10m or 1\.5h/);
  });

  it('trains inside the time: the cheap ones stand', async () => {
    const {leaderboard, trials} = JSON.parse(await run('--operation', 'sale', '--budget', '2s', '--json'));
    const names = leaderboard.map(({algorithm}: {algorithm: string}) => algorithm);
    expect(names).toContain('naive_median_m2');
    expect(names).toContain('naive_place_stratum');
    expect(trials.length).toBeGreaterThanOrEqual(names.length - 1);
  }, 60_000);
});
