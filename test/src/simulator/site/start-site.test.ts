import {gunzipSync} from 'node:zlib';
import {request} from 'undici';
import {afterEach, describe, expect, it} from 'vitest';
import {createMarket} from '../../../../src/simulator/market/market.ts';
import {
  anyFault,
  challenged,
  incompletePages,
  repeatedFirstPage,
  throttled,
} from '../../../../src/simulator/site/faults.ts';
import {listingPath, SITEMAP_INDEX_PATH, sitemapPath} from '../../../../src/simulator/site/paths.ts';
import {type Site, type SiteOptions, startSite} from '../../../../src/simulator/site/start-site.ts';

const market = createMarket({seed: 'site', days: 4, startOn: '2026-09-01', size: 400});
const {truth} = market;
const SEARCH = '/venta/apartamentos/medellin/antioquia';

const open: Site[] = [];
async function start(options: Partial<SiteOptions> = {}): Promise<Site> {
  const site = await startSite(market, {day: 0, ...options});
  open.push(site);
  return site;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map(site => site.close()));
});

describe('startSite', () => {
  it('listens on loopback only, marks every answer and logs it', async () => {
    const site = await start();
    expect(site.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await fetch(`${site.baseUrl}${SEARCH}?pagina=2`, {headers: {'user-agent': 'Raiz/test'}});
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-raiz-simulated')).toBe('SIMULADO');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await answer.text()).toBe(await (await fetch(site.baseUrl + SEARCH)).text());
    expect(site.requests).toHaveLength(2);
    expect(site.requests[0]).toMatchObject({
      path: SEARCH,
      status: 200,
      day: 0,
      userAgent: 'Raiz/test',
      method: 'GET',
    });
    expect((await fetch(`${site.baseUrl}/robots.txt`)).headers.get('x-raiz-simulated')).toBe('SIMULADO');
  });

  it('compresses when the client accepts it', async () => {
    const site = await start();
    const plain = await request(site.baseUrl + SEARCH);
    const zipped = await request(site.baseUrl + SEARCH, {headers: {'accept-encoding': 'br, gzip'}});
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(zipped.headers['content-encoding']).toBe('gzip');
    const text = await plain.body.text();
    expect(gunzipSync(Buffer.from(await zipped.body.arrayBuffer())).toString()).toBe(text);
  });

  it('shows another day when told, and no day outside the market', async () => {
    const site = await start();
    const gone = truth.adverts.find(
      advert => truth.isOnline(advert, 0) && !truth.isOnline(advert, 3) && advert.id % 5 !== 0,
    )!;
    const url = site.baseUrl + listingPath(gone);
    expect(await (await fetch(url)).text()).toContain('"page":"/propSingle"');
    site.setDay(3);
    expect(await (await fetch(url)).text()).toContain('no está disponible');
    expect(site.day).toBe(3);
    expect(() => site.setDay(4)).toThrow(/0–3/);
    await expect(startSite(market, {day: -1})).rejects.toThrow(RangeError);
  });

  it('serves robots.txt and sitemaps that name the live adverts', async () => {
    const site = await start({day: 3});
    const robots = await (await fetch(`${site.baseUrl}/robots.txt`)).text();
    expect(robots).toContain('User-agent: *\nDisallow: /venta/*-y-*\nDisallow: /arriendo/*-y-*');
    expect(robots).toContain('User-agent: AhrefsBot\nDisallow: /');
    expect(robots).not.toMatch(/crawl-delay/i);
    const index = await (await fetch(site.baseUrl + SITEMAP_INDEX_PATH)).text();
    const path = sitemapPath('rent', 'apartment');
    expect(path).toBe('/cde-sitemap-listings-apartamento-en-alquiler-antioquia.xml');
    expect(index).toContain(`https://www.fincaraiz.com.co${path}`);
    const sitemap = await (await fetch(site.baseUrl + path)).text();
    const live = truth.advertsOfScope(3, {operation: 'rent', propertyType: 'apartment', place: 'antioquia'});
    expect(live.length).toBeGreaterThan(20);
    for (const advert of live) {
      const {updatedOn} = truth.revisionOn(advert, 3);
      expect(sitemap).toContain(
        `<loc>https://www.fincaraiz.com.co${listingPath(advert)}</loc><lastmod>${updatedOn}</lastmod>`,
      );
    }
  });

  it('answers 404 to paths that are none of the portal’s, even badly encoded ones', async () => {
    const site = await start();
    for (const path of ['/nada', '/%zz', '/%ff', '/cde-sitemap-listings-castillos-en-venta-antioquia.xml']) {
      expect((await fetch(site.baseUrl + path)).status).toBe(404);
    }
  });

  it('renders a whole day ahead', async () => {
    const site = await start();
    expect(site.renderAll()).toBeGreaterThan(truth.liveAdverts(0).length);
  });
});

describe('faults', () => {
  it('break a day’s walk off, in some searches', async () => {
    const site = await start({day: 1, faults: incompletePages({day: 1, fromPage: 2, paths: [SEARCH]})});
    const statusOf = async (path: string): Promise<number> => (await fetch(site.baseUrl + path)).status;
    expect(await statusOf(SEARCH)).toBe(200);
    expect(await statusOf(`${SEARCH}/pagina2`)).toBe(503);
    expect(await statusOf('/arriendo/apartamentos/medellin/antioquia/pagina2')).toBe(200);
    site.setDay(2);
    expect(await statusOf(`${SEARCH}/pagina2`)).toBe(200);
  });

  it('repeat the first page', async () => {
    const site = await start({faults: repeatedFirstPage({fromPage: 3})});
    const textOf = async (path: string): Promise<string> => (await fetch(site.baseUrl + path)).text();
    expect(await textOf(`${SEARCH}/pagina3`)).toBe(await textOf(SEARCH));
    expect(await textOf(`${SEARCH}/pagina2`)).not.toBe(await textOf(SEARCH));
  });

  it('throttle each path, then give in; challenge after a while', async () => {
    const site = await start({
      faults: anyFault(challenged({afterRequests: 3}), throttled({times: 1, retryAfterSeconds: 7})),
    });
    const first = await fetch(site.baseUrl + SEARCH);
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await fetch(site.baseUrl + SEARCH)).status).toBe(200);
    await fetch(site.baseUrl + SEARCH);
    const last = await fetch(site.baseUrl + SEARCH);
    expect(last.status).toBe(403);
    expect(await last.text()).toContain('Just a moment…');
  });

  it('kill the connection in mid-body', async () => {
    const site = await start({faults: () => ({kind: 'drop', afterBytes: 1000})});
    await expect(fetch(site.baseUrl + SEARCH).then(answer => answer.text())).rejects.toThrow();
    expect(site.requests.map(({status}) => status)).toEqual([0]);
  });

  it('delay single answers', async () => {
    const site = await start({
      faults: ({earlier}) => (earlier === 0 ? {kind: 'delay', delayMs: 60} : undefined),
    });
    const order: string[] = [];
    const slow = fetch(site.baseUrl + SEARCH).then(() => order.push('slow'));
    while (site.requests.length === 0 && order.length === 0) {
      await fetch(`${site.baseUrl}/robots.txt`).then(() => order.push('quick'));
    }
    await slow;
    expect(order).toContain('slow');
  });
});
