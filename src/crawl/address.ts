import {ConfigError, FetchError} from '../domain/errors.ts';

/** Where a portal is really asked: at its own address, or at a loopback server that stands in for it. */
export interface PortalAddress {
  /** Origin that is requested. */
  readonly origin: string;
  /** `host:port` that is requested: what pace and frontier count by. */
  readonly host: string;
  readonly isLoopback: boolean;
  /** Path and query to request for one of the portal's own addresses. Throws `FetchError` (permanent) outside the portal. */
  readonly toPath: (portalUrl: string) => string;
  /** The portal's own address of a `Location` answered to the request for `portalUrl`. Throws as `toPath`. */
  readonly resolve: (location: string, portalUrl: string) => string;
}

/**
 * @param homepage origin of the portal's own addresses.
 * @param baseUrl loopback address that stands in for the portal; nothing else is accepted.
 * @throws ConfigError when `baseUrl` is no loopback address.
 */
export function portalAddress(homepage: string, baseUrl?: string): PortalAddress {
  const own = new URL(homepage).origin;
  const asked = baseUrl === undefined ? new URL(homepage) : loopbackUrl(baseUrl);
  const within = (url: URL, from: string) => {
    if (url.origin === own || url.origin === asked.origin) return `${url.pathname}${url.search}`;
    throw new FetchError('permanent', `${from} leads outside the portal, to ${url.origin}: not followed`, {
      context: {from, origin: url.origin},
    });
  };
  return {
    origin: asked.origin,
    host: asked.host,
    isLoopback: isLoopbackHost(asked.hostname),
    toPath: portalUrl => within(new URL(portalUrl), portalUrl),
    resolve: (location, portalUrl) => `${own}${within(new URL(location, portalUrl), portalUrl)}`,
  };
}

/** @throws ConfigError when the address is none of this machine. */
export function loopbackUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isLoopbackHost(url.hostname)) {
    throw new ConfigError(
      `--base-url ${baseUrl}: only a loopback address may stand in for a portal, as http://127.0.0.1:8080`,
      {context: {baseUrl}},
    );
  }
  return url;
}

function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
