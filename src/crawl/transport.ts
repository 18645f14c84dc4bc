/** How a portal's pages are fetched: the one door to its host for crawls and single pages. */
import {FetchError} from '../domain/errors.ts';
import type {Portal} from '../portal/define-portal.ts';
import type {PortalAddress} from './address.ts';
import {openBrowserDownloader} from './browser.ts';
import {findChromium} from './chromium.ts';
import {type Downloader, type DownloaderOptions, openDownloader} from './downloader.ts';
import type {RobotsAnswer} from './robots-source.ts';

/** @throws ConfigError when the portal's pages need a browser and this machine has none. */
export function requireTransport(portal: Portal, chromium: string | undefined): void {
  if (portal.politeness.transport === 'browser') findChromium(chromium);
}

/** @param chromium `RAIZ_CHROMIUM`; looked at only for portals whose pages need a browser. */
export function openTransport(
  portal: Portal,
  chromium: string | undefined,
  options: DownloaderOptions,
): Downloader {
  return portal.politeness.transport === 'browser'
    ? openBrowserDownloader({...options, chromium: findChromium(chromium)})
    : openDownloader(options);
}

/** robots.txt first, then the host's pace: before every request, redirects and requests of scripts too. */
export function permitOf(address: PortalAddress, robots: RobotsAnswer, waitForSlot: () => Promise<void>) {
  return async (portalUrl: string): Promise<void> => {
    if (robots.rules.allows(address.toPath(portalUrl))) return waitForSlot();
    const why = robots.issue === undefined ? 'robots.txt disallows it' : robots.found;
    throw new FetchError('robots', `${portalUrl} is not requested: ${why}`);
  };
}
