import {ConfigError} from '../domain/errors.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import type {PortalAddress} from './address.ts';

/** First word of the user agent: what robots.txt may call us. */
export const PRODUCT = 'Raiz';

/** `Raiz/0.1 (+contact)`. @throws ConfigError without a contact for a real site. */
export function userAgentOf(address: PortalAddress, contact: string | undefined): string {
  const who = contact ?? (address.isLoopback ? 'loopback' : undefined);
  if (who === undefined) {
    throw new ConfigError(
      'set RAIZ_CONTACT to an e-mail or web address: the crawler tells every site who runs it',
    );
  }
  return `${PRODUCT}/${RAIZ_VERSION.split('.').slice(0, 2).join('.')} (+${who})`;
}
