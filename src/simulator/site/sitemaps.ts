/** robots.txt and the sitemaps of the simulated portal. */
import {OPERATIONS, PROPERTY_TYPES} from '../../domain/vocabulary.ts';
import type {Advert, Truth} from '../market/truth.ts';
import {SIMULATED_MARK} from './markup.ts';
import {listingPath, ORIGIN, SITEMAP_INDEX_PATH, sitemapPath} from './paths.ts';

/** Named crawlers are shut out; everybody else may read searches and adverts, but no search of two types. */
export function renderRobots(): string {
  const shutOut = [
    'AhrefsBot',
    'SemrushBot',
    'MJ12bot',
    'DotBot',
    'PetalBot',
    'BLEXBot',
    'Bytespider',
    'GPTBot',
    'CCBot',
  ];
  return [
    `# ${SIMULATED_MARK}`,
    ...shutOut.flatMap(name => [`User-agent: ${name}`, 'Disallow: /', '']),
    'User-agent: *',
    'Disallow: /venta/*-y-*',
    'Disallow: /arriendo/*-y-*',
    'Disallow: /perfil',
    'Disallow: /api/',
    '',
    `Sitemap: ${ORIGIN}${SITEMAP_INDEX_PATH}`,
    '',
  ].join('\n');
}

const XML_HEAD = `<?xml version="1.0" encoding="UTF-8"?><!-- ${SIMULATED_MARK} -->`;
const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';

export function renderSitemapIndex(lastmod: string): string {
  const entries = OPERATIONS.flatMap(operation =>
    PROPERTY_TYPES.map(
      propertyType =>
        `<sitemap><loc>${ORIGIN}${sitemapPath(operation, propertyType)}</loc><lastmod>${lastmod}</lastmod></sitemap>`,
    ),
  );
  return `${XML_HEAD}<sitemapindex ${NAMESPACE}>${entries.join('')}</sitemapindex>`;
}

/** Removed adverts stay in their sitemap for some days. */
const STALE_DAYS = 2;

function standsInSitemap(advert: Advert, day: number): boolean {
  const lastOnline = advert.spells.findLast(spell => spell.from <= day);
  return lastOnline !== undefined && day < lastOnline.to + STALE_DAYS && !advert.stated.isProject;
}

/** Undefined when the portal has no sitemap at that path. */
export function renderSitemap(truth: Truth, day: number, path: string): string | undefined {
  for (const operation of OPERATIONS) {
    for (const propertyType of PROPERTY_TYPES) {
      if (sitemapPath(operation, propertyType) !== path) continue;
      const urls = truth.adverts
        .filter(advert => advert.operation === operation && advert.propertyType === propertyType)
        .filter(advert => standsInSitemap(advert, day))
        .map(advert => {
          const {updatedOn} = truth.revisionOn(advert, day);
          return `<url><loc>${ORIGIN}${listingPath(advert)}</loc><lastmod>${updatedOn}</lastmod></url>`;
        });
      return `${XML_HEAD}<urlset ${NAMESPACE}>${urls.join('')}</urlset>`;
    }
  }
  return undefined;
}
