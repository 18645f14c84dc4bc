/**
 * Finding personal data in free text: ways to reach a person, names, unit numbers, identity numbers.
 *
 * Works on a folded copy (lower case, no accents, same length), so that positions fit the text.
 * Prices are told from phones by their grouping (`$ 3.059.100.000` has groups of three) and their neighbours.
 */
import {findNames} from './names.ts';

export type PersonalKind = 'phone' | 'email' | 'name' | 'unit' | 'document';

export interface PersonalSpan {
  readonly kind: PersonalKind;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface PersonalOptions {
  /** The text is a street address: short unit numbers count too. */
  readonly isAddress?: boolean;
  /** The text is the portal's own wording (places, amenities): names in it are no people. */
  readonly skipNames?: boolean;
}

/**
 * Personal data in a text, in order, without overlaps. Positions are those of the text in NFC.
 * The gate before publication and the redaction use the same finder.
 */
export function findPersonal(text: string, options: PersonalOptions = {}): PersonalSpan[] {
  const digits = countDigits(text);
  const mayNameSomebody = !options.skipNames && text.length >= 6;
  if (digits === 0 && !mayNameSomebody && !/@|arroba|\[at\]/i.test(text)) return [];
  const folded = foldKeepingLength(text);
  const spans: PersonalSpan[] = [];
  if (/@|arroba|\[at\]/.test(folded)) collect(spans, folded, 'email', EMAILS);
  // The portal's own ids and slugs are full of digits and hold nobody's number.
  const isSlug = options.skipNames === true && /^[a-z0-9_-]*[a-z][a-z0-9_-]*$/.test(folded);
  if (digits >= MIN_PHONE_DIGITS && !isSlug) {
    collect(spans, folded, 'phone', LINKS);
    collectPhones(spans, folded);
    collect(spans, folded, 'document', DOCUMENTS);
  }
  if (digits > 0 && !options.skipNames)
    collect(spans, folded, 'unit', options.isAddress ? ADDRESS_UNITS : TEXT_UNITS);
  if (mayNameSomebody) {
    if (/\b(?:cero|tres|seis|ocho|cinco)\b/.test(folded)) collectSpelledPhones(spans, folded);
    const masked = spans.reduce((line, {start, end}) => blankOut(line, start, end), folded);
    for (const [start, end] of findNames(text, masked, spans)) spans.push({kind: 'name', start, end});
  }
  return spans.length < 2 ? spans : withoutOverlaps(spans);
}

/** A name never runs into a phone or an e-mail. */
function blankOut(folded: string, start: number, end: number): string {
  return folded.slice(0, start) + '#'.repeat(end - start) + folded.slice(end);
}

/** Fewer digits than this are no phone and no identity number. */
const MIN_PHONE_DIGITS = 6;

function countDigits(text: string): number {
  let digits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) digits += 1;
  }
  return digits;
}

/** Lower case without accents, one UTF-16 unit for one: positions stay. The text must be NFC. */
function foldKeepingLength(text: string): string {
  const plain = /[^\0-\x7f]/.test(text)
    ? text.replace(/[\u00c0-\u024f]/g, letter => BASE_LETTERS.get(letter) ?? letter)
    : text;
  return plain.toLowerCase();
}

const BASE_LETTERS = new Map(
  Array.from({length: 0x250 - 0xc0}, (_, at) => String.fromCharCode(0xc0 + at)).map(letter => [
    letter,
    letter.normalize('NFD').charAt(0),
  ]),
);

/** A digit, also as a keycap emoji, or the letter O that stands for a zero. */
const D = '[\\do]\\ufe0f?\\u20e3?';
/** What people put between the digits of one number. */
const GAP = '[ .\\-–_/·()]{0,3}';

const MOBILE = new RegExp(
  `(?<![\\d$#.,])(?:\\(?(?:\\+|00)?\\(?57\\)?${GAP})?\\(?3\\ufe0f?\\u20e3?${GAP}${D}${GAP}${D}\\)?(?:${GAP}${D}){7}(?!\\d)`,
  'g',
);
/** Landline with its area code: 60 + region digit + seven digits, or the old one-digit code in brackets. */
const LANDLINE =
  /(?<![\d$#.,])(?:\(?(?:\+?57[ -]?)?\(?60[1-8]\)?(?:[ .-]{0,2}\d){7}|\([1-8]\)(?:[ .-]{0,2}\d){7})(?!\d)/g;
/** Any number of 7 to 12 digits that follows a word for phone. */
const MARKED =
  /(?:\b(?:tel(?:s|efonos?|ef)?|fijos?|pbx|fax|cel(?:s|ular(?:es)?)?|movil(?:es)?|whats?app?|wha?ts?ap|wats?app?|wasap|waspp?|wsp|wpp|contacto|comuni\w+|llam\w+|infor?me?s|info(?:rmacion)?|linea)\b|☎|📞|📱)[^\d\n$]{0,25}?((?:\(?\+?\d{1,4}\)[ -]?)?\d(?:[ .\-–]{0,2}\d){6,11})(?!\d)/g;
/** A further number right behind one that was found. */
const FOLLOWING = /^(?:[ ,;/|-]|\by\b|\bo\b|ext\.?|cel\.?|tel\.?|:){1,8}((?:\d[ .-]?){6,11}\d)(?!\d)/;

const LINKS =
  /(?:https?:\/\/)?(?:(?:api|web|www)\.)?(?:wa\.me|whatsapp\.com|t\.me|walink\.co|wa\.link)\/[^\s"'<>]+|\btel:\+?\d[\d-]{5,}/g;
const EMAILS =
  /[a-z0-9._%+-]+ ?(?:@|\[at\]|\(at\)|\(?\barroba\b\)?) ?[a-z0-9-]+(?: ?(?:\.|\bpunto\b) ?[a-z]{2,})+|(?<![\w.])@[a-z0-9_.]{3,}/g;
const DOCUMENTS =
  /\b(?:c\.? ?c\.?|cedula(?: de ciudadania)?|matricula(?: inmobiliaria)?|folio(?: de matricula)?|m\.? ?i\.?)[ :#.]*(?:n[ro]?[o°º.]*)?[ :#.]*\d[\d.-]{5,14}(?<=\d)/g;

const COUNTED =
  '(?! ?(?:m2|m²|mts?|metros?|hab|alcob|cuarto|bano|pisos?\\b|nivel|plantas?\\b|anos?\\b|mill|mil\\b|%|-\\d{3}|[.,]\\d|\\d))';
const UNIT_WORD =
  '(?:apartamentos?|aptos?|apto|apt|ap|interior|int|unidad|local|oficina|of|casa|bloque|blq|torre)';
const ADDRESS_UNITS = new RegExp(
  `\\b${UNIT_WORD}\\.?[ :]*(?:n[ro]?[o°º.]*|#|numero)? *\\d{1,5}[ -]?[a-z]?(?![a-z0-9])${COUNTED}`,
  'g',
);
/** In running text only what can hardly be a count: `apto 302`, `int. 201`, `casa # 12`; not `casa 3 alcobas`. */
const TEXT_UNITS = new RegExp(
  '\\b(?:(?:apartamento|apto|apt|interior|int)\\.?[ :]*(?:n[ro]?[o°º.]*|#|numero)? *\\d{3,5}|' +
    `(?:apartamento|apto|apt|interior|int|casa|unidad)\\.?[ :]*(?:n[ro]?[o°º.]+|no|#|numero) *\\d{1,5})[a-e]?(?![a-z0-9])${COUNTED}`,
  'g',
);

function collect(spans: PersonalSpan[], folded: string, kind: PersonalKind, pattern: RegExp): void {
  for (const match of folded.matchAll(pattern)) {
    spans.push({kind, start: match.index, end: match.index + match[0].length});
  }
}

function collectPhones(spans: PersonalSpan[], folded: string): void {
  const found: PersonalSpan[] = [];
  for (const pattern of [MOBILE, LANDLINE]) {
    for (const match of folded.matchAll(pattern)) {
      const isNumber = countDigits(match[0]) >= 7 && !isMoney(folded, match.index, match[0]);
      if (isNumber) found.push(phoneAt(match.index, match[0]));
    }
  }
  for (const match of folded.matchAll(MARKED)) {
    const number = match[1] ?? '';
    const start = match.index + match[0].length - number.length;
    if (!isMoney(folded, start, number)) found.push(phoneAt(start, number));
  }
  for (let at = 0; at < found.length; at += 1) {
    const end = found[at]?.end ?? 0;
    const next = FOLLOWING.exec(folded.slice(end, end + 40));
    const number = next?.[1];
    if (next === null || number === undefined) continue;
    const start = end + next[0].length - number.length;
    if (!isMoney(folded, start, number)) found.push(phoneAt(start, number));
  }
  spans.push(...found);
}

function phoneAt(start: number, number: string): PersonalSpan {
  return {kind: 'phone', start, end: start + number.length};
}

/**
 * A price and no phone: groups of exactly three (`3.059.100.000`, `35 000 000`), a money sign or word beside it,
 * or a bare number that ends in five zeros.
 */
function isMoney(folded: string, start: number, number: string): boolean {
  const plain = number.trim();
  if (/(?:^|[ ])\d{1,3}(?:[.,' ]\d{3}){2,}$/.test(plain) && !/^3\d\d[ .]\d{3}[ .]\d{4}$/.test(plain))
    return true;
  if (/^\d{6,}$/.test(plain) && /0{5}$/.test(plain)) return true;
  const before = folded.slice(Math.max(0, start - 22), start);
  if (
    /(?:\$|\bcop|\busd|\bprecio|\bvalor|\bcanon|\badmon|\badministracion|\bavaluo)[ :.=]*(?:de )?(?:venta|arriendo|renta)?[ :.=$]*$/.test(
      before,
    )
  ) {
    return true;
  }
  return /^ ?(?:cop\b|pesos\b|millones\b|mm\b|m2|mts|metros)/.test(folded.slice(start + number.length));
}

const NUMBER_WORD =
  '(?:cero|un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\\w+|veint\\w+|' +
  'treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien(?:to)?|\\w+cientos|quinientos|doble|triple)';
const SPELLED = new RegExp(
  `(?:(?<!\\d)\\d{1,4}[ -]?)?(?<![a-z])${NUMBER_WORD}(?:(?:[ ,.\\-–/]{1,3}| y )(?:y )?(?:${NUMBER_WORD}|\\d{1,4})\\b){3,}(?! ?(?:mil|millon))`,
  'g',
);

/** Phones in words, as `tres diez 555 cero uno veintisiete`: words that make up the digits of a phone. */
function collectSpelledPhones(spans: PersonalSpan[], folded: string): void {
  for (const match of folded.matchAll(SPELLED)) {
    const enough = /^(?:\d|tres)/.test(match[0]) ? 6 : 7;
    if (spokenDigits(match[0]) >= enough)
      spans.push({kind: 'phone', start: match.index, end: match.index + match[0].length});
  }
}

/** How many digits the words make when dictated: `cero` 1, `treinta y tres` 2, `quinientos cinco` 3. */
function spokenDigits(text: string): number {
  let digits = 0;
  /** How many digits the words that follow may still fill without adding any: two after hundreds, one after tens. */
  let open = 0;
  for (const word of text.match(/\d+|[a-z]+/g) ?? []) {
    if (word === 'y') continue;
    const size = /^\d+$/.test(word) ? word.length : wordDigits(word);
    const isInside = size <= open && !/^(?:\d|cero)/.test(word);
    if (!isInside) digits += size;
    open = size === 3 ? 2 : /(?:ta|eintiun|veinte)$/.test(word) ? 1 : 0;
  }
  return digits;
}

function wordDigits(word: string): number {
  if (/^(?:cien|ciento|quinientos|\w+cientos)$/.test(word)) return 3;
  return /^(?:cero|un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)$/.test(word) ? 1 : 2;
}

function withoutOverlaps(spans: PersonalSpan[]): PersonalSpan[] {
  const sorted = spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: PersonalSpan[] = [];
  for (const span of sorted) {
    const last = kept.at(-1);
    if (last === undefined || span.start >= last.end) kept.push(span);
    else if (span.end > last.end) kept[kept.length - 1] = {...last, end: span.end};
  }
  return kept;
}
