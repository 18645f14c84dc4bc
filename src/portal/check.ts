/** The static checks of a portal file: what can be known of it without a network, one by one. Pure. */
import type {Scope} from '../domain/page.ts';
import {checkRedaction, type Fixture, mutilate, readGolden} from './check-pages.ts';
import type {Portal} from './define-portal.ts';

export interface PortalEvidence {
  readonly fixtures: readonly Fixture[];
  /** Files of the portal: `scrapers/<id>.ts` and those beside it. */
  readonly sources: readonly {readonly file: string; readonly text: string}[];
  /** Place to begin searches in, as `antioquia/medellin`. */
  readonly place: string;
}

export interface PortalCheck {
  readonly name: string;
  readonly isPassed: boolean;
  readonly found: string;
  /** What to do; empty when there is nothing. */
  readonly remedy: string;
}

const MIN_DELAY_MS = 1500;

/** All checks, in the order to read them. */
export function checkPortal(portal: Portal, evidence: PortalEvidence): PortalCheck[] {
  const {golden, failures} = readGolden(portal, evidence.fixtures);
  const unread = [...new Set(golden.flatMap(({trial}) => trial.unread))];
  const {mandatory, breaks} = mutilate(portal, golden);
  const listings = golden.flatMap(({trial}) => trial.listings);
  return [
    checkMarks(evidence),
    checkPolicy(portal),
    judge('pace', {
      good: `one request in ${portal.politeness.minDelayMs} ms`,
      faults: portal.politeness.minDelayMs < MIN_DELAY_MS ? [`${portal.politeness.minDelayMs} ms`] : [],
      remedy: `Set politeness.minDelayMs to ${MIN_DELAY_MS} or more.`,
    }),
    judge('imports', {
      good: 'the toolkit only: no network, disk, clock or chance',
      faults: evidence.sources.flatMap(({file, text}) => forbiddenIn(portal.id, file, text)),
      remedy:
        'A portal is a value: use src/portal, src/domain and src/lib, and arguments for time and chance.',
    }),
    checkSeeds(portal, evidence.place),
    judge('fixtures', {
      good: `${golden.length} read as expected, ${listings.length} adverts`,
      faults: [
        ...failures,
        ...(listings.length === 0 ? ['no fixture with an advert and an expectation'] : []),
      ],
      remedy: `Look at: raiz portal try ${portal.id} <page> --json; when it is right, it is the new .expected.json.`,
    }),
    judge('every key read', {
      good: 'nothing is left over',
      faults: unread,
      remedy: 'Read these keys, or name them in fields.ignore(…).',
    }),
    judge('mandatory fields', {
      good: firstOf(mandatory, ', '),
      faults: [
        ...breaks,
        ...(mandatory.length === 0 ? ['no field is mandatory: any record would pass'] : []),
      ],
      remedy: 'Read with take(…): fields.int("id") refuses a record by its path, instead of breaking down.',
    }),
    judge('redaction', {
      good: 'each key occurs, and what it names is gone',
      faults: checkRedaction(portal, golden),
      remedy: 'Put the key, with invented personal data, into a fixture, or take it out of "redact".',
    }),
    checkFill(portal, listings),
  ];
}

interface Judgement {
  readonly good: string;
  readonly faults: readonly string[];
  readonly remedy: string;
}

const SHOWN = 6;

function judge(name: string, {good, faults, remedy}: Judgement): PortalCheck {
  if (faults.length === 0) return {name, isPassed: true, found: good, remedy: ''};
  return {name, isPassed: false, found: firstOf(faults, '; '), remedy};
}

function firstOf(words: readonly string[], comma: string): string {
  const more = words.length > SHOWN ? [`and ${words.length - SHOWN} more`] : [];
  return [...words.slice(0, SHOWN), ...more].join(comma);
}

function checkMarks({sources}: PortalEvidence): PortalCheck {
  const marked = sources.flatMap(({file, text}) =>
    text.split('\n').flatMap((line, at) => (line.includes('✎') ? [`${file}:${at + 1}`] : [])),
  );
  return judge('written for this portal', {
    good: 'no mark of the template left',
    faults: marked.length === 0 ? [] : [`${marked.length} lines marked ✎, the first at ${marked[0]}`],
    remedy: 'Write what this portal does where the template has its example, and take the mark away.',
  });
}

function checkPolicy({policy: {known}, homepage}: Portal): PortalCheck {
  const faults = [
    ...(/\b20\d\d\b/.test(known) ? [] : ['no date']),
    ...(/robots\.txt/i.test(known) ? [] : ['nothing about robots.txt']),
    ...(/\bterms\b/i.test(known) ? [] : ['nothing about the terms']),
    ...(/\bpending\b/i.test(known) ? ['the decision is pending'] : []),
  ];
  return judge('policy', {
    good: 'robots.txt and terms, with a date',
    faults,
    remedy: `Read ${homepage}/robots.txt and the terms, and say in policy.known what they say and on which day.`,
  });
}

function forbiddenIn(id: string, file: string, text: string): string[] {
  const imports = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(
    ([, path = '']) => path,
  );
  const allowed = new RegExp(`^(\\./${id}(-[\\w-]+)?\\.ts|\\.\\./src/(portal|domain|lib)/.+)$`);
  const calls = text.match(
    /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\bfetch\(|\bprocess\.|\bglobalThis\b|\beval\(/g,
  );
  return [
    ...imports.filter(path => !allowed.test(path)).map(path => `${file} imports ${path}`),
    ...[...new Set(calls ?? [])].map(call => `${file} calls ${call}`),
  ];
}

function checkSeeds(portal: Portal, place: string): PortalCheck {
  const faults: string[] = [];
  const urls = new Set<string>();
  let searches = 0;
  for (const operation of portal.operations) {
    for (const propertyType of portal.propertyTypes) {
      const scope: Scope = {portal: portal.id, operation, propertyType, place};
      const seeds = portal.seeds(scope);
      // Sitemaps serve many searches at once; search pages are each search's own.
      if (seeds.some(({kind}) => kind === 'search')) searches += 1;
      if (seeds.length === 0) faults.push(`${operation} ${propertyType} has no first page`);
      for (const {url} of seeds) {
        urls.add(url);
        if (!URL.canParse(url) || new URL(url).origin !== portal.homepage)
          faults.push(`${url} is not on ${portal.homepage}`);
      }
    }
  }
  if (faults.length === 0 && urls.size < searches)
    faults.push(`${searches} searches begin at only ${urls.size} addresses`);
  return judge('first pages', {
    good: `${urls.size} addresses on its own host`,
    faults,
    remedy: 'Let "seeds" give each operation and type an address of its own on the homepage.',
  });
}

function checkFill({expect}: Portal, listings: readonly object[]): PortalCheck {
  const fields = new Set(['price', 'areaM2', ...listings.flatMap(listing => Object.keys(listing))]);
  const shares = Object.entries({announcedShare: expect.announcedShare, ...expect.fill});
  return judge('expectations', {
    good: `${Object.keys(expect.fill).join(', ') || 'announced share only'}`,
    faults: [
      ...Object.keys(expect.fill)
        .filter(name => !fields.has(name))
        .map(name => `"${name}" is no field`),
      ...shares.filter(([, share]) => !(share > 0 && share <= 1)).map(([name]) => `${name} is no share`),
    ],
    remedy: 'Name fields of StagedListing, price or areaM2, in expect.fill, with shares between 0 and 1.',
  });
}
