/**
 * The one way personal data leaves what Raíz has read. Pages, imported files, fixtures, issues and logs all pass here
 * before anything reaches a disk or a screen.
 *
 * Three means, in this order: keys that name people or ways to reach them are dropped; the advertiser block is cut
 * down to a kind, a company's name and a keyed pseudonym; patterns run over the remaining text values — never over
 * raw JSON text and never over numbers, where 3059100000 is a price. Redacting twice changes nothing.
 */
import type {JsonValue, PageContent} from '../domain/page.ts';
import {keyedPseudonym} from '../lib/hash.ts';
import {repairMojibake} from '../lib/spanish.ts';
import {isCompanyName} from './names.ts';
import {findPersonal, type PersonalKind, type PersonalOptions} from './personal.ts';
import {isObject} from './take.ts';

/** Which parts of a portal's JSON name people or ways to reach them. */
export interface RedactionRules {
  /** Keys removed with all they hold, at any depth. */
  readonly dropKeys: readonly string[];
  /** Keys whose content is the portal's own words (places, amenities, labels): no names are looked for in it. */
  readonly wordKeys?: readonly string[];
  /** Keys of street addresses: unit numbers go too. */
  readonly addressKeys?: readonly string[];
  /** Keys of addresses of listing pages, which go through `shortenPath`. */
  readonly linkKeys?: readonly string[];
  /**
   * Path of a page of the portal without the words an advertiser may have put in it; undefined for a path it doesn't
   * know, over which the patterns run. Must be idempotent.
   */
  readonly shortenPath?: (path: string) => string | undefined;
  readonly advertiser?: AdvertiserRule;
}

/** The block that says who advertises. All its keys go, but for those named here. */
interface AdvertiserRule {
  readonly key: string;
  /** Becomes a keyed pseudonym. */
  readonly idKey: string;
  /** Stays only for a company: when `mayBeCompany` and the name itself doesn't look like a person's. */
  readonly nameKey: string;
  readonly keepKeys: readonly string[];
  readonly mayBeCompany: (block: {readonly [key: string]: JsonValue}) => boolean;
}

/** Rules for content that has no portal: patterns only. */
const PATTERNS_ONLY: RedactionRules = {dropKeys: []};

/** Keys that hold ways to reach a person on any portal; true/false values (`has_whatsapp`) tell nothing and stay. */
const PERSONAL_KEY = /phone|telef|celular|m[oó]vil|whats|e-?mail|correo|cedula|^tel$|^contact(?:o|Name)?$/i;

const TOKENS: Readonly<Record<PersonalKind, string>> = {
  phone: '[TEL]',
  email: '[EMAIL]',
  name: '[NOMBRE]',
  unit: '[UNIDAD]',
  document: '[DOCUMENTO]',
};

/**
 * A text with personal data replaced by `[TEL]`, `[EMAIL]`, `[NOMBRE]`, `[UNIDAD]`, `[DOCUMENTO]`; in NFC.
 * Mojibake hides names (`Mar√≠a`), so it is repaired where something was found; a text without findings stays.
 */
export function redactText(text: string, options: PersonalOptions = {}): string {
  if (text.length < 4) return text;
  const composed = repairMojibake(text).normalize('NFC');
  const spans = findPersonal(composed, options);
  if (spans.length === 0) return text;
  let result = '';
  let from = 0;
  for (const span of spans) {
    result += composed.slice(from, span.start) + TOKENS[span.kind];
    from = span.end;
  }
  return result + composed.slice(from);
}

/**
 * A JSON value without personal data. `hashKey` is the installation's secret for pseudonyms. What holds none is not
 * copied: the result shares it with the value, which must not be changed afterwards.
 */
export function redactJson(value: JsonValue, rules: RedactionRules, hashKey: string): JsonValue {
  return redactValue(value, {rules, hashKey, treatments: treatmentsOf(rules)}, PLAIN);
}

/** What happens to the field of a key. */
type Treatment = 'drop' | 'dropUnlessBoolean' | 'advertiser' | 'link' | 'address' | 'words' | 'text';

interface Context {
  readonly rules: RedactionRules;
  readonly hashKey: string;
  /** By key; filled as keys are met: pages have thousands of keys and hardly two hundred different ones. */
  readonly treatments: Map<string, Treatment>;
}

const PLAIN: PersonalOptions = {};
const ADDRESS: PersonalOptions = {isAddress: true};
const WORDS: PersonalOptions = {skipNames: true};

/** Longer texts hardly repeat. */
const MAX_REPEATED_LENGTH = 48;
/** Then the texts known to be clean are forgotten and learnt anew: the bound of their memory, a megabyte. */
const MAX_CLEAN_TEXTS = 10_000;

/**
 * Short texts in which nothing was found, by how they were looked at: listings and pages repeat labels, amenities and
 * places by the hundred. A text with a finding is never kept here.
 */
const cleanTexts = new Map<PersonalOptions, Set<string>>(
  [PLAIN, ADDRESS, WORDS].map(how => [how, new Set()]),
);

/** Where a key stands in several lists, the stricter treatment wins. */
function treatmentsOf(rules: RedactionRules): Map<string, Treatment> {
  // An own key of this name, which only JSON can make, would set the prototype of a copy.
  const treatments = new Map<string, Treatment>([['__proto__', 'drop']]);
  for (const key of rules.wordKeys ?? []) treatments.set(key, 'words');
  for (const key of rules.addressKeys ?? []) treatments.set(key, 'address');
  for (const key of rules.linkKeys ?? []) treatments.set(key, 'link');
  if (rules.advertiser !== undefined) treatments.set(rules.advertiser.key, 'advertiser');
  for (const key of rules.dropKeys) treatments.set(key, 'drop');
  return treatments;
}

function treatmentOf(key: string, context: Context): Treatment {
  const known = context.treatments.get(key);
  if (known !== undefined) return known;
  const treatment = PERSONAL_KEY.test(key) ? 'dropUnlessBoolean' : 'text';
  context.treatments.set(key, treatment);
  return treatment;
}

function redactValue(value: JsonValue, context: Context, options: PersonalOptions): JsonValue {
  if (typeof value === 'string') return redactString(value, context, options);
  if (Array.isArray(value)) return redactList(value, context, options);
  return isObject(value) ? redactFields(value, context, options) : value;
}

function redactList(list: JsonValue[], context: Context, options: PersonalOptions): JsonValue[] {
  let copy: JsonValue[] | undefined;
  for (let at = 0; at < list.length; at += 1) {
    const element = list[at] ?? null;
    const redacted = redactValue(element, context, options);
    if (redacted !== element) copy ??= list.slice(0, at);
    copy?.push(redacted);
  }
  return copy ?? list;
}

function redactFields(
  fields: {[key: string]: JsonValue},
  context: Context,
  options: PersonalOptions,
): {[key: string]: JsonValue} {
  const keys = Object.keys(fields);
  let copy: {[key: string]: JsonValue} | undefined;
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] ?? '';
    const field = fields[key] ?? null;
    const redacted = redactField(key, field, context, options);
    if (redacted !== field) copy ??= firstFields(fields, keys, at);
    if (copy !== undefined && redacted !== undefined) copy[key] = redacted;
  }
  return copy ?? fields;
}

function firstFields(
  fields: {readonly [key: string]: JsonValue},
  keys: readonly string[],
  count: number,
): {[key: string]: JsonValue} {
  const first: {[key: string]: JsonValue} = {};
  for (let at = 0; at < count; at += 1) {
    const key = keys[at] ?? '';
    first[key] = fields[key] ?? null;
  }
  return first;
}

function redactField(
  key: string,
  field: JsonValue,
  context: Context,
  options: PersonalOptions,
): JsonValue | undefined {
  const {rules} = context;
  switch (treatmentOf(key, context)) {
    case 'drop':
      return undefined;
    case 'dropUnlessBoolean':
      return typeof field === 'boolean' ? field : undefined;
    case 'advertiser':
      if (rules.advertiser === undefined || !isObject(field)) return undefined;
      return redactAdvertiser(field, rules.advertiser, context.hashKey);
    case 'link':
      return typeof field === 'string' ? redactUrl(field, rules) : undefined;
    case 'address':
      return redactValue(field, context, ADDRESS);
    case 'words':
      return redactValue(field, context, WORDS);
    case 'text':
      return redactValue(field, context, options);
  }
}

function redactString(text: string, context: Context, options: PersonalOptions): string {
  if (text.length < 4) return text;
  if (text.startsWith('http') && /^https?:\/\//.test(text)) return redactUrl(text, context.rules);
  if (text.length > MAX_REPEATED_LENGTH) return redactText(text, options);
  const clean = cleanTexts.get(options);
  if (clean?.has(text)) return text;
  const redacted = redactText(text, options);
  if (redacted === text && clean !== undefined) {
    if (clean.size >= MAX_CLEAN_TEXTS) clean.clear();
    clean.add(text);
  }
  return redacted;
}

const PSEUDONYM = /^adv_[0-9a-f]{24}$/;

function redactAdvertiser(
  block: {readonly [key: string]: JsonValue},
  rule: AdvertiserRule,
  hashKey: string,
): {[key: string]: JsonValue} {
  const kept: {[key: string]: JsonValue} = {};
  for (const key of rule.keepKeys) {
    const field = block[key];
    if (field !== undefined) kept[key] = field;
  }
  const id = block[rule.idKey];
  if (typeof id === 'number' || typeof id === 'string') {
    kept[rule.idKey] = PSEUDONYM.test(String(id)) ? id : `adv_${keyedPseudonym(hashKey, String(id))}`;
  }
  const name = block[rule.nameKey];
  if (typeof name === 'string' && rule.mayBeCompany(block)) {
    const company = redactText(name, WORDS).trim();
    if (isCompanyName(company)) kept[rule.nameKey] = company;
  }
  return kept;
}

/**
 * An address without personal data: no user, fragment or e-mail parameter, listing slugs shortened by the portal's
 * rule, phones and names in what is left of the path replaced. Relative addresses stay relative.
 */
export function redactUrl(url: string, rules: RedactionRules = PATTERNS_ONLY): string {
  const isRelative = url.startsWith('/');
  if (!isRelative && !/^https?:\/\//i.test(url)) return redactText(url);
  if (!URL.canParse(url, 'http://relative')) return '';
  const parsed = new URL(url, 'http://relative');
  if (/(?:^|\.)(?:wa\.me|whatsapp\.com|wa\.link|t\.me)$/.test(parsed.hostname)) return TOKENS.phone;
  const decoded = decodePath(parsed.pathname);
  const path = rules.shortenPath?.(decoded) ?? redactText(decoded);
  for (const [key, value] of [...parsed.searchParams]) {
    if (PERSONAL_KEY.test(key) || redactText(value) !== value) parsed.searchParams.delete(key);
  }
  const query = parsed.search;
  return isRelative ? path + query : parsed.origin + path + query;
}

function decodePath(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, bytes =>
    new TextDecoder().decode(Buffer.from(bytes.replaceAll('%', ''), 'hex')),
  );
}

/** What a page keeps, without personal data: title, state, JSON-LD and notices. */
export function redactContent(content: PageContent, rules: RedactionRules, hashKey: string): PageContent {
  return {
    title: content.title === null ? null : redactText(content.title),
    state: redactJson(content.state, rules, hashKey),
    jsonLd: content.jsonLd.map(block => redactJson(block, rules, hashKey)),
    notices: content.notices.map(notice => redactText(notice)),
  };
}
