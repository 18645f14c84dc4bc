/** What the simulated portal answers to a path on a day. Pages are rendered on demand and kept for the day. */
import {gzipSync} from 'node:zlib';
import {OPERATIONS, PROPERTY_TYPES} from '../../domain/vocabulary.ts';
import {hash32} from '../../lib/random.ts';
import type {Market} from '../market/market.ts';
import {MUNICIPALITIES} from '../market/places.ts';
import {type Advert, addDays} from '../market/truth.ts';
import type {Break} from './breaks.ts';
import {listingObjectOf} from './listing-object.ts';
import {renderGonePage, renderListingPage} from './listing-page.ts';
import {renderDocument, scriptJson} from './markup.ts';
import {
  listingPath,
  OPERATION_SLUGS,
  PAGE_SIZE,
  readListingPath,
  readSearchPath,
  type Search,
  SITEMAP_INDEX_PATH,
  searchPath,
  TYPE_WORDS,
} from './paths.ts';
import {advertsOfSearch, renderSearchPage} from './search-page.ts';
import {renderRobots, renderSitemap, renderSitemapIndex} from './sitemaps.ts';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** Compressed body, made once. */
  gzip(): Buffer;
  readonly location: string | null;
}

export interface PagesOptions {
  /** Filler markup up to this size: 97 KB and 420 KB are sizes of real pages. 0: none. */
  readonly padToBytes?: number;
  /** Searches answer in a slightly different order each time, as the real portal does on deep pages. */
  readonly unstableOrder?: boolean;
  /** Behind so many pages of a search each request draws its adverts anew, as the real portal's deep pages seem to. */
  readonly stablePages?: number;
}

const HTML = 'text/html; charset=utf-8';

function answer(status: number, contentType: string, text: string, location: string | null = null): Answer {
  const body = Buffer.from(text);
  let compressed: Buffer | undefined;
  const gzip = (): Buffer => {
    compressed ??= gzipSync(body, {level: 4});
    return compressed;
  };
  return {status, contentType, body, gzip, location};
}

export class SitePages {
  private readonly market: Market;
  private readonly padToBytes: number;
  private readonly isUnstable: boolean;
  private readonly stablePages: number;
  private readonly answers = new Map<string, Answer>();
  private readonly searches = new Map<string, readonly Advert[]>();
  private readonly listingJsons = new Map<string, string>();
  private served = 0;
  private cachedDay = -1;
  private broken: Break = {does: ''};

  constructor(market: Market, options: PagesOptions = {}) {
    this.market = market;
    this.padToBytes = options.padToBytes ?? 0;
    this.isUnstable = options.unstableOrder ?? false;
    this.stablePages = options.stablePages ?? Number.POSITIVE_INFINITY;
  }

  /** From now on adverts are changed and hidden so; all is well without. */
  breakBy(broken: Break | undefined): void {
    this.broken = broken ?? {does: ''};
    this.listingJsons.clear();
    this.cachedDay = -1;
  }

  /** `path` is decoded and without its query, which the portal ignores. */
  answer(path: string, day: number): Answer {
    if (day !== this.cachedDay) {
      this.answers.clear();
      this.searches.clear();
      this.cachedDay = day;
    }
    const known = this.answers.get(path);
    if (known !== undefined) return known;
    const made = this.make(path, day);
    if (!this.changes(readSearchPath(path))) this.answers.set(path, made);
    return made;
  }

  /** True for a search that answers differently each time. */
  private changes(search: Search | undefined): boolean {
    return search !== undefined && (this.isUnstable || search.page > this.stablePages);
  }

  /** Every page of a day with content: searches of type × operation × municipality, and adverts. */
  pathsOf(day: number): string[] {
    const {truth} = this.market;
    const searches = OPERATIONS.flatMap(operation =>
      PROPERTY_TYPES.flatMap(propertyType =>
        MUNICIPALITIES.flatMap(({slug}) => {
          const scope = {operation, propertyType, place: `antioquia/${slug}`};
          const pages = Math.ceil(truth.advertsOfScope(day, scope).length / PAGE_SIZE);
          return Array.from({length: pages}, (_, page) => searchPath(scope, page + 1));
        }),
      ),
    );
    return [...searches, ...truth.liveAdverts(day).map(listingPath)];
  }

  /** Renders and compresses all pages of a day, so that serving them costs nothing. Returns how many. */
  renderAll(day: number): number {
    const paths = this.pathsOf(day);
    for (const path of paths) this.answer(path, day).gzip();
    return paths.length;
  }

  private make(path: string, day: number): Answer {
    const {truth, startOn} = this.market;
    if (path === '/robots.txt') return answer(200, 'text/plain; charset=utf-8', renderRobots());
    if (path === SITEMAP_INDEX_PATH)
      return answer(200, 'application/xml', renderSitemapIndex(addDays(startOn, day)));
    const sitemap = path.endsWith('.xml') ? renderSitemap(truth, day, path) : undefined;
    if (sitemap !== undefined) return answer(200, 'application/xml', sitemap);
    const advertId = readListingPath(path);
    if (advertId !== undefined) return this.makeListing(path, advertId, day);
    const search = readSearchPath(path);
    if (search !== undefined) return answer(200, HTML, this.renderSearch(search, day));
    return answer(404, HTML, notFound(path));
  }

  private makeListing(path: string, advertId: number, day: number): Answer {
    const {truth} = this.market;
    const advert = truth.advert(advertId);
    if (advert !== undefined && truth.isOnline(advert, day) && this.broken.hides?.(advert) !== true) {
      const listingJson = this.listingJsonOn(day);
      return answer(
        200,
        HTML,
        renderListingPage({advert, truth, day, listingJson, padToBytes: this.padToBytes}),
      );
    }
    // One removed advert in five redirects to its search; the others answer 200.
    if (advert !== undefined && advert.id % 5 === 0) {
      const target = `/${OPERATION_SLUGS[advert.operation]}/${TYPE_WORDS[advert.propertyType].slug}?addeletedid=${advertId}`;
      return answer(301, HTML, '', target);
    }
    return answer(200, HTML, renderGonePage(path));
  }

  private renderSearch(search: Search, day: number): string {
    const {truth} = this.market;
    const key = search.basePath;
    const {hides = () => false} = this.broken;
    let adverts =
      this.searches.get(key) ?? advertsOfSearch(truth, day, search).filter(advert => !hides(advert));
    this.searches.set(key, adverts);
    if (this.changes(search)) {
      this.served += 1;
      adverts = this.isUnstable
        ? jumble(adverts, this.served)
        : redraw(adverts, this.stablePages * PAGE_SIZE, this.served);
    }
    return renderSearchPage({
      search,
      adverts,
      truth,
      day,
      listingJson: this.listingJsonOn(day),
      padToBytes: this.padToBytes,
    });
  }

  /** An advert's object changes only with its revisions: it is serialised once for each. */
  private listingJsonOn(day: number): (advert: Advert) => string {
    const {truth} = this.market;
    return advert => {
      const key = `${advert.id}/${truth.revisionOn(advert, day).day}`;
      const known = this.listingJsons.get(key);
      if (known !== undefined) return known;
      const listing = listingObjectOf(truth, advert, day);
      const json = scriptJson(this.broken.edit?.(listing) ?? listing);
      this.listingJsons.set(key, json);
      return json;
    };
  }
}

/** Moves adverts by up to about a page, differently on each request. */
function jumble(adverts: readonly Advert[], request: number): readonly Advert[] {
  return adverts
    .map((advert, position) => ({
      advert,
      rank: position + (hash32(`${request}/${advert.id}`) / 2 ** 32) * PAGE_SIZE,
    }))
    .sort((left, right) => left.rank - right.rank)
    .map(({advert}) => advert);
}

/** Leaves the first adverts where they are and shuffles the rest, differently on each request. */
function redraw(adverts: readonly Advert[], stable: number, request: number): readonly Advert[] {
  const rest = adverts
    .slice(stable)
    .map(advert => ({advert, rank: hash32(`${request}/${advert.id}`)}))
    .sort((left, right) => left.rank - right.rank);
  return [...adverts.slice(0, stable), ...rest.map(({advert}) => advert)];
}

function notFound(path: string): string {
  const main = '<h1>Página no encontrada</h1>';
  return renderDocument({
    title: 'Página no encontrada',
    path,
    jsonLd: [],
    main,
    stateJson: null,
    padToBytes: 0,
  });
}
