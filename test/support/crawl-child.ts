/**
 * A crawl of the toy portal in a process of its own, to be killed or to lose its database:
 * `tsx crawl-child.ts <databaseUrl> <dataDir> <baseUrl>`. Ends as the command would: message and exit code of the error.
 */
import {crawl} from '../../src/crawl/crawl.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {outliveClosedConnections} from '../../src/db/closed-connection.ts';
import {RaizError} from '../../src/domain/errors.ts';
import {toyPortal, toyScope} from './toy-portal.ts';

outliveClosedConnections(error => {
  console.error(error);
  process.exit(1);
});
const [databaseUrl = '', dataDir = '', baseUrl = ''] = process.argv.slice(2);
const database = await connectDatabase(databaseUrl);
await crawl({
  database,
  dataDir,
  portal: toyPortal,
  scopes: [toyScope('antioquia/bello'), toyScope('antioquia/itagui')],
  baseUrl,
  contact: undefined,
  hashKey: 'a test key of some length',
  now: () => new Date('2026-03-01T15:00:00Z'),
  isSynthetic: true,
  observedOn: '2026-03-01',
}).catch(error => {
  if (!(error instanceof RaizError)) throw error;
  process.stdout.write(`${error.name}: ${error.message}`);
  process.exitCode = error.exitCode;
});
await database.close();
