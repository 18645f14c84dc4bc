/** Spanish text as models see it. */
import {foldText} from '../lib/spanish.ts';

/** Words only: lower case, no accents, no punctuation: `San Antonio de Pereira.` → `san antonio de pereira`. */
export function foldWords(text: string): string {
  return foldText(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Words of a description that move prices, as patterns over folded text. */
export const KEYWORDS: readonly (readonly [string, RegExp])[] = [
  ['remodelado', /\b(remodelad|renovad|reformad)[oa]s?\b/],
  ['para_remodelar', /\b(para|por) (remodelar|reformar)\b/],
  ['estrenar', /\b(para |sin )?estrenar\b|\bnuev[oa]s?\b/],
  ['lujo', /\b(lujo|lujos[oa]s?|exclusiv[oa]s?|premium)\b/],
  ['piscina', /\bpiscinas?\b/],
  ['gimnasio', /\b(gimnasio|gym)\b/],
  ['ascensor', /\bascensor(es)?\b/],
  ['sin_ascensor', /\bsin ascensor\b/],
  ['vista', /\bvistas?\b|\bpanoramic[oa]s?\b/],
  ['balcon', /\bbalcon(es)?\b/],
  ['terraza', /\bterrazas?\b/],
  ['patio', /\bpatios?\b/],
  ['duplex', /\bduplex\b|\bpenthouse\b/],
  ['loft', /\bloft\b/],
  ['unidad_cerrada', /\b(unidad|conjunto) (residencial )?cerrad[oa]\b|\burbanizacion cerrada\b/],
  ['vigilancia', /\b(vigilancia|porteria|seguridad) 24\b/],
  ['parqueadero', /\b(parqueadero|garaje)s?\b/],
  ['sin_parqueadero', /\bsin (parqueadero|garaje)\b/],
  ['cuarto_util', /\bcuarto util\b|\bdeposito\b/],
  ['cocina_integral', /\bcocina (integral|abierta)\b/],
  ['aire', /\baire acondicionado\b/],
  ['jacuzzi', /\b(jacuzzi|sauna|turco)\b/],
  ['marmol', /\b(marmol|porcelanato)\b/],
  ['jardin', /\b(jardin|zonas? verdes?)\b/],
  ['rentable', /\b(inversion|rentabilidad|airbnb|amoblad[oa])\b/],
  ['negociable', /\b(negociable|oportunidad|urgente|ganga)\b/],
  ['metro', /\bmetro\b/],
  ['independiente', /\bindependiente\b/],
  ['tercer_piso', /\b(segundo|tercer|cuarto|quinto) piso\b/],
];
