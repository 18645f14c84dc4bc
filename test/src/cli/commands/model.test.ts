import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parse} from 'csv-parse/sync';
import {stringify} from 'csv-stringify/sync';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {searchModels} from '../../../../pipelines/train/stage-search.ts';
import {modelCommand} from '../../../../src/cli/commands/model.ts';
import type {Database} from '../../../../src/db/client.ts';
import {leaderboard} from '../../../../src/db/models.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {knownWorld} from '../../../support/housing-world.ts';
import {saveWorld} from '../../../support/saved-world.ts';
import {searchOptions} from '../../../support/search-options.ts';

let database: Database;
const {folder, run} = commandBench(modelCommand, () => database);
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  database = await testDatabase();
  await saveWorld(database, knownWorld({homes: 220, seed: 4}));
  await searchModels(database, 'sale', await searchOptions(folder, {rounds: 0}));
}, 120_000);
afterAll(() => database.close());

const idOf = async (algorithm: string) =>
  (await leaderboard(database.orm)).find(row => row.algorithm === algorithm)!.modelId;

describe('raiz model', () => {
  it('leaderboard shows every column and who the champion is', async () => {
    const table = await run('leaderboard');
    expect(table).toMatch(
      /MdAPE +against best \(95 %\) +MAE .* 80 % range holds .* fit +size +seed +data +split/,
    );
    expect(table).toMatch(/ ★ .* reference /);
    expect(table).toMatch(/naive_median_m2 .*\+\d+\.\d % \(\+\d+\.\d … \+\d+\.\d\)/);
    expect(table).toMatch(/\d+(\.\d)? (kB|MB)/);
  });

  it('ladder lists the rungs from the plainest to the blend', async () => {
    const lines = JSON.parse(await run('ladder', '--json'));
    expect(lines.map(({rung}: {rung: string}) => rung)).toEqual([
      'one median for all',
      'median of the zone',
      'ridge',
      'one tree',
      'boosting',
      'blend',
    ]);
    expect(lines[0].gain).toBe(0);
    expect(lines.at(-1).gain).toBeGreaterThan(0.3);
    expect(await run('ladder', '--markdown')).toMatch(/\| boosting \| \d+\.\d % \|/);
    expect(await run('ladder', '--operation', 'rent')).toMatch(/No model of rent/);
  });

  it('card is a page for people: data, segments, limits, what it is not for', async () => {
    const card = await run('card');
    for (const part of [
      /## Data/,
      /\| stratum 4 \|/,
      /## Limits/,
      /## Not for/,
      /champion since .* train: first champion/,
    ])
      expect(card).toMatch(part);
    expect(JSON.parse(await run('card', await idOf('gbdt'), '--json'))).toMatchObject({algorithm: 'gbdt'});
  });

  it('promote refuses yardsticks, makes a candidate champion and says who it was', async () => {
    await expect(run('promote', await idOf('tree'))).rejects.toThrow(/is a yardstick/);
    await expect(run('promote', 'sale-nobody')).rejects.toThrow(/no model "sale-nobody" here/);
    const wanted = await idOf('gbdt');
    const former = (await leaderboard(database.orm)).find(({isChampion}) => isChampion)!.modelId;
    const other = wanted === former ? await idOf('ridge_hedonic') : wanted;
    expect(await run('promote', other, '--by', 'ana', '--note', 'we read it')).toMatch(
      `${other} is champion of sale, instead of ${former}`,
    );
    const rows = await leaderboard(database.orm);
    expect(rows.filter(({isChampion}) => isChampion)).toMatchObject([{modelId: other, promotedBy: 'ana'}]);
    // All comparisons are against the new champion now.
    expect(new Set(rows.map(row => row.comparison!.againstModelId))).toEqual(new Set([other]));
  });

  it('reproduce says every bit is the same, or what differs', async () => {
    const id = await idOf('ridge_hedonic');
    expect(await run('reproduce', id)).toMatch(/every bit the same/);
    const path = file(`models/${id}/encoder.json`);
    const content = await readFile(path, 'utf8');
    await writeFile(
      path,
      content.replace(/\d/, digit => String((Number(digit) + 1) % 10)),
    );
    await expect(run('reproduce', id)).rejects.toThrow(/came out different: encoder\.json/);
    await writeFile(path, content);
  }, 60_000);

  it('split gives a notebook the folds; submit puts its predictions beside the others', async () => {
    await run('split', '--out', file('split.csv'));
    const lines: Record<string, string>[] = parse(await readFile(file('split.csv')), {columns: true});
    expect(lines).toHaveLength(220);
    expect(Object.keys(lines[0]!)).toEqual(['listing_id', 'fold', 'home', 'asking_price_cop']);
    // A notebook's model: the median of the other folds.
    const predicted = lines.map(({listing_id, fold}) => {
      const others = lines.filter(line => line.fold !== fold).map(line => Number(line.asking_price_cop));
      return [listing_id, others.sort((a, b) => a - b)[others.length >> 1]];
    });
    await writeFile(file('preds.csv'), stringify([['listing_id', 'predicted_cop'], ...predicted]));
    expect(await run('submit', file('preds.csv'), '--name', 'mediana')).toMatch(
      /mediana ◦ .*\n(.|\n)*Place \d of \d/,
    );
    await writeFile(file('short.csv'), stringify([['listing_id', 'predicted_cop'], ...predicted.slice(3)]));
    await expect(run('submit', file('short.csv'))).rejects.toThrow(
      /3 listings of the split have no prediction/,
    );
    await writeFile(file('other.csv'), 'id,price\n1,2\n');
    await expect(run('submit', file('other.csv'))).rejects.toThrow(
      /needs the columns listing_id and predicted_cop/,
    );
    const outside = (await leaderboard(database.orm)).find(({kind}) => kind === 'outside')!;
    await expect(run('promote', outside.modelId)).rejects.toThrow(/brought from outside/);
  });

  it('retire takes a champion away and says what follows', async () => {
    const champion = (await leaderboard(database.orm)).find(({isChampion}) => isChampion)!.modelId;
    expect(await run('retire', champion)).toMatch(
      /It was the champion: sale has no prices until you promote another/,
    );
    expect(await run('leaderboard')).not.toMatch(champion);
  });
});
