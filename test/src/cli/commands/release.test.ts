import {appendFile, cp, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, expect, test, vi} from 'vitest';
import {releaseCommand} from '../../../../src/cli/commands/release.ts';
import type {Database} from '../../../../src/db/client.ts';
import {applyViews} from '../../../../src/db/views.ts';
import {ConfigError, EXIT, RaizError} from '../../../../src/domain/errors.ts';
import {testDatabase} from '../../../support/database.ts';
import {seedRows} from '../../../support/release-rows.ts';

let database: Database;
let dataDir: string;

beforeAll(async () => {
  database = await testDatabase();
  await applyViews(database);
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-release-cli-'));
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('RAIZ_DATA_DIR', dataDir);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.close();
  await rm(dataDir, {recursive: true, force: true});
});
afterEach(() => {
  process.exitCode = undefined;
});

/** What the command prints. */
async function raizRelease(...words: string[]): Promise<string> {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(text => lines.push(String(text)) > 0);
  try {
    await releaseCommand().parseAsync(words, {from: 'user'});
  } finally {
    write.mockRestore();
  }
  return lines.join('');
}

test('from an empty database to a tampered copy', async () => {
  await expect(raizRelease('build')).rejects.toThrow(/nothing to release.*raiz import/);
  expect(await raizRelease('list')).toMatch(/no release yet/);

  await seedRows(database);
  expect(await raizRelease('build', '--dry-run')).toMatch(/every check passed, nothing was kept/);
  const {version, isNew, folder} = JSON.parse(await raizRelease('build', '--json'));
  expect(isNew).toBe(true);
  expect(await raizRelease('build')).toContain(`no row changed since ${version}`);
  expect(JSON.parse(await raizRelease('list', '--json'))).toMatchObject([
    {version, tier: 'internal', isOnDisk: true},
  ]);

  expect(await raizRelease('verify', version)).toContain(`${version} is whole`);
  const copy = join(dataDir, 'copy');
  await cp(folder, copy, {recursive: true});
  await appendFile(join(copy, 'scores.csv.gz'), 'x');
  const refused = await raizRelease('verify', copy).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RaizError);
  expect((refused as RaizError).exitCode).toBe(EXIT.contract);
  expect((refused as RaizError).message).toContain('scores.csv.gz');
  const report = JSON.parse(await raizRelease('verify', copy, '--json'));
  expect(report).toMatchObject({version, isWhole: false});
  expect(process.exitCode).toBe(EXIT.contract);

  await rm(folder, {recursive: true});
  const again = JSON.parse(await raizRelease('build', '--json'));
  expect(again.isNew).toBe(true);
  expect(again.version).not.toBe(version);
});

test('a target that is neither folder nor version says where it looked', async () => {
  const refused = await raizRelease('verify', '1999.01.1').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConfigError);
  expect((refused as ConfigError).message).toContain(join(dataDir, 'releases', '1999.01.1'));
});
