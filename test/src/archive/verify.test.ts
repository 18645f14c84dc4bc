import {spawnSync} from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {type Finding, verifyFiles} from '../../../src/archive/verify.ts';
import {openArchive} from '../../../src/archive/warc.ts';
import type {Database} from '../../../src/db/client.ts';
import {crawlToy} from '../../support/archived-crawl.ts';
import {testDatabase} from '../../support/database.ts';

const NOW = new Date('2026-03-01T15:00:00Z');

let database: Database;
let dataDir: string;
let name: string;
let path: string;
beforeEach(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'raiz-verify-'));
  await crawlToy(database, dataDir, NOW);
  const [row] = await database.sql<
    {file: string}[]
  >`select distinct file from raw.page where file is not null`;
  name = row!.file;
  path = join(dataDir, 'raw', name);
});
afterEach(async () => {
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

const verify = (portal?: string) => verifyFiles(database.orm, {dataDir, portal});
const whats = (findings: readonly Finding[]) => findings.map(({file, what}) => `${file}: ${what}`);

async function spans() {
  return database.sql<{offset: number; length: number}[]>`
    select file_offset as offset, file_length as length from raw.page order by file_offset`;
}

test('a whole archive: every byte is known', async () => {
  const found = await verify();
  expect(found).toMatchObject({files: 1, pages: 3, problems: [], notes: []});
  expect(found.bytes).toBe(readFileSync(path).length);
  expect(await verify('another')).toMatchObject({files: 0, pages: 0});
});

test('a flipped bit, a cut and a missing file are told with page and remedy', async () => {
  const [, second] = await spans();
  const bytes = readFileSync(path);
  const good = Buffer.from(bytes);
  bytes[second!.offset + 60] = (bytes[second!.offset + 60] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const flipped = await verify();
  expect(whats(flipped.problems)).toEqual([
    `${name}: the page at byte ${second!.offset} (${second!.length} bytes) is not the one that was stored`,
  ]);
  expect(flipped.problems[0]?.remedy).toMatch(/backup/);
  writeFileSync(path, good);
  truncateSync(path, good.length - 10);
  expect((await verify()).problems).toHaveLength(1);
  renameSync(path, `${path}.away`);
  expect(whats((await verify()).problems)).toEqual([
    `${name}: is missing: 3 pages are in it`,
    `${name}.away: is no file of the archive`,
  ]);
});

test('a page in the place of another is not the one that was stored', async () => {
  const [first] = await spans();
  const archive = openArchive({dataDir, portal: 'toy', runId: 9, year: '2026', isSynthetic: true});
  const ref = {kind: 'search', url: 'https://www.toy.example/sale/house/antioquia/bello'} as const;
  const content = {title: 'another', state: null, jsonLd: [], notices: []};
  const span = await archive.append({ref, status: 200, finalUrl: ref.url, fetchedAt: NOW, content});
  await archive.close();
  await database.sql`
    update raw.page set file = ${span.file}, file_offset = ${span.fileOffset}, file_length = ${span.fileLength}
    where file_offset = ${first!.offset}`;
  const found = await verify();
  expect(whats(found.problems)).toEqual([expect.stringContaining(`${span.file}: the page at byte`)]);
  expect(whats(found.notes)).toEqual([`${name}: 1 pages that nothing refers to`]);
});

test('what a killed process leaves is no fault: whole pages, a torn one, a file of its own', async () => {
  const [first] = await spans();
  const page = readFileSync(path).subarray(first!.offset, first!.offset + first!.length);
  appendFileSync(path, Buffer.concat([page, page, page.subarray(0, 50)]));
  const orphan = join(dataDir, 'raw/toy/2026/99-1.warc.gz');
  copyFileSync(path, orphan);
  truncateSync(orphan, 100);
  const found = await verify();
  expect(found.problems).toEqual([]);
  expect(whats(found.notes)).toEqual([
    `${name}: 2 pages that nothing refers to, and 50 bytes of one that was cut off`,
    'toy/2026/99-1.warc.gz: 0 pages that nothing refers to (100 bytes)',
  ]);
});

test('bytes nobody knows are named: between pages, and in files of others', async () => {
  const [, second, third] = await spans();
  const bytes = readFileSync(path);
  const strange = Buffer.from('Llamar a Ana');
  writeFileSync(
    path,
    Buffer.concat([bytes.subarray(0, second!.offset), strange, bytes.subarray(second!.offset)]),
  );
  for (const {offset} of [third!, second!])
    await database.sql`update raw.page set file_offset = file_offset + ${strange.length} where file_offset = ${offset}`;
  mkdirSync(join(dataDir, 'raw/notes'));
  writeFileSync(join(dataDir, 'raw/notes/page.html'), '<html>');
  writeFileSync(join(dataDir, 'raw/notes/page.warc.gz'), '<html>');
  const found = await verify();
  expect(whats(found.problems)).toEqual([
    'notes/page.html: is no file of the archive',
    'notes/page.warc.gz: is no file of the archive',
    `${name}: bytes ${second!.offset} to ${second!.offset + strange.length} are no record of the archive`,
  ]);
  expect(found.problems[0]?.remedy).toMatch(/personal data/);
});

const hasWarcio = spawnSync('python3', ['-c', 'import warcio']).status === 0;

test.skipIf(!hasWarcio)('warcio of Python finds every digest of a crawl right (skipped without it)', () => {
  const checked = spawnSync('python3', ['-m', 'warcio.cli', 'check', '-v', path], {encoding: 'utf8'});
  expect(checked.status).toBe(0);
  expect(checked.stdout.match(/digest pass/g)).toHaveLength(3);
  const [first] = [readFileSync(path)];
  writeFileSync(`${path}.bad.warc.gz`, first.subarray(0, first.length - 20));
  const bad = spawnSync('python3', ['-m', 'warcio.cli', 'check', `${path}.bad.warc.gz`], {encoding: 'utf8'});
  expect(bad.stdout.match(/digest pass/g) ?? []).toHaveLength(0);
});
