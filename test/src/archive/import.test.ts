import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {cleanStage} from '../../../pipelines/clean/stage.ts';
import {parseStage} from '../../../pipelines/parse/stage.ts';
import {type ArchiveImportSettings, importArchive} from '../../../src/archive/import.ts';
import {verifyFiles} from '../../../src/archive/verify.ts';
import {crawl} from '../../../src/crawl/crawl.ts';
import type {Database} from '../../../src/db/client.ts';
import {withAdvisoryLock} from '../../../src/db/locks.ts';
import {ConfigError, LockHeldError} from '../../../src/domain/errors.ts';
import {definePortal} from '../../../src/portal/define-portal.ts';
import {testDatabase} from '../../support/database.ts';
import {chunked, packedWarc, warcRecord, warcResponse} from '../../support/foreign-warc.ts';
import {
  startToySite,
  TOY_HOME,
  type ToyListing,
  toyHtml,
  toyListings,
  toyPortal,
  toyScope,
} from '../../support/toy-portal.ts';

const NOW = new Date('2026-11-20T15:00:00Z');
const HASH_KEY = 'a test key of some length';
const PLACE = 'antioquia/bello';

/** The toy portal, whose addresses of searches tell what they search. */
const portal = definePortal({
  ...toyPortal,
  searchOf: url => {
    const [, operation, type] = /\/(sale|rent)\/(house|apartment)\//.exec(url) ?? [];
    return operation === undefined
      ? undefined
      : {
          operation: operation === 'sale' ? 'sale' : 'rent',
          propertyType: type === 'house' ? 'house' : 'apartment',
        };
  },
});

let database: Database;
let dataDir: string;
beforeEach(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'raiz-archive-import-'));
});
afterEach(async () => {
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

function write(name: string, bytes: Buffer | string): string {
  const path = join(dataDir, name);
  writeFileSync(path, bytes);
  return path;
}

const importFile = (path: string, more: Partial<ArchiveImportSettings> = {}) =>
  importArchive(path, {
    ...{database, dataDir, portal, hashKey: HASH_KEY, now: NOW, isSynthetic: false},
    ...more,
  });

const html = (listings: ToyListing[], place = PLACE, notice = '') =>
  toyHtml({place, page: 1, lastPage: 1, total: listings.length, listings}, notice);
const listingUrl = (id: number) => `${TOY_HOME}/inmueble/${id}`;
const searchUrl = `${TOY_HOME}/sale/house/${PLACE}`;
const response = (id: number, listing: Partial<ToyListing>, date: string) =>
  warcResponse(listingUrl(id), html([{id, price: 1000, areaM2: 80, phone: '3001234567', ...listing}]), {
    date,
  });

const storedFiles = () =>
  existsSync(join(dataDir, 'raw'))
    ? readdirSync(join(dataDir, 'raw'), {recursive: true, encoding: 'utf8'}).filter(name =>
        name.endsWith('.gz'),
      )
    : [];
const runs = () =>
  database.sql<{day: string; kind: string; verdict: string; pages: number}[]>`
    select r.observed_on::text as day, r.kind, r.verdict, count(p.page_id)::int as pages
    from ops.run r join ops.run_scope s using (run_id) left join raw.page p using (run_scope_id)
    group by r.run_id order by r.observed_on`;
const stage = async () => {
  await parseStage([portal]).run(database, {now: () => NOW, dataDir});
  await cleanStage.run(database, {now: () => NOW, dataDir});
};

describe('what a file may hold', () => {
  test('codings, charsets and addresses: every page arrives as it was', async () => {
    const body = Buffer.from(html([{id: 1, price: 5}]));
    const latin = Buffer.from(html([{id: 2, price: 5}]).replace('Toy', 'Itag\xfc\xed'), 'latin1');
    const path = write(
      'common-crawl.warc.gz',
      packedWarc([
        warcRecord({type: 'warcinfo', contentType: 'application/warc-fields', block: 'software: Nutch\r\n'}),
        warcRecord({type: 'request', url: listingUrl(1), block: 'GET / HTTP/1.1\r\n\r\n'}),
        warcResponse(listingUrl(1), chunked(gzipSync(body), 100), {
          http: {'Content-Type': 'text/html', 'Content-Encoding': 'gzip', 'Transfer-Encoding': 'chunked'},
        }),
        warcResponse(`http://toy.example/inmueble/2`, latin, {
          http: {'content-type': 'text/html; charset=ISO-8859-1'},
        }),
        // Unpacked by the crawler, which kept the header.
        warcResponse(listingUrl(3), html([{id: 3, price: 5}]), {http: {'Content-Encoding': 'gzip'}}),
        warcResponse(listingUrl(4), gzipSync(body).subarray(0, 60), {http: {'Content-Encoding': 'gzip'}}),
        warcResponse(searchUrl, html(toyListings(3, 50))),
        warcResponse(`${TOY_HOME}/sale/house/colombia`, html([], 'colombia')),
        warcResponse(`${TOY_HOME}/nosotros`, '<html>Llame a Ana 3001234567</html>'),
        warcResponse('https://www.other.example/inmueble/9', html([{id: 9, price: 5}])),
        warcResponse(listingUrl(5), 'moved', {status: 301}),
        warcResponse(listingUrl(6), 'nothing', {status: 404}),
        warcResponse(listingUrl(7), html([{id: 7, price: 5}]), {date: '2027-01-01T00:00:00Z'}),
        warcResponse(listingUrl(8), html([{id: 8, price: 5}]), {date: 'yesterday'}),
        warcRecord({type: 'revisit', url: listingUrl(1), block: ''}),
        warcRecord({
          type: 'metadata',
          url: listingUrl(1),
          contentType: 'application/warc-fields',
          block: 'a: b\r\n',
        }),
      ]),
    );
    const report = await importFile(path);
    expect(report).toMatchObject({
      ...{records: 16, stored: {ok: 4}, known: 0},
      skipped: {
        ...{warcinfo: 1, request: 1, revisit: 1, metadata: 1, other_site: 1, undecodable: 1, undated: 1},
        ...{unknown_address: 1, http_301: 1, http_404: 1, dated_in_the_future: 1, scope_unknown: 1},
      },
      days: [{observedOn: '2023-03-20', pages: 4, listings: 6}],
    });
    const pages = await database.sql<{url: string; title: string; kind: string}[]>`
      select url, kind, fetched_at::text from raw.page order by url`;
    expect(pages.map(({url}) => url)).toEqual([listingUrl(1), listingUrl(2), listingUrl(3), searchUrl]);
    const [file] = storedFiles();
    expect(gunzipSync(readFileSync(join(dataDir, 'raw', file!))).toString()).toContain('"title":"Itagüí"');
    expect(await verifyFiles(database.orm, {dataDir})).toMatchObject({pages: 4, problems: [], notes: []});
  });

  test('plain WARC files are read as gzipped ones', async () => {
    const path = write('plain.warc', Buffer.concat([response(1, {}, '2023-01-02T00:00:00Z')]));
    expect((await importFile(path)).stored).toEqual({ok: 1});
  });

  test('a page that the portal file cannot read leaves its status, size and digest, and a counted reason', async () => {
    const old = '<html><body><div class="titulo">Casa de Ana, llame 3001234567</div></body></html>';
    const report = await importFile(write('old.warc.gz', packedWarc([warcResponse(listingUrl(1), old)])));
    expect(report.stored).toEqual({page_misshapen: 1});
    const [page] =
      await database.sql`select outcome, reason, status, bytes_received, file, content_sha256 from raw.page`;
    expect(page).toMatchObject({outcome: 'error', reason: 'the page has no state', status: 200, file: null});
    expect(page).toMatchObject({
      bytes_received: old.length,
      content_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(storedFiles()).toEqual([]);
    const [issue] = await database.sql`select code, occurrences from ops.issue`;
    expect(issue).toEqual({code: 'page_misshapen', occurrences: 1});
    await stage();
    expect((await importFile(join(dataDir, 'old.warc.gz'))).known).toBe(1);
  });

  test('personal data reaches neither disk nor database', async () => {
    const note = 'Llamar a 300 123 45 67 o ana.perez@gmail.com';
    const page = html([{id: 1, price: 5, phone: '3001234567', ...{texto: note}}]);
    const path = write('personal.warc', warcResponse(`${listingUrl(1)}?email=ana.perez@gmail.com`, page));
    // The address carries a parameter: the listing is still told apart, the parameter is not kept.
    const aware = definePortal({...portal, identify: url => toyPortal.identify(url.replace(/\?.*/, ''))});
    expect((await importFile(path, {portal: aware})).stored).toEqual({ok: 1});
    const [file] = storedFiles();
    const kept = gunzipSync(readFileSync(join(dataDir, 'raw', file!))).toString();
    const rows = JSON.stringify(await database.sql`select p::text, r::text from raw.page p, ops.run r`);
    for (const text of [kept, rows]) {
      expect(text).toContain('/inmueble/1');
      expect(text).not.toMatch(/ana\.perez|3001234567|300 123/);
    }
    expect(kept).toContain('[TEL]');
  });
});

describe('history', () => {
  const old = packedWarc([
    response(1, {price: 100}, '2023-01-02T00:00:00Z'),
    response(1, {price: 200}, '2023-01-05T00:00:00Z'),
    response(2, {price: 300}, '2023-01-05T00:00:00Z'),
  ]);

  async function crawlToday(price: number) {
    const site = await startToySite();
    site.places.set(PLACE, [{id: 1, price, areaM2: 80}]);
    await crawl({
      ...{database, dataDir, portal, scopes: [toyScope(PLACE)], baseUrl: site.baseUrl, contact: undefined},
      ...{hashKey: HASH_KEY, now: () => NOW, isSynthetic: false, observedOn: '2026-11-20'},
    });
    await site.close();
  }

  const histories = async () => ({
    prices: await database.sql`
      select listing_id, price_stated, valid_from, valid_to from core.listing_price order by listing_id, valid_from`,
    spells: await database.sql`
      select listing_id, started_at, ended_at, ended_reason from core.listing_spell order by listing_id, started_at`,
    statuses: await database.sql`select listing_id, status from core.listing order by listing_id`,
  });

  test('older pages come before newer ones, whenever they arrive, and close nothing that was seen later', async () => {
    await importFile(write('old.warc.gz', old));
    await crawlToday(400);
    await stage();
    const inOrder = await histories();
    await database.close();
    database = await testDatabase();
    rmSync(join(dataDir, 'raw'), {recursive: true});
    await crawlToday(400);
    await stage();
    expect((await importFile(join(dataDir, 'old.warc.gz'))).stored).toEqual({ok: 3});
    await stage();
    const late = await histories();
    expect(late).toEqual(inOrder);
    expect(late.prices.map(({listing_id: id, price_stated: price}) => [id, price])).toEqual([
      ['toy:id:1', 100],
      ['toy:id:1', 200],
      ['toy:id:1', 400],
      ['toy:id:2', 300],
    ]);
    expect(late.spells.map(({ended_reason: reason}) => reason)).toEqual(
      expect.not.arrayContaining(['withdrawn', 'gone']),
    );
    expect(late.statuses[0]).toMatchObject({status: 'active'});
    const days = await runs();
    expect(days.filter(({kind}) => kind === 'import')).toEqual([
      {day: '2023-01-01', kind: 'import', verdict: 'incomplete', pages: 1},
      {day: '2023-01-04', kind: 'import', verdict: 'incomplete', pages: 2},
    ]);
    const kinds = await database.sql`select distinct source_kind as kind from raw.observation order by 1`;
    expect(kinds.map(({kind}) => kind)).toEqual(['crawl', 'import']);
  });

  test('again, in part and side by side: known already', async () => {
    const path = write('old.warc.gz', old);
    await importFile(path);
    const files = storedFiles();
    expect(await importFile(path)).toMatchObject({stored: {}, known: 3, days: []});
    const more = packedWarc([
      response(2, {price: 300}, '2023-01-05T00:00:00Z'),
      response(2, {price: 300}, '2023-01-06T00:00:00Z'),
      response(2, {price: 300}, '2023-01-06T00:00:00Z'),
    ]);
    expect(await importFile(write('more.warc.gz', more))).toMatchObject({stored: {ok: 1}, known: 2});
    expect(storedFiles()).toHaveLength(files.length + 1);
    await withAdvisoryLock(database, 'archive-import:toy', () =>
      expect(importFile(path)).rejects.toThrow(LockHeldError),
    );
  });

  test('a page that says the advert is gone ends its spell at its own date', async () => {
    const gone = warcResponse(listingUrl(1), html([], '', 'no está disponible'), {
      date: '2023-01-09T00:00:00Z',
    });
    await importFile(write('gone.warc.gz', Buffer.concat([old, packedWarc([gone])])));
    await stage();
    const [spell] = await database.sql`
      select ended_reason as reason, ended_at::text as at from core.listing_spell where listing_id = 'toy:id:1'`;
    expect(spell).toMatchObject({reason: 'gone'});
    expect(new Date(String(spell?.at)).toISOString()).toBe('2023-01-09T00:00:00.000Z');
  });

  test('a dry run counts and stores nothing', async () => {
    const report = await importFile(write('old.warc.gz', old), {dryRun: true});
    expect(report).toMatchObject({stored: {ok: 3}, days: [{pages: 1}, {pages: 2}]});
    expect([await runs(), storedFiles()].map(rows => rows.length)).toEqual([0, 0]);
  });
});

describe('files that are none', () => {
  const good = packedWarc(
    Array.from({length: 200}, (_, n) => response(n + 1, {price: n + 5}, '2023-01-02T00:00:00Z')),
  );
  const plain = Buffer.concat(Array.from({length: 5}, (_, n) => response(n + 1, {}, '2023-01-02T00:00:00Z')));
  const damaged = Buffer.from(good);
  damaged.fill(0x55, damaged.length - 400, damaged.length - 300);
  const cases: readonly (readonly [string, Buffer | string, RegExp])[] = [
    ['empty.warc.gz', '', /is empty/],
    ['page.warc', '<!doctype html><html>Casa</html>', /is no WARC file/],
    ['page.warc.gz', gzipSync('<!doctype html><html>Casa</html>'), /is no WARC file/],
    ['noise.warc.gz', Buffer.alloc(5000, 7), /is no WARC file/],
    ['cut.warc.gz', good.subarray(0, good.length - 100), /cut short or damaged/],
    ['damaged.warc.gz', damaged, /cut short or damaged/],
    ['cut.warc', plain.subarray(0, plain.length - 60), /cut short: its last record/],
    ['skipped-cut.warc', warcRecord({type: 'request', block: 'x'.repeat(500)}).subarray(0, 400), /cut short/],
    [
      'headless.warc',
      Buffer.concat([Buffer.from('WARC/1.0\r\n'), Buffer.alloc(9_000_000, 65)]),
      /is no WARC file/,
    ],
    [
      'other.warc',
      warcResponse('https://www.other.example/x', 'x'),
      /none of its 1 records is a page of https/,
    ],
  ];
  test.each(cases)('%s', async (name, bytes, message) => {
    const path = write(name, bytes);
    await expect(importFile(path)).rejects.toThrow(ConfigError);
    await expect(importFile(path)).rejects.toThrow(message);
    expect(await runs()).toHaveLength(0);
    expect(storedFiles()).toEqual([]);
  });

  test('a file that is not there', async () => {
    await expect(importFile(join(dataDir, 'none.warc'))).rejects.toThrow(/can't be read \(ENOENT\)/);
  });
});
