import {existsSync} from 'node:fs';
import {readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {archiveCommand} from '../../../../src/cli/commands/archive.ts';
import type {Database} from '../../../../src/db/client.ts';
import {ConfigError} from '../../../../src/domain/errors.ts';
import {readFixture} from '../../../scrapers/fixture.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {packedWarc, warcResponse} from '../../../support/foreign-warc.ts';

const URL_OF_IT = 'https://www.fincaraiz.com.co/apartamento-en-venta-en-medellin/190000002';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
const bench = commandBench(archiveCommand, () => database);
afterEach(() => {
  process.exitCode = undefined;
});

test('import, verify, export and prune, as a person sees them', async () => {
  expect(await bench.run('verify')).toMatch(/Nothing is archived yet/);
  const file = join(bench.folder, 'old.warc.gz');
  const page = readFixture('fincaraiz/listing.html');
  const other = warcResponse('https://other.example/', 'x');
  await writeFile(file, packedWarc([warcResponse(URL_OF_IT, page, {date: '2023-03-21T04:05:06Z'}), other]));
  const imported = await bench.run('import', file, '--portal', 'fincaraiz');
  expect(imported).toMatch(/2023-03-20\s+1\s+1/);
  expect(imported).toMatch(/stored: ok 1\npassed over: other_site 1\n\nNext: raiz stage all/);
  expect(await bench.run('import', file, '--portal', 'fincaraiz')).toMatch(/known already: 1/);

  expect(await bench.run('verify')).toMatch(/✔ Every page is as it was stored/);
  const out = join(bench.folder, 'out.warc.gz');
  expect(await bench.run('export', '--out', out, '--portal', 'fincaraiz')).toMatch(
    /out\.warc\.gz: 1 pages, 0\.0 MB/,
  );
  await expect(bench.run('export', '--out', out, '--from', 'May')).rejects.toThrow(/--from May is not a day/);

  expect(await bench.run('prune', '--before', '2024-01-01', '--dry-run')).toMatch(
    /stays: .* run raiz stage parse first/,
  );
  await expect(bench.run('prune')).rejects.toThrow(/keeps all pages/);
  await database.sql`
    with stage as (insert into ops.stage_run (stage, version, status, started_at) values ('parse', 1, 'done', now()) returning stage_run_id)
    insert into ops.stage_state (stage, key, input_hash, version, stage_run_id)
    select 'parse', page_id::text, 'x', 1, stage_run_id from raw.page, stage`;
  await expect(bench.run('prune', '--before', '2024-01-01')).rejects.toThrow(/Add --yes/);
  const raw = join(bench.folder, 'raw/fincaraiz/2023');
  expect(await readdir(raw)).toHaveLength(1);
  expect(await bench.run('prune', '--before', '2024-01-01', '--yes')).toMatch(
    /Removed 1 files, 1 pages, 0\.0 MB from before 2024-01-01/,
  );
  expect(await readdir(raw)).toEqual([]);
});

test('verify ends with 4 and says what to do when something is wrong', async () => {
  await writeFile(join(bench.folder, 'raw', 'letter.txt'), 'x');
  const text = await bench.run('verify');
  expect(text).toMatch(/✖ 1 things are wrong:\n\s+raw\/letter\.txt: is no file of the archive\n\s+→ /);
  expect(process.exitCode).toBe(4);
  const found = JSON.parse(await bench.run('verify', '--json'));
  expect(found.problems).toHaveLength(1);
  await rm(join(bench.folder, 'raw', 'letter.txt'));
});

test('a portal that nobody knows, and a file that is none', async () => {
  const file = join(bench.folder, 'page.warc');
  await writeFile(file, '<html>');
  await expect(bench.run('import', file, '--portal', 'nobody')).rejects.toThrow(ConfigError);
  await expect(bench.run('import', file, '--portal', 'fincaraiz')).rejects.toThrow(/no WARC file/);
  expect(existsSync(join(bench.folder, 'raw/fincaraiz/2026'))).toBe(false);
});
