/**
 * One day of the soak in a process of its own, to be killed at any moment:
 * `tsx soak-child.ts <databaseUrl> <dataDir> <baseUrl> <observedOn>`. Crawls the day or goes on with it, parses, cleans;
 * says `crawl`, `parse`, `clean` when it begins each, and last a line of JSON with its CPU seconds.
 */
import {cleanStage} from '../../pipelines/clean/stage.ts';
import {parseStage} from '../../pipelines/parse/stage.ts';
import policy from '../../raiz.config.ts';
import {findPortal} from '../../scrapers/index.ts';
import {scopesOf} from '../../src/config/policy.ts';
import {crawl} from '../../src/crawl/crawl.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {outliveClosedConnections} from '../../src/db/closed-connection.ts';
import {StorageError} from '../../src/domain/errors.ts';

const LOST_DATABASE = 2;

outliveClosedConnections(error => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
const [databaseUrl = '', dataDir = '', baseUrl = '', observedOn = ''] = process.argv.slice(2);
const portal = findPortal('fincaraiz');
const noon = Date.parse(`${observedOn}T12:00:00-05:00`);
const now = () => new Date(noon + performance.now());
const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  const database = await connectDatabase(databaseUrl, {max: 5});
  const [known] = await database.sql<{run_id: number; finished_at: Date | null}[]>`
    select run_id::int, finished_at from ops.run where observed_on = ${observedOn}`;
  say('crawl');
  if (known === undefined || known.finished_at === null) {
    await crawl({
      ...{database, dataDir, portal, baseUrl, now, observedOn},
      scopes: scopesOf(policy, portal.id),
      contact: undefined,
      hashKey: 'a test key of some length',
      isSynthetic: true,
      resume: known?.run_id,
      retry: {baseDelayMs: 20, maxAttempts: 6, maxPauseMs: 2000},
      fetchLimits: {deadlineMs: 15_000},
    });
  }
  say('parse');
  await parseStage([portal]).run(database, {now, dataDir});
  say('clean');
  await cleanStage.run(database, {now, dataDir});
  await database.close();
  const {user, system} = process.cpuUsage();
  say(JSON.stringify({cpuSeconds: (user + system) / 1e6}));
} catch (error) {
  if (!(error instanceof StorageError)) throw error;
  say(`${error.name}: ${error.message}`);
  process.exitCode = LOST_DATABASE;
}
