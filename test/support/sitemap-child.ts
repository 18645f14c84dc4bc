/** A crawl by sitemaps in a process of its own, to be killed: `tsx sitemap-child.ts <databaseUrl> <dataDir> <baseUrl>`. */
import ciencuadras from '../../scrapers/ciencuadras.ts';
import {crawl} from '../../src/crawl/crawl.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {siteScope} from './ciencuadras-site.ts';

const [databaseUrl = '', dataDir = '', baseUrl = ''] = process.argv.slice(2);
const database = await connectDatabase(databaseUrl);
await crawl({
  ...{database, dataDir, baseUrl, portal: ciencuadras},
  scopes: [siteScope('bello'), siteScope('itagui')],
  contact: undefined,
  hashKey: 'a test key of some length',
  now: () => new Date('2026-05-02T15:00:00Z'),
  isSynthetic: true,
  observedOn: '2026-05-02',
});
await database.close();
