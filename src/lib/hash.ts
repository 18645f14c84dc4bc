import {createHmac, hash} from 'node:crypto';

/** SHA-256 of a text (as UTF-8) or of bytes, 64 hex digits. */
export function sha256Hex(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/**
 * Pseudonym of a value under a secret key: HMAC-SHA-256, first 96 bits, 24 hex digits.
 * The same key and value give the same pseudonym; without the key it can't be traced back or guessed by trying ids.
 */
export function keyedPseudonym(key: string, value: string): string {
  return createHmac('sha256', key).update(value).digest('hex').slice(0, 24);
}
