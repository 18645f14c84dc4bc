/** A crawl of the toy portal in a process of its own, to be killed: `tsx crawl-child.ts <databaseUrl> <dataDir> <baseUrl> <resume?>`. */
import {crawl} from '../../src/crawl/crawl.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {toyPortal, toyScope} from './toy-portal.ts';

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
});
await database.close();
