/** What is worth keeping of a page of Ciencuadras. */
import {PageShapeError} from '../src/domain/errors.ts';
import type {JsonValue, PageContent} from '../src/domain/page.ts';
import {cutAngularState, cutJsonLd, cutTitle} from '../src/portal/embedded.ts';
import {looksLikeSitemap, readSitemap} from '../src/portal/sitemap.ts';
import {isObject, lookUp, pickSubtrees} from '../src/portal/take.ts';

export const CHALLENGE = /^just a moment|^attention required|verifying you are human/i;
const REMOVED = /[Ee]ste inmueble ya no est[aá] disponible/;

/** Entries of a sitemap, or the advert of a detail page. Throws `PageShapeError` when the page is neither. */
export function keep(body: string): PageContent {
  const nothing = {title: null, state: null, jsonLd: [], notices: []};
  if (looksLikeSitemap(body)) {
    const {kind, entries} = readSitemap(body);
    return {...nothing, state: {sitemap: kind, entries: entries.map(({loc, lastmod}) => ({loc, lastmod}))}};
  }
  const title = cutTitle(body);
  const notices = cutNotices(body);
  const isChallenge = CHALLENGE.test(title ?? '');
  if (isChallenge || (notices.length > 0 && !body.includes('detail-state')))
    return {...nothing, title, notices};
  const jsonLd = cutJsonLd(body).filter(block => lookUp(block, '@type') === 'Product');
  return {
    title,
    state: keepState(cutAngularState(body, 'detail-state')),
    jsonLd: jsonLd.map(block => ({
      '@type': 'Product',
      offers: withAmounts(pickSubtrees(lookUp(block, 'offers') ?? null, ['price', 'priceCurrency'])),
    })),
    notices,
  };
}

/** The sentence of a removed advert, where it stands in the markup: scripts may hold it as one of many texts. */
function cutNotices(body: string): string[] {
  if (!REMOVED.test(body)) return [];
  const markup = body.split('</script').map(part => part.split('<script', 1)[0] ?? '');
  return markup.join('').match(REMOVED)?.slice(0, 1) ?? [];
}

/**
 * The two objects of the advert under fixed names, as their keys hold the slug, and who advertises in one block.
 * Throws `PageShapeError` when the state holds no advert.
 */
function keepState(state: JsonValue): JsonValue {
  const routes = isObject(state) ? Object.entries(state) : [];
  const [path, route] = routes.find(([key]) => key.startsWith('/inmueble/')) ?? [];
  if (path === undefined || route === undefined) {
    throw new PageShapeError('script#detail-state holds no advert: the portal changed or sent another page', {
      context: {keys: routes.length},
    });
  }
  const detail = routes.find(([key]) => key === `detail-property-${path}`)?.[1];
  if (!isObject(detail)) return {path, route};
  const page = /^\/([a-z-]+)\//.exec(String(lookUp(detail, 'dataStrip.redirectUrl') ?? ''))?.[1];
  const advertiser = {
    userId: lookUp(detail, 'generalData.userId') ?? null,
    userTypeId: lookUp(detail, 'generalData.userTypeId') ?? null,
    realStateName: lookUp(detail, 'dataStrip.realStateName') ?? null,
    page: page ?? null,
  };
  const {generalData, ...rest} = detail;
  const kept = generalData === undefined ? rest : {...rest, generalData: withAmounts(generalData)};
  return {path, route, detail: kept, advertiser};
}

/** Amounts as numbers, over which no pattern runs: in a text, 3051234567 pesos are a phone. */
function withAmounts(record: JsonValue): JsonValue {
  if (!isObject(record)) return record;
  const kept = {...record};
  for (const key of ['price', 'priceFrom', 'priceUp', 'leaseFee', 'adminValue']) {
    const text = kept[key];
    if (typeof text === 'string' && /^\d{1,15}(?:\.\d+)?$/.test(text)) kept[key] = Number(text);
  }
  return kept;
}
