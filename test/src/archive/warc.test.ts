import {createReadStream, existsSync} from 'node:fs';
import {appendFile, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {WARCParser} from 'warcio';
import {openArchiveReader, readArchived, verifyArchive} from '../../../src/archive/reader.ts';
import {type ArchiveWriterOptions, openArchive} from '../../../src/archive/warc.ts';
import {ContractError, StorageError} from '../../../src/domain/errors.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-warc-'));
});
afterEach(() => rm(dataDir, {recursive: true, force: true}));

const open = (options: Partial<ArchiveWriterOptions> = {}) =>
  openArchive({dataDir, portal: 'toy', runId: 7, year: '2026', isSynthetic: true, ...options});

const page = (n: number, text = 'Itagüí') => ({
  ref: {kind: 'search' as const, url: `https://www.toy.example/venta/${n}`},
  status: 200,
  finalUrl: `https://www.toy.example/venta/${n}`,
  fetchedAt: new Date('2026-03-01T10:00:00Z'),
  content: {title: text, state: {n, words: [text, null, 1.5]}, jsonLd: [], notices: ['ñ']},
});

test('what is written is read back, each page on its own', async () => {
  const archive = open();
  const spans = await Promise.all(Array.from({length: 20}, (_, n) => archive.append(page(n))));
  await archive.sync();
  const reader = openArchiveReader(dataDir);
  for (const [n, span] of spans.entries()) expect(await reader.read(span)).toEqual(page(n).content);
  await reader.close();
  await archive.close();
  expect(spans[0]?.file).toBe('toy/2026/7-1.warc.gz');
  expect(await verifyArchive(dataDir, spans)).toMatchObject({pages: 20, problems: []});
});

test('the files are WARC: address, date, digest, status and kind of every page', async () => {
  const archive = open();
  const span = await archive.append(page(1));
  await archive.close();
  const headers: Record<string, string | null | undefined>[] = [];
  for await (const entry of new WARCParser(createReadStream(join(dataDir, 'raw', span.file)))) {
    const names = [
      'WARC-Type',
      'WARC-Target-URI',
      'WARC-Date',
      'WARC-Payload-Digest',
      'Raiz-Status',
      'Raiz-Kind',
      'Raiz-Synthetic',
    ];
    headers.push(Object.fromEntries(names.map(name => [name, entry.warcHeader(name)])));
    await entry.readFully(false);
  }
  expect(headers.map(header => header['WARC-Type'])).toEqual(['warcinfo', 'resource']);
  expect(headers[1]).toMatchObject({
    'WARC-Target-URI': 'https://www.toy.example/venta/1',
    'WARC-Date': '2026-03-01T10:00:00.000Z',
    'WARC-Payload-Digest': `sha256:${span.contentSha256}`,
    'Raiz-Status': '200',
    'Raiz-Kind': 'search',
    'Raiz-Synthetic': 'SIMULADO',
  });
});

test('every process writes files of its own: a torn tail is never written after', async () => {
  const first = open();
  const span = await first.append(page(1));
  await first.close();
  await appendFile(join(dataDir, 'raw', span.file), 'torn');
  const second = open();
  const other = await second.append(page(2));
  await second.close();
  expect(other.file).toBe('toy/2026/7-2.warc.gz');
  expect(await readArchived(dataDir, span)).toEqual(page(1).content);
});

test('nothing is on disk before the first page, and nothing waits after sync', async () => {
  const archive = open();
  await archive.sync();
  expect(existsSync(join(dataDir, 'raw'))).toBe(false);
  const span = await archive.append(page(1));
  expect((await readFile(join(dataDir, 'raw', span.file))).length).toBe(0);
  await archive.sync();
  expect((await readFile(join(dataDir, 'raw', span.file))).length).toBe(span.fileOffset + span.fileLength);
  await archive.close();
  expect(await readdir(join(dataDir, 'raw/toy/2026'))).toEqual(['7-1.warc.gz']);
});

test('changed bytes are found, by reading and by verifying', async () => {
  const archive = open();
  const spans = [await archive.append(page(1)), await archive.append(page(2))];
  await archive.close();
  const file = join(dataDir, 'raw', spans[0]!.file);
  const bytes = await readFile(file);
  bytes[spans[1]!.fileOffset + 60]! ^= 0xff;
  await writeFile(file, bytes);
  await expect(readArchived(dataDir, spans[1]!)).rejects.toThrow(ContractError);
  await expect(readArchived(dataDir, {...spans[0]!, contentSha256: 'f'.repeat(64)})).rejects.toThrow(
    /damaged at byte/,
  );
  expect((await verifyArchive(dataDir, spans)).problems).toHaveLength(1);
});

test('a missing file and a folder that can not be written say what to do', async () => {
  const span = {file: 'toy/2026/1-1.warc.gz', fileOffset: 0, fileLength: 10, contentSha256: ''};
  await expect(readArchived(dataDir, span)).rejects.toThrow(StorageError);
  await writeFile(join(dataDir, 'file'), '');
  const archive = open({dataDir: join(dataDir, 'file')});
  await expect(archive.append(page(1))).rejects.toThrow(/RAIZ_DATA_DIR.*--resume/);
});
