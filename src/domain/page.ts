import type {Operation, PageKind, PropertyType} from './vocabulary.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | {[key: string]: JsonValue};

/** One search a portal can answer on its own: the unit that gets a verdict. */
export interface Scope {
  readonly portal: string;
  readonly operation: Operation;
  readonly propertyType: PropertyType;
  /** Slugs from the widest to the narrowest, as `antioquia/medellin`. */
  readonly place: string;
}

/** Identity of a scope over all runs, as `fincaraiz/sale/house/antioquia/medellin`. */
export function scopeKey(scope: Scope): string {
  return `${scope.portal}/${scope.operation}/${scope.propertyType}/${scope.place}`;
}

/** Stands in for the scope of a page that nobody's search led to; no place has an empty name. */
export function placelessScope(portal: string): Scope {
  return {portal, operation: 'sale', propertyType: 'house', place: ''};
}

/** A page worth visiting. `url` is always the portal's own address, also when a loopback server stands in for it. */
export interface PageRef {
  readonly kind: PageKind;
  readonly url: string;
}

/** What came over the wire, before anything is dropped or read. Lives in memory only. */
export interface FetchedPage {
  readonly ref: PageRef;
  readonly status: number;
  /** Address after redirects, as the portal's own address. */
  readonly finalUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetchedAt: Date;
  readonly body: string;
}

/** The part of a page worth keeping: state JSON, JSON-LD and the few words of markup that tell what page it is. */
export interface PageContent {
  readonly title: string | null;
  readonly state: JsonValue;
  readonly jsonLd: readonly JsonValue[];
  /** Sentences of the markup that change the meaning of the page, as "no está disponible". */
  readonly notices: readonly string[];
}

/** A redacted page: all that a portal's parse functions ever see, in the crawl and in every later re-parse. */
export interface Page {
  readonly ref: PageRef;
  readonly scope: Scope;
  readonly status: number;
  readonly finalUrl: string;
  readonly fetchedAt: Date;
  readonly content: PageContent;
}
