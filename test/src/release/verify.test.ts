import {appendFile, mkdtemp, readFile, rm, unlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {FILES} from '../../../src/domain/dictionary.ts';
import {ContractError} from '../../../src/domain/errors.ts';
import {fingerprint} from '../../../src/release/folder.ts';
import {verifyRelease} from '../../../src/release/verify.ts';
import {openTableWriter, type TableRow} from '../../../src/release/write-table.ts';

const spells = FILES.find(file => file.name === 'spells')!;
const row = (listing_id: string, spell_number = 1): TableRow => ({
  listing_id,
  spell_number,
  spell_started_at: new Date(0),
  spell_last_seen_at: new Date(86_400_000),
  first_absent_at: null,
  spell_ended_at: null,
  ended_reason: null,
  days_online: 1,
  is_censored: true,
  is_synthetic: false,
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raiz-verify-'));
});
afterEach(() => rm(folder, {recursive: true, force: true}));

/** A release of one table, as the stage lays it out. */
async function layOut(batches: TableRow[][], rows = batches.flat().length): Promise<void> {
  const writer = openTableWriter(folder, spells);
  for (const batch of batches) await writer.write(batch);
  await writer.close();
  const files = await Promise.all(
    ['spells.parquet', 'spells.csv.gz'].map(async name => ({
      name,
      table: 'spells',
      rows,
      ...(await fingerprint(join(folder, name))),
    })),
  );
  const at = '2026-11-23T12:00:00.000Z';
  const manifest = {
    name: 'raiz-co-listings',
    version: '2026.11.1',
    tier: 'internal',
    tier_reason: {es: '', en: ''},
    is_synthetic: false,
    built_at: at,
    data_from: at,
    data_until: at,
    input_hash: 'h',
    listings: 1,
    coordinates: 'exact',
    sources: [],
    models: [],
    tables: [
      {
        name: 'spells',
        description: {es: '', en: ''},
        rows,
        key: spells.key,
        columns: spells.columns.map(name => ({name, type: 'text', unit: null, nullable: true})),
      },
    ],
    files,
  };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const sums = [...files, {name: 'manifest.json', ...(await fingerprint(join(folder, 'manifest.json')))}];
  await writeFile(join(folder, 'SHA256SUMS'), sums.map(file => `${file.sha256}  ${file.name}\n`).join(''));
}

const faults = async () => {
  const {files} = await verifyRelease(folder);
  return Object.fromEntries(
    files.filter(file => file.faults.length > 0).map(file => [file.name, file.faults.join('; ')]),
  );
};

describe('verifyRelease', () => {
  test('a whole release has no faults, over several row groups', async () => {
    await layOut([[row('a'), row('b')], [row('b', 2)]]);
    const {files} = await verifyRelease(folder);
    expect(files.map(file => [file.name, file.rows, file.faults])).toEqual([
      ['spells.parquet', 3, []],
      ['spells.csv.gz', 3, []],
      ['manifest.json', null, []],
    ]);
  });

  test('one changed byte names the file', async () => {
    await layOut([[row('a')]]);
    const bytes = await readFile(join(folder, 'spells.parquet'));
    bytes[20]! ^= 1;
    await writeFile(join(folder, 'spells.parquet'), bytes);
    expect(Object.keys(await faults())).toEqual(['spells.parquet']);
    expect((await faults())['spells.parquet']).toMatch(/another SHA-256/);
  });

  test('a truncated file, a missing file and an edited manifest are told apart', async () => {
    await layOut([[row('a')]]);
    await writeFile(
      join(folder, 'spells.parquet'),
      (await readFile(join(folder, 'spells.parquet'))).subarray(0, 200),
    );
    await unlink(join(folder, 'spells.csv.gz'));
    await appendFile(join(folder, 'manifest.json'), '\n');
    const found = await faults();
    expect(found['spells.parquet']).toMatch(/has 200 bytes.*can't be opened/);
    expect(found['spells.csv.gz']).toBe('is missing');
    expect(found['manifest.json']).toMatch(/another SHA-256 than SHA256SUMS/);
  });

  test('another number of rows and a repeated key are faults though the checksums fit', async () => {
    await layOut([[row('a'), row('a')]], 3);
    expect(await faults()).toEqual({
      'spells.parquet': 'holds 2 rows, not 3; repeats the key a 1',
      'spells.csv.gz': 'holds 2 rows, not 3; repeats the key a 1',
    });
  });

  test('a folder that is no release says so', async () => {
    await expect(verifyRelease(folder)).rejects.toThrow(ContractError);
    await expect(verifyRelease(folder)).rejects.toThrow(/is not a release/);
  });
});
