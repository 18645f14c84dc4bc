/** What portals and networks do wrong. Each test is a row of docs/faults.md, whose verdict it is held to. */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {parseStage} from '../../pipelines/parse/stage.ts';
import {recordReview} from '../../src/db/reviews.ts';
import {definePortal} from '../../src/portal/define-portal.ts';
import {type FaultBench, faultRows, faultsIn, ROOT} from '../support/fault-table.ts';
import {SELF_SIGNED} from '../support/self-signed.ts';
import {
  startToySite,
  TOY_HOME,
  type ToyAnswer,
  type ToySite,
  toyAnswer,
  toyHtml,
  toyListings,
  toyPortal,
} from '../support/toy-portal.ts';

const BELLO = 'antioquia/bello';
const FIRST = `/sale/house/${BELLO}`;

const fault = faultsIn('test/e2e/faults.test.ts');

/** The first of `pages` pages of Bello is well; what `answer` gives stands in for page 3. */
function breakPage3(site: ToySite, answer: (n: number) => ToyAnswer | undefined, pages = 5): void {
  site.places.set(BELLO, toyListings(10 * pages));
  site.fault = (path, n) => (path === `${FIRST}/pagina3` ? answer(n) : undefined);
}

const bodyOf = (site: ToySite, path: string) => String(toyAnswer(site, path).body);
const asked = (site: ToySite, path: string) => site.requests.filter(request => request === path).length;

async function outcomes({database}: FaultBench): Promise<Record<string, number>> {
  const rows = await database.sql<{outcome: string; n: number}[]>`
    select outcome, count(*)::int as n from raw.page group by 1`;
  return Object.fromEntries(rows.map(row => [row.outcome, row.n]));
}

function archivedText({dataDir}: FaultBench): string {
  const raw = join(dataDir, 'raw');
  const files = readdirSync(raw, {recursive: true, encoding: 'utf8'}).filter(name => name.endsWith('.gz'));
  return files.map(name => gunzipSync(readFileSync(join(raw, name))).toString('utf8')).join('\n');
}

/** Bytes by which the peak of this process's memory rises during `work`. */
async function peakRise(work: () => Promise<void>): Promise<number> {
  const before = process.resourceUsage().maxRSS;
  await work();
  return (process.resourceUsage().maxRSS - before) * 1024;
}

describe('refusals', () => {
  fault('429 with Retry-After in seconds', async bench => {
    breakPage3(bench.site, n => (n === 0 ? {status: 429, headers: {'retry-after': '1'}} : undefined));
    const {verdict} = await bench.crawl([BELLO]);
    expect(asked(bench.site, `${FIRST}/pagina3`)).toBe(2);
    return verdict;
  });

  fault('429 with Retry-After as a date', async bench => {
    breakPage3(bench.site, n => {
      // The server's clock is years behind ours: only its own two words count.
      const headers = {date: 'Sun, 01 Mar 2020 00:00:00 GMT', 'retry-after': 'Sun, 01 Mar 2020 00:00:01 GMT'};
      return n === 0 ? {status: 429, headers} : undefined;
    });
    const {verdict} = await bench.crawl([BELLO]);
    expect(asked(bench.site, `${FIRST}/pagina3`)).toBe(2);
    return verdict;
  });

  fault('429 with a Retry-After of an hour', async bench => {
    breakPage3(bench.site, () => ({status: 429, headers: {'retry-after': '3600'}}));
    const {verdict} = await bench.crawl([BELLO]);
    expect(asked(bench.site, `${FIRST}/pagina3`)).toBe(1);
    return verdict;
  });

  fault('a challenge page with status 200', async bench => {
    breakPage3(bench.site, () => ({body: '<title>Just a moment...</title>'}));
    const {verdict} = await bench.crawl([BELLO], {concurrency: 1});
    expect(asked(bench.site, `${FIRST}/pagina3`)).toBe(1);
    expect(asked(bench.site, `${FIRST}/pagina5`)).toBe(0);
    return verdict;
  });

  fault('a challenge page of Incapsula', async bench => {
    const body =
      '<html><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body><iframe id="main-iframe" ' +
      'src="/_Incapsula_Resource?x=1">Request unsuccessful. Incapsula incident ID: 1-2</iframe></body></html>';
    breakPage3(bench.site, () => ({body}));
    const {verdict} = await bench.crawl([BELLO], {concurrency: 1});
    expect(asked(bench.site, `${FIRST}/pagina3`)).toBe(1);
    expect(asked(bench.site, `${FIRST}/pagina5`)).toBe(0);
    return verdict;
  });

  fault('a challenge page with status 503', async bench => {
    const body = gzipSync('<html><title>Attention Required! | Shield</title>');
    breakPage3(bench.site, () => ({status: 503, body, headers: {'content-encoding': 'gzip'}}));
    const {verdict} = await bench.crawl([BELLO], {concurrency: 1});
    expect(asked(bench.site, `${FIRST}/pagina3`)).toBe(1);
    return verdict;
  });
});

describe('an ill server', () => {
  fault('a 503 storm that passes', async ({site, crawl}) => {
    site.places.set(BELLO, toyListings(200));
    site.fault = (path, n) => (path !== '/robots.txt' && n < 2 ? {status: 503, body: 'busy'} : undefined);
    return (await crawl([BELLO])).verdict;
  });

  fault('a 503 storm that stays', async ({site, crawl}) => {
    site.places.set(BELLO, toyListings(1000));
    site.fault = path => (path.includes('pagina') ? {status: 503, body: 'busy'} : undefined);
    const {verdict, scopes} = await crawl([BELLO], {concurrency: 1});
    expect(scopes[0]?.reason).toContain('left alone after 50 failed requests in a row');
    expect(site.requests.filter(path => path.includes('pagina'))).toHaveLength(50);
    return verdict;
  });

  fault('errors slow the pace down', async bench => {
    const {database, site, crawl} = bench;
    breakPage3(site, n => (n < 2 ? {status: 500} : undefined), 3);
    const {verdict, delayMs} = await crawl([BELLO], {delayMs: 20, concurrency: 1});
    const [row] = await database.sql`select delay_ms from ops.host_pace`;
    expect(delayMs).toBe(20);
    expect(row?.delay_ms).toBeGreaterThan(20);
    return verdict;
  });

  fault('a connection that is reset', async bench => {
    breakPage3(bench.site, n => (n === 0 ? {instead: 'reset'} : undefined));
    return (await bench.crawl([BELLO])).verdict;
  });

  fault('a server that never answers', async bench => {
    breakPage3(bench.site, () => ({instead: 'silence'}));
    const {verdict, scopes} = await bench.crawl([BELLO], {fetchLimits: {deadlineMs: 150}});
    expect(scopes[0]?.reason).toContain('no full answer within 150 ms');
    return verdict;
  });

  fault('a body in drips, without end', async bench => {
    breakPage3(bench.site, () => ({instead: 'drip'}));
    const {verdict} = await bench.crawl([BELLO], {fetchLimits: {deadlineMs: 150}});
    expect(await outcomes(bench)).toEqual({ok: 4, error: 1});
    return verdict;
  });
});

describe('pages that are not there', () => {
  fault('404 and 410 of adverts', async bench => {
    const {database, dataDir, site, crawl} = bench;
    site.places.set(BELLO, toyListings(12));
    await crawl([BELLO]);
    await parseStage([toyPortal]).run(database, {now: () => new Date('2026-03-01T16:00:00Z'), dataDir});
    site.places.set(BELLO, toyListings(10));
    site.fault = path => (path === '/inmueble/11' ? {status: 410} : undefined);
    const {verdict} = await crawl([BELLO]);
    const gone = await database.sql`select reason from raw.page where outcome = 'gone' order by url`;
    expect(gone.map(row => row.reason)).toEqual(['HTTP 410', 'HTTP 404']);
    return verdict;
  });

  fault('404 of a search page', async bench => {
    breakPage3(bench.site, () => ({status: 404, body: 'nothing'}));
    const {verdict} = await bench.crawl([BELLO]);
    expect(asked(bench.site, `${FIRST}/pagina3`)).toBe(1);
    return verdict;
  });

  fault('an empty answer with status 200', async bench => {
    breakPage3(bench.site, () => ({body: ''}));
    const {verdict} = await bench.crawl([BELLO]);
    expect(await outcomes(bench)).toEqual({ok: 4, error: 1});
    return verdict;
  });
});

describe('pages that are cut short', () => {
  const zipped = (site: ToySite) => gzipSync(bodyOf(site, `${FIRST}/pagina3`));
  const gzip = {'content-encoding': 'gzip'};

  fault('gzip cut short, once', async bench => {
    const {site} = bench;
    breakPage3(site, n => (n === 0 ? {body: zipped(site).subarray(0, -20), headers: gzip} : undefined));
    return (await bench.crawl([BELLO])).verdict;
  });

  fault('gzip cut short, every time', async bench => {
    const {site} = bench;
    breakPage3(site, () => ({body: zipped(site).subarray(0, -20), headers: gzip}));
    const {verdict} = await bench.crawl([BELLO]);
    expect(await outcomes(bench)).toEqual({ok: 4, error: 1});
    return verdict;
  });

  fault('a body shorter than its Content-Length', async bench => {
    const {site} = bench;
    breakPage3(site, () => {
      const body = bodyOf(site, `${FIRST}/pagina3`);
      return {body, headers: {'content-length': String(body.length)}, cutAt: body.length - 30};
    });
    const {verdict} = await bench.crawl([BELLO]);
    expect(await outcomes(bench)).toEqual({ok: 4, error: 1});
    return verdict;
  });

  fault('a page cut short that looks whole to HTTP', async bench => {
    const {site} = bench;
    breakPage3(site, () => ({body: bodyOf(site, `${FIRST}/pagina3`).slice(0, -60)}));
    const {verdict} = await bench.crawl([BELLO]);
    expect(await outcomes(bench)).toEqual({ok: 4, error: 1});
    return verdict;
  });
});

describe('pages that are too large', () => {
  fault('a page of 50 MB', async bench => {
    breakPage3(bench.site, () => ({bytes: 50e6}));
    let verdict: string | null = null;
    const rise = await peakRise(async () => {
      ({verdict} = await bench.crawl([BELLO]));
    });
    expect(bench.site.bytesSent).toBeLessThan(30e6);
    expect(rise).toBeLessThan(150e6);
    return verdict;
  });

  fault('gzip bombs of 1 GB', async bench => {
    // Gzip members in a row are one stream: 100 of 10 MB.
    const member = gzipSync(Buffer.alloc(10e6));
    const body = Buffer.concat(Array.from({length: 100}, () => member));
    bench.site.places.set(BELLO, toyListings(100));
    bench.site.fault = path =>
      path.includes('pagina') ? {body, headers: {'content-encoding': 'gzip'}} : undefined;
    let verdict: string | null = null;
    const rise = await peakRise(async () => {
      ({verdict} = await bench.crawl([BELLO]));
    });
    expect(await outcomes(bench)).toEqual({ok: 1, error: 9});
    expect(rise).toBeLessThan(400e6);
    return verdict;
  });
});

describe('redirects', () => {
  fault('redirects in a circle', async bench => {
    breakPage3(bench.site, () => ({status: 302, headers: {location: `${FIRST}/pagina3`}}));
    const {verdict} = await bench.crawl([BELLO]);
    expect(asked(bench.site, `${FIRST}/pagina3`)).toBe(6);
    return verdict;
  });

  fault('a redirect to another host', async bench => {
    const other = await startToySite();
    breakPage3(bench.site, () => ({status: 302, headers: {location: `${other.baseUrl}/elsewhere`}}));
    const {verdict} = await bench.crawl([BELLO]);
    await other.close();
    expect(other.requests).toEqual([]);
    return verdict;
  });
});

describe('charsets', () => {
  const spanish = (site: ToySite, path: string) => bodyOf(site, path).replace('Toy', 'Itagüí');

  fault('UTF-8 that is called ISO-8859-1', async bench => {
    const {site} = bench;
    breakPage3(site, () => ({
      body: Buffer.from(spanish(site, `${FIRST}/pagina3`)),
      headers: {'content-type': 'text/html; charset=ISO-8859-1'},
    }));
    const {verdict} = await bench.crawl([BELLO]);
    expect(archivedText(bench)).toContain('"Itagüí"');
    return verdict;
  });

  fault('ISO-8859-1 that names no charset', async bench => {
    const {site} = bench;
    breakPage3(site, () => ({
      body: Buffer.from(spanish(site, `${FIRST}/pagina3`), 'latin1'),
      headers: {'content-type': 'text/html'},
    }));
    const {verdict} = await bench.crawl([BELLO]);
    expect(archivedText(bench)).toContain('"Itagüí"');
    return verdict;
  });
});

describe('names, certificates and robots.txt', () => {
  fault(
    'a certificate nobody vouches for',
    async bench => {
      bench.site.places.set(BELLO, toyListings(10));
      const {verdict, robots} = await bench.crawl([BELLO]);
      expect(robots).toContain('self-signed certificate');
      expect(bench.site.requests).toEqual([]);
      return verdict;
    },
    {tls: SELF_SIGNED},
  );

  fault('a name that does not resolve', async ({database, crawl}) => {
    // A label of 64 letters is refused by the resolver of the machine: no query leaves it.
    const homepage = `https://${'a'.repeat(64)}.example`;
    const portal = definePortal({
      ...toyPortal,
      homepage,
      seeds: scope => [{kind: 'search', url: `${homepage}/sale/house/${scope.place}`}],
    });
    const review = {portal: 'toy', reviewedBy: 'A person', mayRelease: false, maySell: false, note: 'read'};
    await recordReview(database.orm, {...review, reviewedOn: '2026-02-20', mayCrawl: true});
    const {verdict, robots} = await crawl([BELLO], {portal, baseUrl: undefined, contact: 'a@example.com'});
    expect(robots).toContain('ENOTFOUND');
    return verdict;
  });

  fault('robots.txt answers 503', async ({site, crawl}) => {
    site.fault = () => ({status: 503});
    const {verdict} = await crawl([BELLO]);
    expect(site.requests).toEqual(['/robots.txt']);
    return verdict;
  });

  fault('robots.txt never answers', async ({site, crawl}) => {
    site.fault = () => ({instead: 'silence'});
    const {verdict, robots} = await crawl([BELLO], {fetchLimits: {robotsDeadlineMs: 100}});
    expect(robots).toContain('nothing may be requested until it can be read');
    expect(site.requests).toEqual(['/robots.txt']);
    return verdict;
  });
});

describe('searches that lead astray', () => {
  /** Each page names the page after it, and the first page again; so does the toy portal's own first page. */
  const chained = (announces: boolean) =>
    definePortal({
      ...toyPortal,
      parseSearch: page => {
        const reading = toyPortal.parseSearch(page);
        const n = Number(/pagina(\d+)$/.exec(page.ref.url)?.[1] ?? 1);
        const base = `${TOY_HOME}${FIRST}`;
        return {
          ...reading,
          announcedTotal: announces ? reading.announcedTotal : null,
          nextPages: [base, `${base}/pagina${n + 1}`].map(url => ({kind: 'search' as const, url})),
        };
      },
    });

  fault('the same address under many links', async ({database, site, crawl}) => {
    site.places.set(BELLO, toyListings(30));
    const portal = definePortal({
      ...toyPortal,
      parseSearch: page => {
        const reading = toyPortal.parseSearch(page);
        const all = [2, 3, 3, 2].map(n => ({kind: 'search' as const, url: `${TOY_HOME}${FIRST}/pagina${n}`}));
        return {...reading, nextPages: [...all, page.ref, ...all]};
      },
    });
    const {verdict} = await crawl([BELLO], {portal});
    expect(site.requests).toHaveLength(4);
    const [row] = await database.sql`select count(*)::int as n from raw.frontier`;
    expect(row?.n).toBe(3);
    return verdict;
  });

  fault('an endless calendar', async ({site, crawl}) => {
    site.fault = path => {
      if (path === '/robots.txt') return undefined;
      const page = Number(/pagina(\d+)$/.exec(path)?.[1] ?? 1);
      const listings = toyListings(10, 10 * page);
      return {body: toyHtml({place: BELLO, page, lastPage: page + 1, total: 1e6, listings})};
    };
    const {verdict} = await crawl([BELLO], {portal: chained(true), limits: {maxPages: 25}});
    expect(site.requests.filter(path => path !== '/robots.txt')).toHaveLength(25);
    return verdict;
  });

  /** Adverts move back by five between the first page and the pages of `shifted`. */
  function shiftPages(site: ToySite, shifted: readonly number[]): void {
    const all = toyListings(100);
    site.places.set(BELLO, all);
    site.fault = path => {
      const page = Number(/pagina(\d+)$/.exec(path)?.[1] ?? 1);
      const start = (page - 1) * 10 - 5;
      if (!shifted.includes(page)) return undefined;
      const listings = all.slice(start, start + 10);
      return {body: toyHtml({place: BELLO, page, lastPage: 10, total: 100, listings})};
    };
  }

  fault('adverts that move a little between pages', async bench => {
    const {database, dataDir, site, crawl} = bench;
    shiftPages(site, [4]);
    const {verdict, scopes} = await crawl([BELLO]);
    expect(scopes[0]).toMatchObject({listingsSeen: 95});
    await parseStage([toyPortal]).run(database, {now: () => new Date('2026-03-01T16:00:00Z'), dataDir});
    const [row] = await database.sql`select count(*)::int as n from raw.sighting`;
    expect(row?.n).toBe(95);
    return verdict;
  });

  fault('adverts that move a lot between pages', async ({site, crawl}) => {
    shiftPages(site, [3, 6, 9]);
    const {verdict, scopes} = await crawl([BELLO]);
    expect(scopes[0]?.reason).toBe('saw 85 of 100 announced (85.0 %)');
    return verdict;
  });

  function repeatFirstPage(site: ToySite): void {
    site.places.set(BELLO, toyListings(50));
    site.fault = path => (path.includes('pagina') ? toyAnswer(site, FIRST) : undefined);
  }

  fault('every page repeats the first', async ({site, crawl}) => {
    repeatFirstPage(site);
    const {verdict, scopes} = await crawl([BELLO]);
    expect(scopes[0]).toMatchObject({listingsSeen: 10, announcedTotal: 50});
    return verdict;
  });

  fault('every page repeats the first, and no total is announced', async ({site, crawl}) => {
    repeatFirstPage(site);
    const {verdict, scopes} = await crawl([BELLO], {portal: chained(false)});
    expect(scopes[0]?.reason).toContain('1 pages repeat listings of earlier ones');
    // The page after the first repeated one is not asked for.
    expect(site.requests).toEqual(['/robots.txt', FIRST, `${FIRST}/pagina2`]);
    return verdict;
  });
});

describe('the table', () => {
  test('every row names a test that exists, and every fault test has one row', () => {
    const rows = faultRows();
    for (const {file, title} of rows) {
      expect(readFileSync(join(ROOT, file), 'utf8'), `${file} › ${title}`).toMatch(
        new RegExp(`(fault|test)\\(\\s*["']${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}["']`),
      );
    }
    const titles = rows.map(({file, title}) => `${file} › ${title}`);
    expect(new Set(titles).size).toBe(rows.length);
  });
});
