/** What a portal file does with its fixtures: read them whole, miss what is mandatory, and let no personal data pass. */
import {PageShapeError, RecordShapeError} from '../domain/errors.ts';
import type {JsonValue, Page, PageContent} from '../domain/page.ts';
import type {PageKind} from '../domain/vocabulary.ts';
import {canonicalJson} from '../lib/canonical-json.ts';
import type {Portal} from './define-portal.ts';
import {cutCanonicalUrl} from './embedded.ts';
import {redactContent} from './redact.ts';
import {isObject} from './take.ts';
import {type PageTrial, pageToTry, tryPage} from './try.ts';

/** A page of `test/scrapers/fixtures`. */
export interface Fixture {
  /** File name without `.html`. */
  readonly name: string;
  readonly body: string;
  /** Content of `<name>.expected.json`; undefined: there is none, and the page need not be readable. */
  readonly expected: JsonValue | undefined;
}

/** A fixture that must be read, and what was read. */
export interface GoldenPage {
  readonly fixture: Fixture;
  readonly page: Page;
  readonly trial: PageTrial;
}

/** Reads fixtures that have an expectation. A fixture that can't be read is in `failures`, with the reason. */
export function readGolden(
  portal: Portal,
  fixtures: readonly Fixture[],
): {golden: GoldenPage[]; failures: string[]} {
  const golden: GoldenPage[] = [];
  const failures: string[] = [];
  for (const fixture of fixtures) {
    if (fixture.expected === undefined) continue;
    try {
      const trial = tryPage(portal, {body: fixture.body});
      if (canonicalJson(JSON.parse(JSON.stringify(trial))) !== canonicalJson(fixture.expected))
        failures.push(`${fixture.name}.html reads otherwise than ${fixture.name}.expected.json says`);
      const kind: PageKind = trial.kind === 'search' ? 'search' : 'listing';
      const url = cutCanonicalUrl(fixture.body) ?? portal.homepage;
      golden.push({fixture, trial, page: pageToTry(portal, {body: fixture.body}, kind, url)});
    } catch (error) {
      failures.push(`${fixture.name}.html: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return {golden, failures};
}

export interface Mutilation {
  /** Fields without which an advert or a page is refused, as `$.id`; sorted. */
  readonly mandatory: readonly string[];
  /** Fields without which the portal file breaks down instead of refusing, and how. */
  readonly breaks: readonly string[];
}

/** Takes each field out of each page, and puts an object in its place, and looks at what the portal file says. */
export function mutilate(portal: Portal, golden: readonly GoldenPage[]): Mutilation {
  const mandatory = new Set<string>();
  const breaks = new Set<string>();
  for (const {page, trial} of golden) {
    const state = structuredClone(page.content.state);
    for (const {holder, key, path} of fieldsOf(state, '$')) {
      const field = holder[key] ?? null;
      for (const change of ['missing', 'another type'] as const) {
        if (change === 'missing') delete holder[key];
        else holder[key] = {mutilated: true};
        const told = refusalOf(portal, {...page, content: {...page.content, state}}, trial.kind);
        if (told.isBroken) breaks.add(`${path} ${change}: ${told.message}`);
        else if (told.message !== '' && change === 'missing')
          mandatory.add(told.message.replace(/\[\d+\]/g, '[]'));
        holder[key] = field;
      }
    }
  }
  return {mandatory: [...mandatory].sort(), breaks: [...breaks].sort()};
}

interface Field {
  readonly holder: {[key: string]: JsonValue};
  readonly key: string;
  readonly path: string;
}

function fieldsOf(value: JsonValue, path: string): Field[] {
  if (Array.isArray(value)) return value.flatMap((element, at) => fieldsOf(element, `${path}[${at}]`));
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap(key => [
    {holder: value, key, path: `${path}.${key}`},
    ...fieldsOf(value[key] ?? null, `${path}.${key}`),
  ]);
}

/** Path that the portal file names when it refuses the page or one of its records; empty: it refuses nothing. */
function refusalOf(
  portal: Portal,
  page: Page,
  kind: PageTrial['kind'],
): {message: string; isBroken: boolean} {
  try {
    if (kind !== 'search') {
      portal.parseListing(page);
      return {message: '', isBroken: false};
    }
    const [rejected] = portal.parseSearch(page).rejected;
    return {message: rejected?.message.split(':')[0] ?? '', isBroken: false};
  } catch (error) {
    if (error instanceof RecordShapeError) return {message: error.path, isBroken: false};
    if (error instanceof PageShapeError) return {message: error.message, isBroken: false};
    return {
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      isBroken: true,
    };
  }
}

/** Faults of the `redact` rules, as sentences. Empty: each key occurs, and what it names is gone. */
export function checkRedaction(portal: Portal, golden: readonly GoldenPage[]): string[] {
  const {redact} = portal;
  const before = golden.map(({fixture}) => portal.keep(fixture.body));
  const after = before.map(content => redactContent(content, redact, 'check'));
  const left = new Set(after.flatMap(({state, jsonLd}) => [state, ...jsonLd].flatMap(keysOf)));
  const again = after.map(content => redactContent(content, redact, 'check'));
  return [
    ...unusedRules(portal, before).map(rule => `${rule}, which no fixture has`),
    ...redact.dropKeys
      .filter(key => left.has(key) && !advertiserKeys(portal).includes(key))
      .map(key => `"${key}" of dropKeys is still there after redaction`),
    ...(canonicalJson(before as unknown as JsonValue) === canonicalJson(after as unknown as JsonValue)
      ? ['redaction changes nothing in the fixtures: they hold no personal data to prove it with']
      : []),
    ...(canonicalJson(after as unknown as JsonValue) === canonicalJson(again as unknown as JsonValue)
      ? []
      : [
          'redacting twice changes what redacting once left: shortenPath or an advertiser rule is not stable',
        ]),
  ];
}

/** Keys that `redact` names and none of these contents has, each as `dropKeys names "photos"`. */
export function unusedRules(portal: Portal, contents: readonly PageContent[]): string[] {
  const {redact} = portal;
  const seen = new Set(contents.flatMap(({state, jsonLd}) => [state, ...jsonLd].flatMap(keysOf)));
  const named = {
    dropKeys: redact.dropKeys,
    addressKeys: redact.addressKeys ?? [],
    linkKeys: redact.linkKeys ?? [],
    wordKeys: redact.wordKeys ?? [],
    advertiser: advertiserKeys(portal),
  };
  return Object.entries(named).flatMap(([list, keys]) =>
    keys.filter(key => !seen.has(key)).map(key => `${list} names "${key}"`),
  );
}

function advertiserKeys({redact: {advertiser}}: Portal): string[] {
  if (advertiser === undefined) return [];
  return [advertiser.key, advertiser.idKey, advertiser.nameKey, ...advertiser.keepKeys];
}

function keysOf(value: JsonValue): string[] {
  return fieldsOf(value, '$').map(({key}) => key);
}
