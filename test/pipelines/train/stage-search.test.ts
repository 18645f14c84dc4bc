import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {reproduceModel} from '../../../pipelines/train/stage-reproduce.ts';
import {canSearch, searchModels} from '../../../pipelines/train/stage-search.ts';
import {loadSplit, submitPredictions} from '../../../pipelines/train/stage-submit.ts';
import type {Database} from '../../../src/db/client.ts';
import {crownModel, findModel, retireModel} from '../../../src/db/model-registry.ts';
import {leaderboard, type ModelRow, selectChampions} from '../../../src/db/models.ts';
import {ModelError} from '../../../src/domain/errors.ts';
import {testDatabase} from '../../support/database.ts';
import {knownWorld} from '../../support/housing-world.ts';
import {saveWorld, WORLD_SEEN_AT} from '../../support/saved-world.ts';
import {searchOptions} from '../../support/search-options.ts';

const CHILD = fileURLToPath(new URL('../../support/search-child.ts', import.meta.url));

let database: Database;
let dataDir: string;

beforeAll(async () => {
  database = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-search-'));
  await saveWorld(database, knownWorld({homes: 260, seed: 4}));
}, 60_000);
afterAll(async () => {
  await database.close();
  await rm(dataDir, {recursive: true, force: true});
});

const foldFiles = async (): Promise<Map<string, number>> => {
  const [training = ''] = await readdir(join(dataDir, 'trainings')).catch(() => []);
  const folder = join(dataDir, 'trainings', training, 'folds');
  const names = await readdir(folder).catch(() => []);
  const whole = names.filter(name => name.endsWith('.fit'));
  return new Map(
    await Promise.all(whole.map(async name => [name, (await stat(join(folder, name))).mtimeMs] as const)),
  );
};
const best = async (): Promise<ModelRow> =>
  (await leaderboard(database.orm)).find(({artifact}) => artifact !== null)!;

describe('searchModels', () => {
  let child: ChildProcess;
  let before: Map<string, number>;

  it('killed, leaves finished rows on the leaderboard', async () => {
    child = spawn(process.execPath, ['--import', 'tsx', CHILD, database.url, dataDir], {stdio: 'inherit'});
    // Past the usual settings, amid the drawn ones.
    while ((await foldFiles()).size < 28 && child.exitCode === null) await wait(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    before = await foldFiles();
    expect(before.size).toBeLessThan(60);
    const rows = await leaderboard(database.orm);
    expect(rows.map(({algorithm}) => algorithm).sort()).toEqual([
      'gbdt',
      'naive_median_m2',
      'naive_place_stratum',
      'ridge_hedonic',
      'tree',
    ]);
    for (const row of rows) expect(row).toMatchObject({artifact: null, isChampion: false, sizeBytes: null});
  }, 120_000);

  it('run again with --resume, goes on on the same rows though others came, and fits no fold twice', async () => {
    const [extra] = knownWorld({homes: 1, seed: 99});
    await saveWorld(database, [{...extra!, listingId: 'test:id:later', groupId: 'later'}]);
    const report = await searchModels(database, 'sale', await searchOptions(dataDir, {resume: true}));
    if (report.kind !== 'searched') throw new Error(report.reason);
    expect(report.training.opened.rows).toHaveLength(260);
    const after = await foldFiles();
    for (const [name, time] of before) expect(after.get(name), name).toBe(time);
    expect(after.size).toBeGreaterThan(before.size);
    expect(report.result.isComplete).toBe(true);
  }, 120_000);

  it('fills every column of the leaderboard, and makes the first champion', async () => {
    const rows = await leaderboard(database.orm);
    expect(rows.map(({algorithm}) => algorithm)).toContain('blend');
    const tuned = rows.filter(({settings}) => settings !== null);
    expect(tuned.length).toBeGreaterThan(0);
    const champion = rows.find(({isChampion}) => isChampion)!;
    expect(champion).toMatchObject({promotedBy: 'train', promotionNote: 'first champion'});
    for (const row of rows) {
      expect(row.comparison!.againstModelId, row.modelId).toBe(champion.modelId);
      expect(row.comparison!.low, row.modelId).toBeLessThanOrEqual(row.comparison!.relative);
      expect(row.comparison!.high, row.modelId).toBeGreaterThanOrEqual(row.comparison!.relative);
      expect(row.metrics.coverage80, row.modelId).toBeGreaterThan(0.7);
      expect(row.seed).toBe(5);
    }
    const naive = rows.find(({algorithm}) => algorithm === 'naive_median_m2')!;
    expect(naive.comparison!.low).toBeGreaterThan(0);
    const {search} = champion.card as {search: {mdapeChosenOnOtherFolds: number | null}};
    if (champion.algorithm !== 'blend')
      expect(search.mdapeChosenOnOtherFolds).toBeGreaterThanOrEqual(champion.metrics.mdape - 1e-12);
    expect(champion.card).toMatchObject({
      data: {portals: ['test'], withOwnPoint: 1},
      metricsBySegment: {stratum: {4: {rows: expect.any(Number)}}},
      notFor: expect.arrayContaining([expect.stringContaining('appraisal')]),
    });
  });

  it('has nothing to resume then', async () => {
    expect(await canSearch(database, 'sale', {dataDir, resume: true})).toBe(false);
    const report = await searchModels(database, 'sale', await searchOptions(dataDir, {resume: true}));
    expect(report).toMatchObject({
      kind: 'skipped',
      reason: expect.stringMatching(/^no search was cut off here/),
    });
  });

  it('says how many homes are missing where there are too few', async () => {
    const report = await searchModels(database, 'rent', await searchOptions(dataDir));
    expect(await canSearch(database, 'rent', {dataDir})).toBe(false);
    expect(await canSearch(database, 'sale', {dataDir})).toBe(true);
    expect(report).toEqual({
      kind: 'skipped',
      operation: 'rent',
      reason: '0 homes with a price; a model needs 200',
    });
  });
});

describe('reproduceModel', () => {
  const reproduce = async (row: ModelRow) => {
    const {backend, clock, note} = await searchOptions(dataDir);
    return reproduceModel(row, {backend, clock, note, dataDir});
  };

  it('trains blend and single models again to the same bits', async () => {
    const rows = await leaderboard(database.orm);
    for (const algorithm of ['blend', 'gbdt', 'tree']) {
      const row = rows.find(model => model.algorithm === algorithm)!;
      const results = await reproduce(row);
      expect(results.length, algorithm).toBeGreaterThan(algorithm === 'tree' ? 0 : 4);
      expect(
        results.filter(({isEqual}) => !isEqual),
        algorithm,
      ).toEqual([]);
    }
  }, 60_000);

  it('says what differs when a file was changed, and refuses rows that were', async () => {
    const row = await best();
    const file = join(dataDir, 'models', row.artifact!, 'calibration.json');
    const content = await readFile(file, 'utf8');
    await writeFile(file, content.replace(/"rows":\d+/, '"rows":7'));
    expect((await reproduce(row)).filter(({isEqual}) => !isEqual)).toEqual([
      {what: 'calibration.json', isEqual: false},
    ]);
    await writeFile(file, content);
    const frozen = join(dataDir, 'trainings', row.trainingId, 'rows.jsonl.gz');
    const bytes = await readFile(frozen);
    await writeFile(frozen, bytes.subarray(0, 500));
    await expect(reproduce(row)).rejects.toThrow(ModelError);
    await expect(reproduce(row)).rejects.toThrow(/rows.jsonl.gz can't be read: it is missing or damaged/);
    await writeFile(frozen, bytes);
    await expect(reproduce({...row, seed: 6})).rejects.toThrow(/how folds are dealt/);
  }, 60_000);
});

describe('standing', () => {
  it('a later training makes no champion; retired models leave the board; a person’s word counts', async () => {
    const [former] = await selectChampions(database.orm);
    const report = await searchModels(database, 'sale', await searchOptions(dataDir, {rounds: 0}));
    if (report.kind !== 'searched') throw new Error(report.reason);
    expect(report.training.opened.trainingId).not.toBe(former!.trainingId);
    expect((await selectChampions(database.orm)).map(({modelId}) => modelId)).toEqual([former!.modelId]);
    const candidate = await best();
    await database.orm.transaction(tx =>
      crownModel(tx, candidate, {at: WORLD_SEEN_AT, by: 'ana', note: 'newer data'}),
    );
    expect(await selectChampions(database.orm)).toMatchObject([
      {modelId: candidate.modelId, promotedBy: 'ana', promotionNote: 'newer data'},
    ]);
    const [weak] = (await leaderboard(database.orm)).filter(({algorithm}) => algorithm === 'tree');
    await retireModel(database.orm, weak!.modelId, WORLD_SEEN_AT);
    expect((await leaderboard(database.orm)).map(({modelId}) => modelId)).not.toContain(weak!.modelId);
  }, 60_000);

  it('the policy auto and an unreadable champion both let the best of a training take over', async () => {
    const [former] = await selectChampions(database.orm);
    const file = join(dataDir, 'models', former!.artifact!, 'model.json');
    const manifest = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({...manifest, version: 1}));
    const notes: string[] = [];
    await searchModels(
      database,
      'sale',
      await searchOptions(dataDir, {seed: 6, rounds: 0, note: line => notes.push(line)}),
    );
    const [second] = await selectChampions(database.orm);
    expect(second!.modelId).not.toBe(former!.modelId);
    expect(notes.at(-1)).toMatch(/is champion \(the former champion can't be read: .* has version 1/);
    await searchModels(
      database,
      'sale',
      await searchOptions(dataDir, {seed: 7, rounds: 0, promotion: 'auto'}),
    );
    const [third] = await selectChampions(database.orm);
    expect(third).toMatchObject({seed: 7, promotionNote: 'the policy says auto'});
  }, 60_000);
});

describe('submitPredictions', () => {
  it('measures a member’s file on the same split, beside the others, never as champion', async () => {
    const {rows, split} = await loadSplit(database, dataDir, 'sale');
    expect(new Set(split.fold).size).toBe(5);
    const submission = {
      ...{operation: 'sale' as const, name: 'mi cuaderno', by: 'ana', file: 'preds.csv', now: WORLD_SEEN_AT},
      // Better than anybody can be: 1 % off.
      lines: rows.map((row, index) => ({
        row: index + 1,
        listingId: row.listingId,
        predicted: String(1.01 * row.priceCop),
      })),
    };
    const modelId = await submitPredictions(database, dataDir, submission);
    const [first] = await leaderboard(database.orm);
    expect(first).toMatchObject({modelId, kind: 'outside', artifact: null, isChampion: false});
    expect(first!.metrics.mdape).toBeCloseTo(0.01, 6);
    expect(first!.comparison!.high).toBeLessThan(0);
    // Again the same file is the same row.
    expect(await submitPredictions(database, dataDir, submission)).toBe(modelId);
    expect((await findModel(database.orm, modelId))!.card).toMatchObject({name: 'mi cuaderno', by: 'ana'});
    await expect(
      submitPredictions(database, dataDir, {...submission, lines: submission.lines.slice(2)}),
    ).rejects.toThrow(/preds.csv: 2 listings of the split have no prediction/);
  });
});
