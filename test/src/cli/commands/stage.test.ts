import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {stageCommand} from '../../../../src/cli/commands/stage.ts';
import type {Database} from '../../../../src/db/client.ts';
import {selectModels} from '../../../../src/db/models.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {knownWorld} from '../../../support/housing-world.ts';
import {saveWorld} from '../../../support/saved-world.ts';

let database: Database;
const {run} = commandBench(stageCommand, () => database);

beforeAll(async () => {
  database = await testDatabase();
  await saveWorld(database, knownWorld({homes: 210, seed: 4}));
});
afterAll(() => database.close());

describe('raiz stage --effort', () => {
  it('trains again on the same homes, and keeps the models of both efforts', async () => {
    await run('train', '--json');
    expect(JSON.parse(await run('train', '--json'))[0].keysFound).toBe(0);
    await run('train', '--effort', 'full', '--json');
    const rows = (await selectModels(database.orm)).filter(({algorithm}) => algorithm === 'gbdt');
    expect(rows.map(({card}) => card.effort).sort()).toEqual(['daily', 'full']);
  }, 120_000);

  it('is refused where nothing is trained', async () => {
    await expect(run('clean', '--effort', 'full')).rejects.toThrow(
      /--effort goes with train, not with "clean"/,
    );
  });
});
