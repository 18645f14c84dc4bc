/** The stage that turns what we believe and guess into files. */
import {existsSync} from 'node:fs';
import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {sql} from 'drizzle-orm';
import type {Tx} from '../../src/db/client.ts';
import {
  listReleases,
  type ReleaseFacts,
  readFileRows,
  readReleaseFacts,
  releaseWork,
  saveRelease,
} from '../../src/db/releases.ts';
import {FILES, type TableMeaning} from '../../src/domain/dictionary.ts';
import {ContractError} from '../../src/domain/errors.ts';
import {dictionaryCsv, readme} from '../../src/release/card.ts';
import {
  CHECKSUMS,
  fingerprint,
  MANIFEST,
  openBuildFolder,
  publishFolder,
  readManifest,
  releasesDir,
  storing,
  versionsOnDisk,
  writeLatest,
} from '../../src/release/folder.ts';
import type {ManifestFile, ReleaseManifest} from '../../src/release/manifest.ts';
import {verifyRelease} from '../../src/release/verify.ts';
import {csvName, openTableWriter, parquetName} from '../../src/release/write-table.ts';
import {type Counts, defineStage, type StageContext} from '../../src/stage/define-stage.ts';
import {
  describeRelease,
  openPersonalScanner,
  planRelease,
  type ReleaseInput,
  type ReleasePlan,
  refusePersonal,
} from './core.ts';

/** Rows in memory and in one Parquet row group. */
const BATCH_ROWS = 5_000;

interface PlannedRelease {
  readonly facts: ReleaseFacts;
  readonly plan: ReleasePlan;
}

export const releaseStage = defineStage<null, ReleaseInput, PlannedRelease>({
  name: 'release',
  version: 1,
  reads: [
    'api.listing',
    'api.listing_access',
    'api.listing_spell',
    'api.listing_valuation',
    'core.listing_price',
  ],
  writes: ['ops.release'],
  batchSize: 1,
  onKeyError: 'fail',
  work: releaseWork,
  prepare: async () => null,
  load: async (tx, keys, _shared, context) => {
    // All files speak of one instant, whatever is being written meanwhile. Must be the first statement.
    await tx.execute(sql`set transaction isolation level repeatable read`);
    return Promise.all(keys.map(key => loadInput(tx, key, context.dataDir)));
  },
  core: (input, _shared, {now, options}) => ({
    facts: input.facts,
    plan: planRelease(input, now, options.rebuild === true),
  }),
  save: async (tx, results, _shared, context) => {
    const counts: Record<string, number> = {};
    for (const {output} of results) Object.assign(counts, await carryOut(tx, output, context));
    return counts;
  },
});

async function loadInput(tx: Tx, key: string, dataDir: string): Promise<ReleaseInput> {
  const facts = await readReleaseFacts(tx);
  const rows = await listReleases(tx);
  const folders = await versionsOnDisk(dataDir);
  const known = new Set(rows.map(row => row.version));
  const orphans = await Promise.all(
    folders
      .filter(version => !known.has(version) && existsSync(join(releasesDir(dataDir), version, MANIFEST)))
      .map(version => readManifest(join(releasesDir(dataDir), version))),
  );
  return {
    key,
    facts,
    taken: [...known, ...folders],
    finished: rows.filter(row => folders.includes(row.version)),
    orphans: orphans.map(manifest => ({version: manifest.version, inputHash: manifest.input_hash})),
  };
}

async function carryOut(tx: Tx, {facts, plan}: PlannedRelease, context: StageContext): Promise<Counts> {
  const {dataDir, options} = context;
  const folder = join(releasesDir(dataDir), plan.version);
  if (plan.action === 'keep') {
    context.note(`${plan.version} holds these very rows already`);
    return {unchanged: 1};
  }
  if (plan.action === 'build') {
    const building = await openBuildFolder(dataDir, plan.version);
    try {
      await storing(building, () => fillFolder(tx, building, plan.version, facts, context));
      await proveWhole(building, 'If the disk is sound this is a bug worth reporting.');
      if (options.dryRun === true) return {listings: facts.listings};
      await publishFolder(dataDir, building, plan.version);
    } finally {
      if (existsSync(building)) await rm(building, {recursive: true, force: true});
    }
  } else {
    context.note(`${plan.version} was built whole before a stop; it is checked and taken over`);
    await proveWhole(folder, `It was built before a stop and is damaged: delete ${folder} and build again.`);
    if (options.dryRun === true) return {adopted: 1};
  }
  const manifest = await readManifest(folder);
  await saveRelease(tx, {
    version: manifest.version,
    tier: manifest.tier,
    builtAt: new Date(manifest.built_at),
    inputHash: manifest.input_hash,
    listings: manifest.listings,
    folder: `releases/${manifest.version}`,
    isSynthetic: manifest.is_synthetic,
    manifest,
  });
  await writeLatest(dataDir, manifest);
  return {releases: 1, listings: manifest.listings, files: manifest.files.length + 2};
}

async function fillFolder(
  tx: Tx,
  folder: string,
  version: string,
  facts: ReleaseFacts,
  context: StageContext,
): Promise<void> {
  const scan = openPersonalScanner();
  const tables: {table: TableMeaning; rows: number}[] = [];
  const files: ManifestFile[] = [];
  for (const table of FILES) {
    const writer = openTableWriter(folder, table);
    const hits = [];
    for await (const rows of readFileRows(tx, table, BATCH_ROWS)) {
      hits.push(...scan(table, rows));
      await writer.write(rows);
    }
    const rows = await writer.close();
    refusePersonal(hits);
    tables.push({table, rows});
    context.note(`${table.name}: ${rows} rows, no personal data found`);
    for (const name of [parquetName(table.name), csvName(table.name)]) {
      files.push({name, table: table.name, rows, ...(await fingerprint(join(folder, name)))});
    }
  }
  const describe = () => describeRelease(version, context.now, facts, tables, files);
  for (const [name, text] of [
    ['data_dictionary.csv', dictionaryCsv()],
    ['README.md', readme(describe())],
  ] as const) {
    await writeFile(join(folder, name), text);
    files.push({name, table: null, rows: null, ...(await fingerprint(join(folder, name)))});
  }
  await writeManifest(folder, describe());
}

async function writeManifest(folder: string, manifest: ReleaseManifest): Promise<void> {
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  const {sha256} = await fingerprint(join(folder, MANIFEST));
  const lines = [...manifest.files, {name: MANIFEST, sha256}].map(file => `${file.sha256}  ${file.name}\n`);
  await writeFile(join(folder, CHECKSUMS), lines.join(''));
}

/** @throws ContractError when a file of the folder does not open, or is not what the manifest says. */
async function proveWhole(folder: string, advice: string): Promise<void> {
  const {manifest, files} = await verifyRelease(folder);
  const bad = files.filter(file => file.faults.length > 0);
  const [first] = bad;
  if (first !== undefined) {
    throw new ContractError(
      `release ${manifest.version} refused: ${first.name} ${first.faults.join(', ')}. Nothing was released. ${advice}`,
      {context: {folder, files: bad}},
    );
  }
  if (manifest.tables.find(table => table.name === 'listings')?.rows === 0) {
    throw new ContractError(`release ${manifest.version} refused: its listings are empty. ${advice}`);
  }
}
