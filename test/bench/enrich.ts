/** Enrichment: the core on one processor, the stage from database to database, and PostGIS doing the same work. */
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {ESTRATO_POINTS, readEstratoPoints} from '../support/shared-estrato.ts';
import {openBenchDatabase} from './bench-database.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';
import {benchEnrichCore} from './enrich-core.ts';
import {type EnrichCost, fillEnrichDatabase, measureEnrichStage} from './enrich-database.ts';
import {comparePostgis} from './enrich-postgis.ts';
import {type EnrichWorld, readEnrichWorld} from './enrich-world.ts';

const LISTINGS = 50_000;

export async function benchEnrich({listings, postgis}: BenchOptions): Promise<BenchRow[]> {
  const world = await readEnrichWorld();
  // First of all: the peak of memory is to be the stage's.
  const stage = await measureStage(world, listings ?? LISTINGS);
  const core = benchEnrichCore(world);
  return [...stage.rows, ...core, ...(await comparePostgis(world, postgis, stage.cpuSecondsAListing))];
}

async function measureStage(world: EnrichWorld, listings: number): Promise<EnrichCost> {
  const folder = mkdtempSync(join(tmpdir(), 'raiz-bench-enrich-'));
  try {
    const bench = await openBenchDatabase(folder);
    try {
      const strata = existsSync(fileURLToPath(ESTRATO_POINTS)) ? await readEstratoPoints() : [];
      await fillEnrichDatabase(bench.database, world, strata, listings);
      return await measureEnrichStage(bench.database, folder);
    } finally {
      await bench.close();
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
