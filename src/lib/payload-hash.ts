import {createHash} from 'node:crypto';
import type {StagedListing} from '../domain/listing.ts';
import {canonicalJson} from './canonical-json.ts';

/** SHA-256 of a text or bytes, as 64 hex digits. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Identity of what was seen of an advert. `updatedOn` takes no part: portals bump it without any change.
 * @returns SHA-256 of the canonical JSON, 64 hex digits.
 */
export function payloadHash(listing: StagedListing): string {
  return sha256Hex(canonicalJson({...listing, updatedOn: undefined}));
}
