/** Adverts of the real files beside the repository, cleaned as the stages would, without a database. */
import {fileURLToPath} from 'node:url';
import {cleanListing} from '../../pipelines/clean/core.ts';
import type {Advert} from '../../pipelines/match/advert.ts';
import type {CleanListing} from '../../src/domain/listing.ts';
import {listingId} from '../../src/domain/listing.ts';
import {compileMapping} from '../../src/imports/mapping-rows.ts';
import {openTable} from '../../src/imports/readers.ts';
import {fincaraizCasas2021} from '../../src/imports/shapes/fincaraiz-casas-2021.ts';
import {metrocuadrado2021} from '../../src/imports/shapes/metrocuadrado-2021.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/data/listings/', import.meta.url));
export const FINCARAIZ_2021 = `${FOLDER}fincaraiz-medellin-casas-2021-snapshots.csv.gz`;
export const METROCUADRADO_2021 = `${FOLDER}metrocuadrado-medellin-2021.csv.gz`;

const FIRST_DAY = '2021-03-18';

/** What match sees of an advert that was seen between two instants. */
export function advertOf(listing: CleanListing, firstSeenAt: Date, lastSeenAt: Date): Advert {
  const prices = listing.offers.flatMap(({operation, priceCop}) =>
    priceCop === null ? [] : [[operation, priceCop] as const],
  );
  return {
    ...listing,
    listingId: listingId(listing.portal, listing.idSpace, listing.portalListingId),
    prices: Object.fromEntries(prices),
    firstSeenAt,
    lastSeenAt,
  };
}

/** Finca Raíz of 2021-03-18 and Metrocuadrado of the day after. */
export async function readSharedAdverts(): Promise<Advert[]> {
  const adverts: Advert[] = [];
  for (const [path, mapping] of [
    [FINCARAIZ_2021, fincaraizCasas2021],
    [METROCUADRADO_2021, metrocuadrado2021],
  ] as const) {
    const table = await openTable(path);
    const readRow = compileMapping(mapping, table.columns, {hashKey: 'labelled pairs', file: path});
    for await (const tableRow of table.rows) {
      const row = readRow(tableRow);
      if (row.kind === 'rejected' || (mapping === fincaraizCasas2021 && row.day !== FIRST_DAY)) continue;
      const seenAt = new Date(`${row.day}T17:00:00Z`);
      adverts.push(advertOf(cleanListing(row.listing).listing, seenAt, seenAt));
    }
  }
  return adverts;
}
