/** Training rows of a real file, through import, clean, match and enrich in a database of their own. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {cleanStage} from '../../pipelines/clean/stage.ts';
import {enrichStage} from '../../pipelines/enrich/stage.ts';
import {matchStage} from '../../pipelines/match/stage.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {startEmbedded, stopEmbedded} from '../../src/db/embedded/server.ts';
import {migrateDatabase} from '../../src/db/migrate.ts';
import {selectTrainingRows} from '../../src/db/models.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {importFile} from '../../src/imports/import.ts';
import {loadReferenceData} from '../../src/imports/reference.ts';

/** @param now the day of the file: what is on offer is told from it. */
export async function loadSales(file: string, now: Date): Promise<FeatureRow[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'raiz-bench-rows-'));
  const {url} = await startEmbedded({dataDir, database: 'raiz'});
  try {
    await migrateDatabase(url);
    const database = await connectDatabase(url);
    try {
      await importFile(database, file, {hashKey: 'bench', now});
      await loadReferenceData(database);
      for (const stage of [cleanStage, matchStage, enrichStage]) {
        await stage.run(database, {now: () => now, dataDir});
      }
      return await selectTrainingRows(database.orm, ['sale']);
    } finally {
      await database.close();
    }
  } finally {
    await stopEmbedded(dataDir);
    await rm(dataDir, {recursive: true, force: true});
  }
}
