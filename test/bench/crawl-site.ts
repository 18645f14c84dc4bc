/**
 * Serves pre-rendered search pages of the simulated portal in a process of its own:
 * `tsx crawl-site.ts <searches> <pages a search> <listings a page> <bytes> <latency ms>`; prints its address.
 *
 * Every page has its number and its own listing ids, so that nothing can be left out: once in the state, once as
 * markup for people, with a link to the next page.
 */
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {gzipSync} from 'node:zlib';
import type {JsonValue} from '../../src/domain/page.ts';
import {createMarket, DEMO_MARKET} from '../../src/simulator/market/market.ts';
import {SitePages} from '../../src/simulator/site/pages.ts';
import {pagePath, searchPaths} from './crawl-searches.ts';

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

const numbers = process.argv.slice(2).map(Number);
const [searches = 20, pagesASearch = 50, listings = 12, bytes = 97_000, latencyMs = 0] = numbers;
const CARDS = '<section class="listingsWrapper">';
const rich = readTemplate(RICH_SEARCH);
const {data} = rich.state.props.pageProps.fetchResult.searchFast;
const cards = cardsOf(rich.before);

function cardsOf(html: string): string[] {
  const start = html.indexOf(CARDS) + CARDS.length;
  return html.slice(start, html.indexOf('</section>', start)).split(/(?=<div class="listingCard)/);
}

function listingIdAt(search: number, page: number, n: number): number {
  return 200_000_000 + (search * pagesASearch + page) * 100 + n;
}

/** The markup before the state, with the page's own cards and a link to the next page. */
function renderMarkup(template: Template, path: string, search: number, page: number): string {
  const own = cards
    .slice(0, listings)
    .map((card, n) => card.replace(/\/\d+"/, `/${listingIdAt(search, page, n)}"`));
  const next = page < pagesASearch ? `<a class="next" href="${pagePath(path, page + 1)}">Siguiente</a>` : '';
  const {before} = template;
  const start = before.indexOf(CARDS) + CARDS.length;
  const end = before.indexOf('</section>', start);
  return `${before.slice(0, start)}${own.join('')}</section><nav>${next}</nav>${before.slice(end + '</section>'.length)}`;
}

/** One page; real pages of 420 KB hold 250 KB of state and 170 KB of markup, and the filler keeps that share. */
function renderPage(template: Template, path: string, search: number, page: number): Buffer {
  const {searchFast} = template.state.props.pageProps.fetchResult;
  const own = data.slice(0, listings).map((listing, n) => {
    const id = listingIdAt(search, page, n);
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
    lastPage: pagesASearch,
    perPage: listings,
    total: pagesASearch * listings,
    hasMorePages: page < pagesASearch,
    firstItem: (page - 1) * listings + 1,
    lastItem: page * listings,
  };
  const state = structuredClone(template.state);
  state.props.pageProps.fetchResult.searchFast = {...searchFast, data: own, paginatorInfo};
  const before = renderMarkup(template, path, search, page);
  const frame = before.length + template.after.length;
  state.props.pageProps.apolloState.seo = filler((bytes - frame - JSON.stringify(state).length) * 0.4).split(
    ' ',
  );
  const json = JSON.stringify(state);
  const markup = `<div hidden>${filler(bytes - frame - json.length)}</div>`;
  return gzipSync(before + json + template.after.replace('</body>', `${markup}</body>`));
}

function filler(size: number): string {
  const words = 'apartamento casa lote venta arriendo barrio comuna estrato alcoba parqueadero ';
  return words.repeat(Math.ceil(Math.max(1, size) / words.length)).slice(0, Math.max(0, size));
}

const bodies = new Map<string, Buffer>();
searchPaths(searches).forEach((path, search) => {
  const template = readTemplate(path);
  for (let page = 1; page <= pagesASearch; page++)
    bodies.set(pagePath(path, page), renderPage(template, path, search, page));
});
bodies.set('/robots.txt', gzipSync(site.answer('/robots.txt', 0).body));

function answer(path: string, response: ServerResponse): void {
  const body = bodies.get(path);
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': path === '/robots.txt' ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8',
    'content-encoding': 'gzip',
    'content-length': body.length,
  });
  response.end(body);
}

const server = createServer((request, response) => {
  const path = request.url ?? '';
  if (latencyMs === 0) answer(path, response);
  else setTimeout(answer, latencyMs, path, response);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
