/**
 * What an advert's own words say about it. Each question first looks for a telling stem in the raw text, because
 * folding a text costs more than all other rules together.
 */
import {findAuctionWords, foldText} from '../../../src/lib/spanish.ts';
import type {Draft} from './draft.ts';

type Texts = Pick<Draft, 'title' | 'description'>;

const textOf = ({title, description}: Texts) => `${title ?? ''}\n${description ?? ''}`;

/** The first words that match in a text that holds the stem; null: it says no such thing. */
function find(text: string, stem: RegExp, words: RegExp): string | null {
  return stem.test(text) ? (words.exec(foldText(text))?.[0] ?? null) : null;
}

/** True when the description lets and doesn't sell; titles are often the portal's own. */
export function offersRentOnly({description}: Texts): boolean {
  const words = foldText(description ?? '');
  return (
    /\b(?:en|para|de|se) (?:arriend[oa]|alquil(?:er|a))\b|\barriendo\b/.test(words) &&
    !/\bvent?[ade]\b|\bvend/.test(words)
  );
}

export function speaksOfDollars(texts: Texts): boolean {
  return /\busd\b|\bd[oó]lares\b|\bus\$/i.test(textOf(texts));
}

const TRIAL =
  /\bprueba botmaker\b|\b(?:aviso|anuncio|inmueble|publicacion|proyecto) de (?:prueba|test)\b|^(?:esto es una )?(?:prueba|test|testing)[ \d.!]*$|\blorem ipsum\b|\b(?:asdfg?\w*|qwerty\w*)\b/;

/** Words of somebody who tries the portal's form; in an address they stand with dashes. */
export function findTrialWords({title, description, url}: Texts & Pick<Draft, 'url'>): {
  field: 'title' | 'description' | 'url';
  words: string;
} | null {
  for (const [field, text] of Object.entries({
    title,
    description,
    url: url?.replaceAll(/[-/]/g, ' ') ?? null,
  })) {
    const words = text === null ? null : find(text, /prueba|test|lorem|asdf|qwerty/i, TRIAL);
    if (words !== null && (field === 'title' || field === 'description' || field === 'url'))
      return {field, words};
  }
  return null;
}

const RIGHTS = new RegExp(
  [
    String.raw`\b(?:cesion|venta|ceden?|cedo|cedemos|vendo|vende) (?:de )?(?:los |mis |sus )?derechos\b(?! de construccion)`,
    String.raw`\bcesion del? contrato\b`,
    String.raw`\bderechos (?:herenciales|hereditarios|sucesorales|fiduciarios|de posesion|posesorios)\b`,
    String.raw`\b(?:documento(?: legal)?|promesa(?: de venta)?|compraventa|carta venta)(?: con| de| la)+ posesion\b`,
    String.raw`(?<!\bno (?:es |en )?|\bsin )\bproindiviso\b`,
  ].join('|'),
);

/** Words that offer rights or a contract instead of a home with its deed. */
export function findRightsWords(texts: Texts): string | null {
  return find(textOf(texts), /derecho|cesi[oó]n|posesi[oó]n|proindiviso/i, RIGHTS);
}

const OFF_PLAN =
  /\b(?:proyecto|casas?|apartamentos?|aptos?|apartaestudios?|viviendas?|inmueble|venta|vendo)(?: en venta)? sobre planos?\b|\bsobre planos?[.,]? (?:para entregar|entrega|con (?:una )?fecha)/;

/** Words that sell the home itself before it is built; a pool may be "sobre planos" in a home that stands. */
export function findOffPlanWords(texts: Texts): string | null {
  return find(textOf(texts), /sobre planos?/i, OFF_PLAN);
}

export function findAuction(texts: Texts): string | null {
  return findAuctionWords(textOf(texts));
}

const NUMBER = String.raw`(\d[\d.,]*\d|\d)`;
const UNIT = String.raw` ?(?:m2?|mts?2?|mtrs?2?|metros)\b`;
const FILLER = String.raw`(?: (?:de|tiene|es|con|aprox\w*|area|total|privad[ao]))*:? `;
const BUILT_WORD = 'constru(?:id[oa]s?|c?cion)';
const PLOT = new RegExp(String.raw`\b(?:lote|terreno)${FILLER}${NUMBER}${UNIT}`, 'g');
const BUILT_BEHIND = new RegExp(String.raw`\b${BUILT_WORD}${FILLER}${NUMBER}${UNIT}`, 'g');
const BUILT_BEFORE = new RegExp(
  String.raw`\b${NUMBER}${UNIT}(?: cuadrados)?(?: de)?(?: area)? ${BUILT_WORD}\b`,
  'g',
);

/** Numbers that the text gives for plot and built area, as written. */
export function findAreas(texts: Texts): {plots: readonly string[]; built: readonly string[]} {
  const text = textOf(texts);
  if (!/lote|terreno/i.test(text)) return {plots: [], built: []};
  const words = foldText(text);
  const numbers = (pattern: RegExp) => [...words.matchAll(pattern)].flatMap(match => match[1] ?? []);
  return {plots: numbers(PLOT), built: [...numbers(BUILT_BEHIND), ...numbers(BUILT_BEFORE)]};
}

/**
 * True when the text gives this number with its decimals, and not for the plot; where it speaks of what is built, for
 * that.
 */
export function statesDecimal(texts: Texts, number: number): boolean {
  const digits = number.toFixed(2).replace(/0$/, '').replace('.', '[.,]');
  const figure = String.raw`(?<![\d.,])(?<!\b(?:lote|terreno)\b.{0,15})${digits}0?(?!\d)`;
  const words = foldText(textOf(texts));
  const near = String.raw`\b${BUILT_WORD}[^.]{0,25}${figure}|${figure}${UNIT}(?: cuadrados)?(?: de)?(?: area)? ${BUILT_WORD}`;
  return new RegExp(/\bconstru(?:id|c?cion)/.test(words) ? near : figure).test(words);
}

/** True when the text gives this number of hectares. */
export function statesHectares(texts: Texts, hectares: number): boolean {
  const digits = String(hectares).replace('.', '[.,]');
  return new RegExp(String.raw`(?<![\d.,])${digits} ?(?:has?|hect\w*)\b`).test(foldText(textOf(texts)));
}
