import {readFile} from 'node:fs/promises';
import {Command} from 'commander';
import {declinedPortals, findPortal, portals} from '../../../scrapers/index.ts';
import {ConfigError, FetchError} from '../../domain/errors.ts';
import type {StagedListing} from '../../domain/listing.ts';
import type {DeclinedPortal, Portal, SitemapLink} from '../../portal/define-portal.ts';
import {redactUrl} from '../../portal/redact.ts';
import {type PageTrial, type TriedPage, tryPage} from '../../portal/try.ts';
import {formatCount, formatTable, print, printJson} from '../output.ts';
import {captureCommand} from './portal-capture.ts';
import {checkCommand} from './portal-check.ts';
import {newCommand} from './portal-new.ts';
import {reviewCommand} from './portal-review.ts';

interface Flags {
  readonly json?: boolean;
  readonly url?: string;
  readonly place?: string;
}

/** `raiz portal`: what Raíz can read, and how it reads one page. */
export function portalCommand(): Command {
  return new Command('portal')
    .description("portals: list them, write a new one, try and check it, record a person's decision")
    .addCommand(listCommand())
    .addCommand(tryCommand())
    .addCommand(newCommand())
    .addCommand(captureCommand())
    .addCommand(checkCommand())
    .addCommand(reviewCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('every portal Raíz can read, with its caveats')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  raiz portal list')
    .action((flags: Flags) => {
      if (flags.json === true) {
        printJson([...portals.map(describePortal), ...declinedPortals]);
        return;
      }
      for (const portal of portals) printPortal(portal);
      for (const portal of declinedPortals) printDeclined(portal);
    });
}

function describePortal({id, name, homepage, owner, status, caveats, policy, politeness}: Portal): object {
  return {id, name, homepage, owner, status, caveats, policy, politeness};
}

function printPortal(portal: Portal): void {
  const {minDelayMs, transport} = portal.politeness;
  print(
    `${portal.id}  ${portal.name}  ${portal.homepage}  (${portal.status}, one page in ${minDelayMs} ms, ${transport})`,
  );
  print(`  policy: ${portal.policy.known}`);
  for (const caveat of portal.caveats) print(`  • ${caveat}`);
}

function printDeclined({id, name, homepage, policy, caveats}: DeclinedPortal): void {
  print(`${id}  ${name}  ${homepage}  (declined: left alone)`);
  print(`  policy: ${policy.known}`);
  for (const caveat of caveats) print(`  • ${caveat}`);
}

function tryCommand(): Command {
  return new Command('try')
    .description('read one saved page as a crawl would, and write nothing')
    .argument('<portal>', 'id of the portal')
    .argument('<page>', 'HTML or sitemap file, or an address on this machine (127.0.0.1, localhost)')
    .option('--url <address>', "the portal's own address of a saved page, where the page doesn't say it")
    .option('--place <place>', 'of a sitemap, only what belongs to this place, as antioquia/medellin')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz portal try fincaraiz saved-page.html --json\n' +
        '  raiz portal try ciencuadras sitemap-index.xml --place antioquia/bello',
    )
    .action(async (id: string, source: string, flags: Flags) => {
      const portal = findPortal(id);
      const tried = await openPage(portal, source, flags.url);
      const trial = tryPage(portal, flags.place === undefined ? tried : {...tried, place: flags.place});
      if (flags.json === true) printJson(trial);
      else printTrial(trial);
    });
}

async function openPage(portal: Portal, source: string, url: string | undefined): Promise<TriedPage> {
  if (/^https?:\/\//i.test(source)) return fetchLocal(portal, source);
  const body = await readFile(source, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `can't read ${source} (${cause.code ?? cause.message}): give the path of a saved HTML page`,
      {cause},
    );
  });
  return url === undefined ? {body} : {body, url};
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** A page of a server on this machine; it stands in for the portal, so its path is read as the portal's own. */
async function fetchLocal(portal: Portal, source: string): Promise<TriedPage> {
  const address = URL.canParse(source) ? new URL(source) : undefined;
  if (address === undefined || !LOOPBACK.test(address.hostname)) {
    throw new ConfigError(
      `${redactUrl(source, portal.redact)} is not on this machine, and trying a page visits no real site. Save the page ` +
        `in a browser and give the file, or record a decision with \`raiz portal review ${portal.id}\` and use \`raiz crawl\`.`,
    );
  }
  const response = await fetch(address, {signal: AbortSignal.timeout(30_000)}).catch((cause: unknown) => {
    throw new FetchError('transient', `${source} doesn't answer: is the local server up?`, {cause});
  });
  const landed = new URL(response.url);
  return {
    body: await response.text(),
    status: response.status,
    url: portal.homepage + landed.pathname + landed.search,
  };
}

function printTrial(trial: PageTrial): void {
  print(`kind            ${trial.kind}`);
  print(`announced total ${trial.announcedTotal ?? '·'}`);
  print(`place echo      ${trial.placeEcho ?? '·'}`);
  print(`listings        ${trial.listings.length}`);
  if (trial.kind === 'sitemap') printLinks(trial.links);
  if (trial.listings.length > 0) print(`\n${listingTable(trial.listings)}`);
  print(`\nunread keys: ${trial.unread.length === 0 ? 'none' : trial.unread.join(', ')}`);
  print(`issues: ${trial.issues.length === 0 ? 'none' : ''}`);
  for (const issue of trial.issues) {
    print(
      `  ${issue.code}  ${issue.message}${issue.path === undefined ? '' : `  at ${issue.path}`}  ${issue.value ?? ''}`.trimEnd(),
    );
  }
}

/** Addresses of a sitemap shown at most: one holds up to 50,000. */
const MAX_LINKS_SHOWN = 20;

function printLinks(links: readonly SitemapLink[]): void {
  const adverts = links.filter(link => link.kind === 'listing').length;
  print(`leads to        ${formatCount(adverts)} adverts, ${formatCount(links.length - adverts)} sitemaps`);
  for (const {url, lastmod} of links.slice(0, MAX_LINKS_SHOWN)) print(`  ${lastmod ?? '·'}  ${url}`);
  if (links.length > MAX_LINKS_SHOWN) print(`  … and ${formatCount(links.length - MAX_LINKS_SHOWN)} more`);
}

function listingTable(listings: readonly StagedListing[]): string {
  const price = ({offers: [offer]}: StagedListing) =>
    offer?.price == null ? null : `${formatCount(offer.price)} ${offer.currency}`;
  return formatTable(listings, [
    {title: 'id', value: listing => listing.portalListingId},
    {title: 'type', value: listing => listing.propertyType},
    {title: 'offer', value: listing => listing.offers[0]?.operation ?? null},
    {title: 'price', align: 'right', value: price},
    {
      title: 'm²',
      align: 'right',
      value: listing => listing.privateAreaM2 ?? listing.builtAreaM2 ?? listing.landAreaM2,
    },
    {title: 'beds', align: 'right', value: listing => listing.bedrooms},
    {title: 'baths', align: 'right', value: listing => listing.bathrooms},
    {title: 'estrato', align: 'right', value: listing => listing.stratum},
    {title: 'municipality', value: listing => listing.municipality},
    {title: 'neighbourhood', value: listing => listing.neighbourhood},
  ]);
}
