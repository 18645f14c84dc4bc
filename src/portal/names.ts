/** Telling people's names from other words: after contact words, beside a phone, as given name + surname. */
import {DOUBTFUL_GIVEN_NAMES, GIVEN_NAMES, SURNAMES} from '../lib/person-names.ts';

/** Verbs and nouns after which a contact person is named. */
const CONTACT =
  /\b(?:vend[eo]|arriend[ao]|alquila|ofrece|contact\w*|comuni(?:carse|quese|cate|car|carte)|llam(?:ar|e|a|ame|anos)|inform(?:es?|acion|a|arse)|info|pregunt(?:ar|e|a|en)|habl(?:ar|e|a)|escrib\w+|atiende|atendid[oa]|asesor(?:a|es)?|agente|corredora?|propietari[oa]s?|duen[oa]s?|vendedora?|encargad[oa]|administradora?|arrendadora?|senor(?:a|es)?|sr|sra|srta|don|dona|dra?|doctora?|nombre|soy|att|atte|atentamente|citas?|visitas?|cel(?:ular)?|tel(?:efono)?|whats?app|wasap|wpp|movil)\b/g;
/** Words between the contact word and the name. */
const LINK =
  /^(?:[\s:;.,\-–=*]*\b(?:con|a|al|por|de|del|la|el|es|mi|su|y|o|nombre|senora?|sr|sra|srta|don|dona|dra?|ing|arq|asesora?|comercial|inmobiliari[oa]|independiente|propietari[oa]|duen[oa]|directo|directamente|cel(?:ular)?|tel(?:efono)?|whats?app|wpp)\b){0,6}[\s:;.,\-–=*]*/;
/** Titles: only a person's name follows them. */
const HONORIFIC = /\b(?:senora?|sr|sra|srta|don|dona|dra?)[\s.]*$/;
const TOWARDS =
  /\b(?:(?:con|a|por|soy|att|atte|nombre(?: es)?)[\s:]*|(?:propietari[oa]|duen[oa]|vendedora?|asesora?)\s*:\s*)$/;
/** Contact words that a person's name of two words may follow. */
const TOWARDS_TWO = /\b(?:propietari[oa]|duen[oa]|vendedora?|asesora?|informes|contacto)[\s:]*$/;
/** Verbs whose subject ends the sentence: `Vende Abundio Urquijo Yarce`. */
const SELLS = /\b(?:vende|arrienda|alquila|ofrece)[\s:]*$/;
/** Words before a person's name that make it the name of a place. */
const PLACE_BEFORE =
  /\b(?:san|santa|santo|en|barrio|sector|ub|urb|urbanizacion|colegio|hospital|clinica|parque|universidad|iglesia|parroquia|estadio|aeropuerto|biblioteca|av|avenida|calle|carrera|cra|cl|cr|edificio|conjunto|unidad|torres?|centro|comuna|vereda|corregimiento|hacienda|plaza|plazuela|puente|autopista|transversal|glorieta|estacion|metro|tranvia|mall|institucion|educativ[oa]|instituto|politecnico|escuela|policia|teatro|museo|coliseo|polideportivo|cementerio|hospitales|colegios|iem?|jardin|actor|artista|residencial|residencias|villas?|altos|mirador|portal|ciudadela|bosques?|municipio|ciudad|pueblo|rio|quebrada|cerro|loma|el|los|las)[\s.-]*$/;
/** Capitalised words that follow contact words and are nobody's name. */
const NO_NAME = new Set(
  `nosotros nuestro nuestra inmobiliaria inmobiliarias inmobiliario oficina ventas whatsapp wpp celular telefono fijo correo
  adicional general completa mayor mas para por con casa casas apartamento apartaestudio apto finca lote local bodega
  edificio unidad conjunto urbanizacion barrio sector calle carrera avenida diagonal transversal precio valor venta
  vende vendo arriendo arrienda excelente hermosa hermoso amplia amplio ubicada ubicado cerca piso pisos sala cocina
  grupo constructora asesores asesor asesora comercial bienes raices propiedades finca raiz gerencia servicio servicios
  directo directa propietario codigo ref referencia inmueble inmuebles cita previa solo tel cel pbx medellin envigado
  bello itagui sabaneta bogota cali colombia antioquia estrella laureles poblado belen metro aqui ahora hoy todos toda
  este esta interesados unicamente financiacion credito bancos banco leasing horario lunes disponible agenda agende sede
  norte sur este oeste centro portal club house sas ltda`.split(/\s+/),
);

type Span = readonly [start: number, end: number];

/**
 * Spans of people's names. `folded` is the text in lower case without accents, of the same length; `around` are
 * the phones and e-mails found in it: a given name beside one is a contact person.
 */
export function findNames(
  text: string,
  folded: string,
  around: readonly {start: number; end: number}[],
): Span[] {
  const spans: Span[] = [];
  let shouting: boolean | undefined;
  const addAt = (start: number, needsList: boolean) => {
    shouting ??= isMostlyUpper(text);
    const end = endOfName(text, folded, start, shouting || needsList);
    if (end !== undefined) spans.push([start, end]);
  };
  for (const match of folded.matchAll(CONTACT)) {
    const after = match.index + match[0].length;
    const link = LINK.exec(folded.slice(after, after + 90))?.[0] ?? '';
    addAt(after + link.length, false);
  }
  for (const span of around) addBeside(folded, span, start => addAt(start, true));
  addFullNames(folded, spans);
  return spans;
}

/** Words right before and behind a phone or an e-mail. */
function addBeside(folded: string, span: {start: number; end: number}, add: (start: number) => void): void {
  const behind = /^[\s\-–:,.;()]{1,4}(?=[a-z]{3})/.exec(folded.slice(span.end, span.end + 8));
  if (behind) add(span.end + behind[0].length);
  const from = Math.max(0, span.start - 45);
  const before = folded.slice(from, span.start);
  for (const word of before.matchAll(/(?<![a-z])[a-z]{3,}/g)) {
    const gap = before
      .slice(word.index)
      .replace(/[\s:.,\-–()+]|\b(?:cel(?:ular)?|tel(?:efono)?|whats?app|al|de)\b/g, '');
    if (gap.length <= 24 && GIVEN_NAMES.has(word[0])) {
      add(from + word.index);
      return;
    }
  }
}

/** Where a name that starts here ends, or undefined when none starts here. */
function endOfName(text: string, folded: string, start: number, needsList: boolean): number | undefined {
  const before = folded.slice(Math.max(0, start - 24), start);
  const words = wordsFrom(folded, start);
  const first = words[0];
  if (first === undefined || NO_NAME.has(first.word)) return undefined;
  const honoured = HONORIFIC.test(before);
  if (PLACE_BEFORE.test(honoured ? before.replace(HONORIFIC, '') : before)) return undefined;
  const isName = (at: number): boolean => {
    const word = words[at];
    if (word === undefined || NO_NAME.has(word.word)) return false;
    return (
      GIVEN_NAMES.has(word.word) || SURNAMES.has(word.word) || (!needsList && isCapitalised(text, word.start))
    );
  };
  const known = GIVEN_NAMES.has(first.word);
  const sure = known && (!DOUBTFUL_GIVEN_NAMES.has(first.word) || isName(1));
  const bySurname = SURNAMES.has(first.word) && (honoured || isSurname(words, 1));
  const byCapitals =
    !needsList &&
    !known &&
    isCapitalised(text, first.start) &&
    mayBeUnknownName(before, words, folded, isName);
  if (!sure && !bySurname && !byCapitals && !honoured) return undefined;
  if (honoured && !known && !bySurname && !isCapitalised(text, first.start)) return undefined;
  return lastOfName(words, isName);
}

/** Whether capitalised words that no list begins with are a name all the same, by what stands before and behind. */
function mayBeUnknownName(
  before: string,
  words: readonly Word[],
  folded: string,
  isName: (at: number) => boolean,
): boolean {
  if (TOWARDS.test(before) || isSurname(words, 1) || (isName(1) && isSurname(words, 2))) return true;
  if (!isName(1)) return false;
  const end = lastOfName(words, isName) ?? 0;
  return (
    TOWARDS_TWO.test(before) || (SELLS.test(before) && /^\s*(?:[.,;!\n]|$)/.test(folded.slice(end, end + 4)))
  );
}

function isSurname(words: readonly Word[], at: number): boolean {
  return SURNAMES.has(words[at]?.word ?? '');
}

/** Given name(s) followed by at least one surname, wherever they stand: `juan-carlos-perez`. */
function addFullNames(folded: string, spans: Span[]): void {
  const candidates = /(?<![a-z])[a-z]{3,}(?=[ \-.]{1,2}[a-z]{2,})/g;
  for (let match = candidates.exec(folded); match !== null; match = candidates.exec(folded)) {
    if (!GIVEN_NAMES.has(match[0])) continue;
    const words = wordsFrom(folded, match.index);
    const isName = (at: number) =>
      GIVEN_NAMES.has(words[at]?.word ?? '') || SURNAMES.has(words[at]?.word ?? '');
    const end = lastOfName(words, isName) ?? match.index;
    const surnameAt = words.findIndex((word, at) => at > 0 && SURNAMES.has(word.word) && word.end <= end);
    const isPlace = PLACE_BEFORE.test(folded.slice(Math.max(0, match.index - 24), match.index));
    const isSure = surnameAt > 1 || !DOUBTFUL_GIVEN_NAMES.has(match[0]);
    if (surnameAt > 0 && !isPlace && isSure) spans.push([match.index, end]);
    // The rest of `aeropuerto José María Córdova` is no name either.
    candidates.lastIndex = Math.max(end, match.index + match[0].length);
  }
}

interface Word {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Up to five words from here that only blanks, dots or hyphens part. */
function wordsFrom(folded: string, start: number): Word[] {
  const words: Word[] = [];
  const pattern = /([a-z]+)(?:\.? |-|\. ?)?/y;
  pattern.lastIndex = start;
  while (words.length < 6) {
    const at = pattern.lastIndex;
    const match = pattern.exec(folded);
    const word = match?.[1];
    if (match === null || word === undefined) break;
    words.push({word, start: at, end: at + word.length});
    if (match[0].length === word.length) break;
  }
  return words;
}

/** A particle or an initial inside a name counts when a name follows it: `de la Cruz`, `Carlos E. Pérez`. */
function lastOfName(words: readonly Word[], isName: (at: number) => boolean): number | undefined {
  let end = words[0]?.end;
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const bridges = /^(?:de|del|la|los|[a-z])$/.test(word.word) && (isName(at + 1) || isName(at + 2));
    if (!isName(at) && !bridges) break;
    if (isName(at)) end = word.end;
  }
  return end;
}

function isCapitalised(text: string, at: number): boolean {
  return /^\p{Lu}\p{L}/u.test(text.slice(at, at + 2));
}

/** True when a text has more capital letters than small ones: then a capital says nothing about a word. */
export function isMostlyUpper(text: string): boolean {
  let balance = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.codePointAt(at) ?? 0;
    if (code >= 97 && code <= 122) balance -= 1;
    else if (code >= 65 && code <= 90) balance += 1;
    else if (code > 127) {
      const letter = String.fromCodePoint(code);
      if (/\p{Lu}/u.test(letter)) balance += 1;
      else if (/\p{Ll}/u.test(letter)) balance -= 1;
      if (code > 0xffff) at += 1;
    }
  }
  return balance > 0;
}

const COMPANY_WORD =
  /\b(?:s\.?a\.?s?|ltda|limitada|cia|e\.?u|inc|llc|inmobiliari\w*|inmuebles?|constructora?s?|construcciones|promotora|bienes|raices|raiz|propiedades|realty|realtors?|real|estate|properties|property|homes?|house|group|grupo|asociados|asesor(?:es|ias?)|inversiones|inversionistas|consultor(?:es|ias?)|consorcio|arrendamientos|arriendos|administraciones|finca|casas?|hogar(?:es)?|habitat|vivienda|viviendas|urban[oa]s?|proyectos?|gestion|negocios|business|international|internacional|soluciones|servicios|comercial|century|remax|coldwell|keller|portafolio|avaluos|edificaciones|desarrollos?|desarrolladora|fiduciaria|banco|corporacion|fundacion|cooperativa|entorno|espacios?|lonja|agencia|colombia|antioquia|medellin)\b|\d/;

/**
 * Whether a publisher's name is a company's and not a person's: a company word, or a single made-up word, and no
 * given name with a surname in it (`Pedro Pérez Inmobiliaria` counts as a person). Unknown names of several words
 * count as people: they are dropped rather than published.
 */
export function isCompanyName(name: string): boolean {
  const folded = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const words = folded.split(/[^a-z0-9.]+/).filter(word => word !== '');
  const givenAt = words.findIndex(
    (word, at) => GIVEN_NAMES.has(word) && !/^san(?:ta|to)?$/.test(words[at - 1] ?? ''),
  );
  const hasSurname = words.some((word, at) => at > 0 && SURNAMES.has(word));
  if (givenAt !== -1 && hasSurname) return false;
  if (COMPANY_WORD.test(folded)) return true;
  return words.length === 1 && givenAt === -1 && !SURNAMES.has(words[0] ?? '');
}
