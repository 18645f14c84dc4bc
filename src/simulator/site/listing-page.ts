/** An advert's own page, and the page that stands there after its removal. */
import type {JsonValue} from '../../domain/page.ts';
import {DEPARTMENT, municipalityBySlug} from '../market/places.ts';
import {OPERATION_NAMES} from '../market/texts.ts';
import type {Advert, Truth} from '../market/truth.ts';
import {breadcrumbJsonLd, renderDocument, renderListingMain, scriptJson} from './markup.ts';
import {listingPath, ORIGIN, searchPath, TYPE_WORDS} from './paths.ts';
import {technicalSheetOf} from './technical-sheet.ts';

/** As the portal answers, with 200. */
export const GONE_NOTICE = 'la propiedad que estabas buscando no está disponible';

const SCHEMA_TYPES: Readonly<Record<string, string>> = {
  apartment: 'Apartment',
  studio: 'Apartment',
  house: 'House',
  country_house: 'House',
};

/** `RealEstateListing` of mid-2026. A private seller who shows a name stands in it as a person. */
function listingJsonLd(advert: Advert, truth: Truth, day: number): JsonValue {
  const stated = truth.statementOn(advert, day);
  const {name, isPerson, whatsappPhone} = advert.advertiser;
  const seller = isPerson
    ? {'@type': 'Person', name, ...(whatsappPhone === null ? {} : {telephone: whatsappPhone})}
    : {'@type': 'RealEstateAgent', name};
  return {
    '@context': 'https://schema.org',
    '@type': ['RealEstateListing', 'Product'],
    name: stated.title,
    url: `${ORIGIN}${listingPath(advert)}`,
    description: stated.description,
    datePosted: advert.publishedOn,
    dateModified: truth.revisionOn(advert, day).updatedOn,
    offers: {
      '@type': 'Offer',
      price: stated.hidePrice ? 0 : stated.price,
      priceCurrency: stated.currency,
      availability: 'https://schema.org/InStock',
      seller,
    },
    mainEntity: {
      '@type': SCHEMA_TYPES[advert.propertyType] ?? 'Place',
      name: stated.title,
      numberOfBedrooms: stated.bedrooms,
      numberOfBathroomsTotal: stated.bathrooms,
      floorSize: {'@type': 'QuantitativeValue', value: stated.builtAreaM2, unitCode: 'MTK'},
      address: {
        '@type': 'PostalAddress',
        streetAddress: stated.address,
        addressLocality: municipalityBySlug(advert.place.split('/')[1] ?? '').name,
        addressRegion: DEPARTMENT.name,
        addressCountry: 'CO',
      },
      ...(stated.point === null ? {} : {geo: {'@type': 'GeoCoordinates', ...stated.point}}),
    },
  };
}

export interface ListingPageFacts {
  readonly advert: Advert;
  readonly truth: Truth;
  readonly day: number;
  readonly listingJson: (advert: Advert) => string;
  readonly padToBytes: number;
}

export function renderListingPage({advert, truth, day, listingJson, padToBytes}: ListingPageFacts): string {
  const stated = truth.statementOn(advert, day);
  const path = listingPath(advert);
  const search = searchPath(advert);
  const crumbs = breadcrumbJsonLd([
    ['Fincaraíz', '/'],
    [OPERATION_NAMES[advert.operation], search.split('/').slice(0, 2).join('/')],
    [TYPE_WORDS[advert.propertyType].plural, search.split('/').slice(0, 3).join('/')],
    [municipalityBySlug(advert.place.split('/')[1] ?? '').name, search],
    [stated.title, path],
  ]);
  const sheet = scriptJson(technicalSheetOf(advert, stated));
  const stateJson =
    `{"props":{"pageProps":{"__PROPERTY__ID__":${advert.id},"data":${listingJson(advert)},"technicalSheet":${sheet},` +
    `"ConfigContextInitialState":{"country_id":"3","country_name":"Colombia","site_name":"Fincaraíz"},"apolloState":{}}},` +
    `"page":"/propSingle","assetPrefix":"https://cdn4.fincaraiz.com.co/frontend-fincaraiz/3965",` +
    `"runtimeConfig":{"searchBase":"https://search-service.fincaraiz.com.co","APP_NAME":"infonext"}}`;
  // About one page in four carries only the breadcrumb.
  const jsonLd = advert.id % 4 === 3 ? [crumbs] : [listingJsonLd(advert, truth, day), crumbs];
  const main = renderListingMain(advert, stated);
  return renderDocument({title: stated.title, path, jsonLd, main, stateJson, padToBytes});
}

export function renderGonePage(path: string): string {
  return renderDocument({
    title: 'Propiedad no disponible',
    path,
    jsonLd: [],
    main: `<section class="notFound"><h1>¡Lo sentimos!</h1><p>Lo sentimos, ${GONE_NOTICE}</p></section>`,
    stateJson: scriptJson({
      props: {pageProps: {data: null, statusCode: 200}},
      page: '/propSingle',
      buildId: 'simulado',
    }),
    padToBytes: 0,
  });
}
