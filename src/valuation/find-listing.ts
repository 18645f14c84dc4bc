/** Stored adverts by their id or by a link to them; nothing is fetched. */
import type {Db} from '../db/client.ts';
import {selectFeatureRows} from '../db/models.ts';
import {selectKnownListing} from '../db/valuation.ts';
import {ConfigError} from '../domain/errors.ts';
import {listingId} from '../domain/listing.ts';
import type {FeatureRow} from '../domain/model.ts';
import {HOME_TYPES, type PropertyType} from '../domain/vocabulary.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import type {Portal} from '../portal/define-portal.ts';

/**
 * The listing id of the advert that a page's address is about.
 * @throws ConfigError for an address of no portal we read, or of no advert.
 */
export function listingIdAt(url: string, portals: readonly Portal[]): string {
  const host = hostOf(url);
  const portal = portals.find(({homepage}) => hostOf(homepage) === host);
  if (portal === undefined) {
    const known = portals.map(({homepage}) => hostOf(homepage)).join(', ');
    throw new ConfigError(`${url}: no portal of that address is read here. Known: ${known}`);
  }
  const advert = portal.identify(url);
  if (advert === undefined)
    throw new ConfigError(`${url}: that address of ${portal.name} is not one of an advert's page`);
  return listingId(portal.id, advert.idSpace, advert.portalListingId);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : '';
}

export type FoundListing =
  /** One an operation it is offered for. */
  | {readonly kind: 'rows'; readonly rows: readonly FeatureRow[]}
  | {readonly kind: 'no_model'; readonly propertyType: PropertyType};

/** @throws ConfigError when the advert is unknown, or no model may price it, saying why. */
export async function findListing(db: Db, id: string): Promise<FoundListing> {
  const rows = await selectFeatureRows(db, [id]);
  if (rows.length > 0) return {kind: 'rows', rows};
  const known = await selectKnownListing(db, id);
  if (known === undefined) {
    throw new ConfigError(
      `no listing "${id}" was ever seen here, and none is fetched. Ids read portal:space:number, as fincaraiz:id:193349683; ` +
        'describe the home instead (raiz value --help shows how), or bring its advert with raiz import or raiz crawl.',
      {context: {listingId: id}},
    );
  }
  const {propertyType, exclusions, hasPrice, lastSeenAt} = known;
  if (propertyType !== null && !HOME_TYPES.some(type => type === propertyType))
    return {kind: 'no_model', propertyType};
  const why =
    exclusions.length > 0
      ? `cleaning keeps it out of models (${exclusions.join(', ')})`
      : hasPrice
        ? `it was last seen on ${bogotaDay(lastSeenAt)}, too long before the newest adverts: prices of another market`
        : 'it states no believable price or area';
  throw new ConfigError(
    `listing ${id} can't be valued as it stands: ${why}. See raiz trace ${id}, or describe the home with flags.`,
    {context: {listingId: id, exclusions}},
  );
}
