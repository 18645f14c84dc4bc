/**
 * Reading what Colombian portals write: numbers, classes, words. Everything here is pure.
 *
 * A text that is not understood gives null, never a guess and never "the digits that stand in it"
 * (`9 a 15 años` is not 915). Whether null is worth an issue is the caller's decision: `isNotStated` tells
 * a portal's ways of saying nothing from a word we don't know.
 */
import type {Condition, Operation, PropertyType} from '../domain/vocabulary.ts';

/** Lower case, no accents, single spaces: `Itagüí ` → `itagui`. */
export function foldText(text: string): string {
  const plain = /[^\0-\x7f]/.test(text) ? text.normalize('NFD').replace(/\p{M}/gu, '') : text;
  // Single spaces, which most blanks are, stay as they stand.
  return plain
    .toLowerCase()
    .replace(/\s{2,}|[^\S ]/g, ' ')
    .trim();
}

/** Portal slug of a text: `La Estrella` → `la-estrella`, `Bogotá, D.C.` → `bogota-dc`. */
export function slugify(text: string): string {
  return foldText(text)
    .replace(/[.'’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

const NOT_STATED = new Set([
  '',
  '-',
  '--',
  'null',
  'none',
  'nan',
  'n/a',
  'na',
  'sin especificar',
  'no especificado',
  'no definido',
  'sin definir',
  'no zone',
  'preguntar',
  'preguntale',
  'campestre',
  'otros',
]);

/** True for the ways portals say nothing: empty, `null`, `Sin especificar`, `No Zone`, `-`, `Preguntar`, `Campestre` … */
export function isNotStated(text: string | null | undefined): boolean {
  return text === null || text === undefined || NOT_STATED.has(foldText(text).replace(/[¡!¿?]/g, ''));
}

/**
 * A number as people write it in Colombia, or as its portals print it. Dot and comma may both be thousands or
 * decimals: the last of two kinds is the decimal one; a single separator before exactly three digits is thousands.
 * `1.450.000` → 1450000 · `1,693.00` → 1693 · `61,04` → 61.04 · `147.00` → 147 · `450.000` → 450000.
 * For numbers a program wrote (`6.251`, `210000000.0`) use `parseDecimal`.
 */
export function parseNumber(text: string): number | null {
  const match = /^([-+]?)(\d[\d.,]*)$/.exec(text.trim());
  if (match?.[2] === undefined) return null;
  const plain = toPlainDigits(match[2]);
  if (plain === null) return null;
  return match[1] === '-' ? -Number(plain) : Number(plain);
}

function toPlainDigits(digits: string): string | null {
  if (/^\d+$/.test(digits)) return digits;
  if (/^\d{1,3}(\.\d{3})+,\d+$/.test(digits)) return digits.replaceAll('.', '').replace(',', '.');
  if (/^\d{1,3}(,\d{3})+\.\d+$/.test(digits)) return digits.replaceAll(',', '');
  if (/^[1-9]\d{0,2}(\.\d{3})+$/.test(digits)) return digits.replaceAll('.', '');
  if (/^[1-9]\d{0,2}(,\d{3})+$/.test(digits)) return digits.replaceAll(',', '');
  if (/^\d+[.,]\d+$/.test(digits)) return digits.replace(',', '.');
  return null;
}

/** A number as a program writes it: a dot is always the decimal point. `6.251` → 6.251, `210000000.0` → 210000000. */
export function parseDecimal(text: string): number | null {
  const trimmed = text.trim();
  return /^[-+]?\d+(\.\d*)?([eE][-+]?\d{1,2})?$/.test(trimmed) ? Number(trimmed) : null;
}

/** Pesos as printed: `$ 1.450.000`, `$450.000 COP`, `1450000`. Other currencies give null. */
export function parsePesos(text: string): number | null {
  const match = /^\s*(?:COP|COL)?\s*\$?\s*([-\d.,]+)\s*(?:COP|pesos)?\s*$/i.exec(text);
  return match?.[1] === undefined ? null : parseNumber(match[1]);
}

/** Square metres as printed: `147.00  m2`, `61,04 m²`, `40 mts2`, `95`. Ranges and hectares give null. */
export function parseAreaM2(text: string): number | null {
  const match = /^\s*([\d.,]+)\s*(?:m2|m²|mts?2?|mts²|metros(?: cuadrados)?)?\s*$/i.exec(text);
  return match?.[1] === undefined ? null : parseNumber(match[1]);
}

/**
 * A count of rooms, baths, parking places or a floor. Open classes give the least number they hold:
 * `5+` → 5, `Más de 10` → 11. `3º` → 3.
 */
export function parseCount(text: string): number | null {
  const folded = foldText(text);
  const match = /^(mas de )?(-?\d{1,4})(?:[.,]0+)?(\+|º|°|ª)?$/.exec(folded);
  if (match?.[2] === undefined) return null;
  return Number(match[2]) + (match[1] === undefined ? 0 : 1);
}

/** Estrato: `Estrato 3` or `3`. Numbers that are no estrato (0, 7, 110) are given as they stand. */
export function parseStratum(text: string): number | null {
  const match = /^(?:estrato )?(-?\d{1,3})(?:\.0+)?$/.exec(foldText(text));
  return match?.[1] === undefined ? null : Number(match[1]);
}

export interface AgeClass {
  /** Completed years, both ends included; an open class has no `maxYears`. */
  readonly minYears: number;
  readonly maxYears: number | null;
}

/**
 * Age class: `9 a 15 años` → 9–15, `Entre 5 y 10 años` → 5–10, `menor a 1 año` → 0–0, `más de 30 años` → 30 and up.
 */
export function parseAgeClass(text: string): AgeClass | null {
  const folded = foldText(repairMojibake(text));
  const range = /^(?:entre |de )?(\d{1,3}) (?:a|y|-) (\d{1,3})(?: an?os?)?$/.exec(folded);
  if (range) {
    const [minYears, maxYears] = [Number(range[1]), Number(range[2])];
    return minYears <= maxYears ? {minYears, maxYears} : null;
  }
  const under = /^(?:menor a|menor de|menos de|hasta) (\d{1,3})(?: an?os?)?$/.exec(folded);
  if (under) return {minYears: 0, maxYears: Math.max(0, Number(under[1]) - 1)};
  const over = /^(?:mas de|mayor a|mayor de) (\d{1,3})(?: an?os?)?$/.exec(folded);
  return over ? {minYears: Number(over[1]), maxYears: null} : null;
}

const TYPE_WORDS: Readonly<Record<string, PropertyType>> = {
  apartamento: 'apartment',
  apartamentos: 'apartment',
  apto: 'apartment',
  aptos: 'apartment',
  apartaestudio: 'studio',
  apartaestudios: 'studio',
  'aparta estudio': 'studio',
  'aparta estudios': 'studio',
  casa: 'house',
  casas: 'house',
  'casa campestre': 'country_house',
  'casas campestres': 'country_house',
  'casa lote': 'house_lot',
  'casas lotes': 'house_lot',
  'casas lote': 'house_lot',
  cabana: 'cabin',
  cabanas: 'cabin',
  finca: 'farm',
  fincas: 'farm',
  habitacion: 'room',
  habitaciones: 'room',
  lote: 'land',
  lotes: 'land',
  bodega: 'warehouse',
  bodegas: 'warehouse',
  consultorio: 'medical_office',
  consultorios: 'medical_office',
  local: 'retail',
  locales: 'retail',
  'local comercial': 'retail',
  'locales comerciales': 'retail',
  oficina: 'office',
  oficinas: 'office',
  parqueadero: 'parking',
  parqueaderos: 'parking',
  edificio: 'building',
  edificios: 'building',
};

/** Property type of a word in any case, singular or plural, with or without accents: `CASAS LOTES` → `house_lot`. */
export function parsePropertyType(text: string): PropertyType | null {
  return TYPE_WORDS[foldText(text).replaceAll(/[-_]/g, ' ')] ?? null;
}

const OPERATION_WORDS: Readonly<Record<string, Operation>> = {
  venta: 'sale',
  ventas: 'sale',
  vender: 'sale',
  sale: 'sale',
  sell: 'sale',
  arriendo: 'rent',
  arriendos: 'rent',
  arrendar: 'rent',
  alquiler: 'rent',
  rent: 'rent',
};

/** Operations of a text, in the order written: `Venta y Arriendo` → sale, rent. Null when a word is unknown. */
export function parseOperations(text: string): Operation[] | null {
  const operations: Operation[] = [];
  for (const word of foldText(text).split(/[ /,-]+| [yo] /)) {
    if (word === 'y' || word === 'o' || word === '') continue;
    const operation = OPERATION_WORDS[word];
    if (operation === undefined) return null;
    if (!operations.includes(operation)) operations.push(operation);
  }
  return operations.length === 0 ? null : operations;
}

const CONDITION_WORDS: Readonly<Record<string, Condition>> = {
  nuevo: 'new',
  new: 'new',
  usado: 'used',
  used: 'used',
  'buen estado': 'used',
  'excelente estado': 'used',
  remodelado: 'remodelled',
  'sobre plano': 'off_plan',
  'sobre planos': 'off_plan',
  'en construccion': 'under_construction',
};

/** State of the home. `Buen estado` and `Excelente estado` are said of homes that have been lived in. */
export function parseCondition(text: string): Condition | null {
  return CONDITION_WORDS[foldText(repairMojibake(text))] ?? null;
}

/** True when a text says that the home is sold before it is built. */
export function mentionsOffPlan(text: string): boolean {
  return /\b(?:sobre|en) planos?\b|\bpreventa\b/.test(foldText(text));
}

const AUCTION =
  /\bremates? (?:judicial(?:es)?|bancarios?|hipotecarios?|de (?:inmueble|vivienda|banco))|(?<!\b(?:precio|valor|oferta|ganga) )\b(?:en|de|por) remate\b(?! de obra)/;

/** The words by which a text says that the home is sold by auction; `precio de remate` and `remate de obra` don't. */
export function findAuctionWords(text: string): string | null {
  return /remate/i.test(text) ? (AUCTION.exec(foldText(text))?.[0] ?? null) : null;
}

export function mentionsAuction(text: string): boolean {
  return findAuctionWords(text) !== null;
}

/** Spelling of places whose portals drop the accents, by slug: departments and the Valle de Aburrá. */
const PLACE_SPELLINGS: Readonly<Record<string, string>> = {
  atlantico: 'Atlántico',
  bogota: 'Bogotá',
  'bogota-dc': 'Bogotá D.C.',
  'bogota-d-c': 'Bogotá D.C.',
  bolivar: 'Bolívar',
  boyaca: 'Boyacá',
  caqueta: 'Caquetá',
  choco: 'Chocó',
  cordoba: 'Córdoba',
  guainia: 'Guainía',
  narino: 'Nariño',
  quindio: 'Quindío',
  vaupes: 'Vaupés',
  medellin: 'Medellín',
  itagui: 'Itagüí',
};

const PARTICLES = new Set(['de', 'del', 'la', 'las', 'el', 'los', 'y', 'e']);

/**
 * Name of a place in one spelling: `itagui` → `Itagüí`, `VALLE DEL CAUCA` → `Valle del Cauca`, `la ceja` → `La Ceja`.
 * Null when nothing is stated.
 */
export function normalisePlace(text: string | null): string | null {
  if (isNotStated(text) || text === null) return null;
  const clean = repairMojibake(text).replace(/\s+/g, ' ').trim();
  const spelling = PLACE_SPELLINGS[slugify(clean)];
  if (spelling !== undefined) return spelling;
  return clean
    .split(' ')
    .map((word, at) => titleWord(word, at))
    .join(' ');
}

function titleWord(word: string, at: number): string {
  const lower = word.toLocaleLowerCase('es');
  if (at > 0 && PARTICLES.has(lower)) return lower;
  if (/^[ivx]{2,4}$/.test(lower)) return lower.toUpperCase();
  return lower.charAt(0).toLocaleUpperCase('es') + lower.slice(1);
}

/** Characters of the bytes 0x80–0xBF in Mac Roman and Windows-1252: what UTF-8 continuation bytes turn into. */
const MAC_ROMAN = 'ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø';
const WINDOWS_1252 =
  '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿';

/**
 * Undoes UTF-8 read as Mac Roman (`bel√©n` → `belén`) or as Windows-1252 (`MedellÃ­n` → `Medellín`).
 * Letters of Spanish (two bytes) and the dashes, quotes and bullets of U+2000 to U+203F (three bytes); other text
 * comes back unchanged.
 */
export function repairMojibake(text: string): string {
  if (!/[√¬ÃÂ]|‚Ä|â€/.test(text)) return text;
  return text
    .replace(/‚Ä(.)/gsu, (three, last) => decodePunctuation(three, MAC_ROMAN.indexOf(last)))
    .replace(/â€(.)/gsu, (three, last) => decodePunctuation(three, WINDOWS_1252.indexOf(last)))
    .replace(/([√¬])(.)/gsu, (pair, lead, next) => decodePair(pair, lead === '√', MAC_ROMAN.indexOf(next)))
    .replace(/([ÃÂ])(.)/gsu, (pair, lead, next) =>
      decodePair(pair, lead === 'Ã', WINDOWS_1252.indexOf(next)),
    );
}

function decodePunctuation(three: string, continuation: number): string {
  return continuation < 0 ? three : String.fromCharCode(0x2000 + continuation);
}

function decodePair(pair: string, isUpperHalf: boolean, continuation: number): string {
  if (continuation < 0) return pair;
  return String.fromCharCode((isUpperHalf ? 0xc0 : 0x80) + continuation);
}
