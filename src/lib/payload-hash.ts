import type {StagedListing} from '../domain/listing.ts';
import {canonicalJson} from './canonical-json.ts';
import {sha256Hex} from './hash.ts';

/**
 * Identity of what was seen of an advert. `updatedOn` takes no part: portals bump it without any change.
 * @returns SHA-256 of the canonical JSON, 64 hex digits.
 */
export function payloadHash(listing: StagedListing): string {
  return sha256Hex(canonicalJson({...listing, updatedOn: undefined}));
}
