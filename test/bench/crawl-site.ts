/**
 * Serves pre-rendered search pages of the simulated portal in a process of its own:
 * `tsx crawl-site.ts <pages> <bytes> <listings a page>`; prints its address.
 *
 * The pages are those of searches of 50 pages each; every page has its number and its own listing ids, so that nothing
 * can be left out.
 */
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {gzipSync} from 'node:zlib';
import type {JsonValue} from '../../src/domain/page.ts';
import {createMarket, DEMO_MARKET} from '../../src/simulator/market/market.ts';
import {SitePages} from '../../src/simulator/site/pages.ts';
import {PAGES_A_SEARCH, searchPaths} from './crawl-searches.ts';

/** Its listings stand on the pages of all searches. */
const RICH_SEARCH = '/venta/apartamentos/medellin/antioquia';

const OPEN = '<script id="__NEXT_DATA__" type="application/json">';

interface Template {
  readonly before: string;
  readonly after: string;
  readonly state: {
    props: {
      pageProps: {
        fetchResult: {
          searchFast: {data: {[key: string]: JsonValue}[]; paginatorInfo: {[key: string]: JsonValue}};
        };
        apolloState: {[key: string]: JsonValue};
      };
    };
  };
}

const site = new SitePages(createMarket(DEMO_MARKET), {});

function readTemplate(path: string): Template {
  const html = site.answer(path, 0).body.toString('utf8');
  const id = html.indexOf('__NEXT_DATA__');
  const start = html.indexOf('>', id) + 1;
  const end = html.indexOf('</script', start);
  return {
    before: html.slice(0, html.lastIndexOf('<script', id)) + OPEN,
    after: html.slice(end),
    state: JSON.parse(html.slice(start, end)),
  };
}

const [pages = 1000, bytes = 97_000, listings = 12] = process.argv.slice(2).map(Number);
const searches = searchPaths(pages);
const {data} = readTemplate(RICH_SEARCH).state.props.pageProps.fetchResult.searchFast;

/** One page; real pages of 420 KB hold 250 KB of state and 170 KB of markup, and the filler keeps that share. */
function renderPage(template: Template, search: number, page: number): Buffer {
  const {searchFast} = template.state.props.pageProps.fetchResult;
  const own = data.slice(0, listings).map((listing, n) => {
    const id = 200_000_000 + (search * PAGES_A_SEARCH + page) * 100 + n;
    return {
      ...listing,
      id,
      legacy_propID: id,
      code: String(id),
      link: String(listing.link).replace(/\d+$/, String(id)),
    };
  });
  const paginatorInfo = {
    ...searchFast.paginatorInfo,
    currentPage: page,
    lastPage: PAGES_A_SEARCH,
    perPage: listings,
    total: PAGES_A_SEARCH * listings,
    hasMorePages: page < PAGES_A_SEARCH,
    firstItem: (page - 1) * listings + 1,
    lastItem: page * listings,
  };
  const state = structuredClone(template.state);
  state.props.pageProps.fetchResult.searchFast = {...searchFast, data: own, paginatorInfo};
  const frame = template.before.length + template.after.length;
  state.props.pageProps.apolloState.seo = filler((bytes - frame - JSON.stringify(state).length) * 0.4).split(
    ' ',
  );
  const json = JSON.stringify(state);
  const markup = `<div hidden>${filler(bytes - frame - json.length)}</div>`;
  return gzipSync(template.before + json + template.after.replace('</body>', `${markup}</body>`));
}

function filler(size: number): string {
  const words = 'apartamento casa lote venta arriendo barrio comuna estrato alcoba parqueadero ';
  return words.repeat(Math.ceil(Math.max(1, size) / words.length)).slice(0, Math.max(0, size));
}

const bodies = new Map<string, Buffer>();
searches.forEach((path, search) => {
  const template = readTemplate(path);
  for (let page = 1; page <= PAGES_A_SEARCH; page++) {
    bodies.set(page === 1 ? path : `${path}/pagina${page}`, renderPage(template, search, page));
  }
});

const server = createServer((request, response) => {
  const body = bodies.get(request.url ?? '');
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-encoding': 'gzip',
    'content-length': body.length,
  });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
