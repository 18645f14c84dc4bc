import {chmod, mkdtemp, readdir, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {findNative} from '../../../../src/db/embedded/binaries.ts';
import {chooseLauncher, launchersHere, runProgram} from '../../../../src/db/embedded/launcher.ts';
import {startEmbedded, stopEmbedded} from '../../../../src/db/embedded/server.ts';
import {StorageError} from '../../../../src/domain/errors.ts';

/** Root has several ways, the last of them for another system user once more; an ordinary user has one. */
const launchers = (await launchersHere(undefined)).filter(launcher => !launcher.name.includes('nobody'));

it('knows a way for this user', () => {
  expect(launchers.map(launcher => launcher.name)).toContain(
    process.getuid?.() === 0 ? 'user namespace' : 'direct',
  );
});

it.each(launchers.map(launcher => [launcher.name, launcher] as const))(
  'starts, stops and starts again by %s, or says why not',
  async (_, launcher) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'raiz-launcher-'));
    await chmod(dataDir, 0o755);
    const options = {dataDir, database: 'raiz', launchers: [launcher]};
    try {
      const server = await startEmbedded(options).catch((error: unknown) => error);
      if (server instanceof StorageError) {
        expect(server.message).toContain(`can't run here: ${launcher.name}: `);
        return;
      }
      expect(server).toMatchObject({launcher: launcher.name});
      const {uid} = await stat(join(dataDir, 'pg', 'cluster'));
      expect(uid).toBe(launcher.owner?.uid ?? process.getuid?.());
      expect(await stopEmbedded(dataDir, [launcher])).toBe(true);
      expect(await startEmbedded(options)).toMatchObject({launcher: launcher.name});
    } finally {
      await stopEmbedded(dataDir, [launcher]);
      await rm(dataDir, {recursive: true});
    }
  },
);

it('says what was tried when no way works, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'raiz-launcher-'));
  const broken = {name: 'a broken way', prefix: ['no-such-command']};
  const failure = chooseLauncher(await findNative(folder), folder, undefined, [broken]);
  await expect(failure).rejects.toThrow(StorageError);
  await expect(failure).rejects.toThrow(/can't run here: a broken way: .*no-such-command.*DATABASE_URL/);
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, {recursive: true});
});

it('hands back code and output of a program, and an error for one that is missing', async () => {
  const direct = {name: 'direct', prefix: []};
  expect(await runProgram(direct, 'sh', ['-c', 'echo out; echo err >&2; exit 4'])).toMatchObject({code: 4});
  expect((await runProgram(direct, 'no-such-program', [])).code).toBeNull();
});
