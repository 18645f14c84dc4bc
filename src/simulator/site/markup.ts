/** The HTML around the state JSON: what people see. The pipeline must not need it, nor keep it. */
import type {JsonValue} from '../../domain/page.ts';
import {municipalityBySlug} from '../market/places.ts';
import {OPERATION_NAMES, TYPE_NAMES} from '../market/texts.ts';
import type {Advert, Statement} from '../market/truth.ts';
import {listingPath, ORIGIN} from './paths.ts';
import {formatPesos, technicalSheetOf} from './technical-sheet.ts';

/** Every simulated page and header carries this word. */
export const SIMULATED_MARK = 'SIMULADO';

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** JSON that may stand inside a script element. */
export function scriptJson(value: JsonValue): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

export interface Document {
  readonly title: string;
  readonly path: string;
  readonly jsonLd: readonly JsonValue[];
  readonly main: string;
  /** Content of `__NEXT_DATA__`, already serialised for a script element; null: the page has none. */
  readonly stateJson: string | null;
  /** Bytes to reach with filler markup; shorter than the page: no filler. */
  readonly padToBytes: number;
}

export function renderDocument(document: Document): string {
  const title = `${SIMULATED_MARK} · ${escapeHtml(document.title)}`;
  const ld = document.jsonLd
    .map(value => `<script type="application/ld+json">${scriptJson(value)}</script>`)
    .join('');
  const head =
    `<!DOCTYPE html><html class="infocasas-theme" id="bodyTag" lang="es-CO"><head><meta charSet="utf-8"/>` +
    `<meta name="author" content="fincaraiz"/><title>${title}</title>` +
    `<link rel="canonical" href="${ORIGIN}${escapeHtml(document.path)}"/>${ld}<meta name="next-head-count" content="22"/></head>` +
    `<body><div id="__next">${document.main}`;
  const state =
    document.stateJson === null
      ? ''
      : `<script id="__NEXT_DATA__" type="application/json">${document.stateJson}</script>`;
  const tail = `</div>${state}</body></html>`;
  const missing = document.padToBytes - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return head + filler(missing) + tail;
}

const ICON =
  '<div class="ant-col"><svg width="20" height="20" viewBox="0 0 24 25" fill="none"><path d="M2.369 4.008C1.467 4.058 0.650 4.577 0.254 5.353Z" fill="#456787"></path></svg></div>';

/** Icon markup of so many bytes, like the inlined drawings that fill the real pages. */
function filler(bytes: number): string {
  if (bytes <= 0) return '';
  const open = '<!--';
  const close = '-->';
  const icons = ICON.repeat(Math.floor(bytes / ICON.length));
  const rest = bytes - icons.length;
  const comment =
    rest >= open.length + close.length ? open + 'x'.repeat(rest - open.length - close.length) + close : '';
  return icons + comment;
}

export function renderCard(advert: Advert, stated: Statement): string {
  const title = escapeHtml(stated.title);
  const path = escapeHtml(listingPath(advert));
  const city = municipalityBySlug(advert.place.split('/')[1] ?? '').name;
  const tags = [
    stated.bedrooms > 0 ? `${stated.bedrooms} ${stated.bedrooms === 1 ? 'Hab.' : 'Habs.'}` : '',
    stated.bathrooms > 0 ? `${stated.bathrooms} ${stated.bathrooms === 1 ? 'Baño' : 'Baños'}` : '',
    stated.builtAreaM2 > 0 ? `${stated.builtAreaM2} m²` : '',
  ];
  const typology = tags
    .filter(tag => tag !== '')
    .map(tag => `<span class="body body-2"><strong>${tag}</strong></span>`);
  const price = stated.hidePrice ? 'Consultar precio' : formatPesos(stated.price);
  return (
    `<div class="listingCard CO"><a class="lc-cardCover" target="_blank" title="${title}" href="${path}"></a>` +
    `<div class="lc-dataWrapper"><div class="lc-price"><span class="price heading heading-3 high"><strong>${price}</strong></span></div>` +
    `<div class="lc-typologyTag">${typology.join('')}</div><h2><span class="lc-title body body-2">${title}</span></h2>` +
    `<strong class="lc-location body body-1 body-bold medium">${city}, Antioquia</strong>` +
    `<div class="publisher"><span class="d-block">Por <strong class="body body-2 high">${escapeHtml(advert.advertiser.name)}</strong></span></div></div></div>`
  );
}

function renderSheetRow(label: string, value: string): string {
  const shown =
    value === ''
      ? '<button class="btnQuestion">¡Pregúntale!</button>'
      : `<strong>${escapeHtml(value)}</strong>`;
  return (
    `<div class="ant-row ant-row-space-between"><div class="ant-col"><span class="ant-typography">${label}</span></div>` +
    `<div class="ant-col dots"></div><div class="ant-col">${shown}</div></div>`
  );
}

export function renderListingMain(advert: Advert, stated: Statement): string {
  const sheet = technicalSheetOf(advert, stated).map(row => renderSheetRow(row.text, row.value));
  const name = escapeHtml(advert.advertiser.name);
  const operation = OPERATION_NAMES[advert.operation];
  return (
    `<h1>${escapeHtml(stated.title)}</h1><div class="property-address">${escapeHtml(stated.address)}</div>` +
    `<div class="technical-sheet">${sheet.join('')}</div>` +
    `<div class="ant-typography property-description"><span>${escapeHtml(stated.description)}</span></div>` +
    `<span>Código Fincaraíz: <!-- -->${advert.id}</span>` +
    `<div class="owner-info"><strong class="owner-name-text">${name}</strong></div>` +
    `<div class="container padding"><span>${escapeHtml(stated.title)} es una ${TYPE_NAMES[advert.propertyType]} de ${stated.builtAreaM2} m². ` +
    `Esta propiedad fue ingresada por ${name} el ${advert.publishedOn}. El precio de ${operation} es de ${formatPesos(stated.price)}</span></div>`
  );
}

/** Links as a breadcrumb and as its JSON-LD; the first is the home page. */
export function breadcrumbJsonLd(crumbs: readonly (readonly [name: string, path: string])[]): JsonValue {
  return {
    '@context': 'https://schema.org',
    '@type': 'BreadcrumbList',
    itemListElement: crumbs.map(([name, path], position) => ({
      '@type': 'ListItem',
      position: position + 1,
      name,
      item: `${ORIGIN}${path}`,
    })),
  };
}
