/** What may explain a remarkable price before it is called a bargain, in Spanish, for people; codes are stable. */
import type {CautionFacts, FeatureRow, RedFlagReason} from '../../domain/model.ts';
import {type AnomalyKind, RED_FLAGS, type RedFlag} from '../../domain/vocabulary.ts';
import {foldWords} from '../text.ts';
import type {PlaceContradiction} from './stated-place.ts';

export interface FlaggedScore {
  readonly row: FeatureRow;
  readonly anomaly: AnomalyKind;
  readonly midCop: number;
  readonly comparables: number;
  readonly fewComparables: boolean;
  readonly facts: CautionFacts;
  readonly contradiction: PlaceContradiction | null;
  /** Where the stated area is out of all proportion: the one to expect, m²; else null. */
  readonly expectedAreaM2: number | null;
}

type Add = (code: RedFlag, text: string) => void;

/** m² a bedroom outside these bounds suggest a wrong area. */
const AREA_PER_BEDROOM_M2 = {low: 9, high: 130} as const;
/** An area of the text within this share of the advert's is the same. */
const SAME_AREA_SHARE = 0.15;
/** Monthly rents of Medellín are about 0.3 to 1 % of the asking sale price. */
const RENT_SHARE = {low: 0.002, high: 0.012} as const;
/** How near to ten or a thousand times, in decimal logarithms: ± 32 %. */
const SLIP_TOLERANCE = 0.12;
const SLIPS = [
  {zeros: 1, times: 'diez', missing: 'puede faltar un cero', spare: 'puede sobrar un cero'},
  {zeros: 3, times: 'mil', missing: 'pueden faltar tres ceros', spare: 'pueden sobrar tres ceros'},
] as const;
/** Prices of two adverts of one home this near are one price. */
const SAME_PRICE_SHARE = 0.02;

/** Words that say the price is not that of a usual sale; what is certain of them the clean stage has excluded. */
const AUCTION = /\b(remates?|subasta|adjudicacion judicial|bien adjudicado)\b/;
const RIGHTS =
  /\b(derechos? (de|herenciales|hereditarios|sucesorales|fiduciarios)|proindiviso|falsa tradicion|sin escrituras?|posesion)\b/;
const FROM_PRICE =
  /\b(precios?|valor(es)?|apartamentos?|aptos?|casas?|unidades|ventas?|proyecto) desde\b|\bdesde \d/;
/** "85,5 m2", "85 mts", "85 metros cuadrados"; not how far the metro is ("a 200 metros"). */
const AREA =
  /(?<![\d.,])(?<!\b(?:a|cada|menos de) )(\d{2,3}(?:[.,]\d{1,2})?) ?(?:m2|m²|mts?2?|mtrs?2?|metros)(?![a-z])/gi;

/** The gravest first. Words and areas are looked at only where the price is remarkable. */
export function findRedFlags(score: FlaggedScore): RedFlagReason[] {
  const found: RedFlagReason[] = [];
  const add: Add = (code, text) => {
    if (!found.some(flag => flag.code === code)) found.push({code, text});
  };
  if (score.anomaly !== 'none') {
    addWords(score, add);
    addMagnitude(score, add);
    addArea(score, add);
  }
  addFacts(score, add);
  addPlace(score, add);
  if (score.fewComparables)
    add(
      'few_comparables',
      `Solo ${score.comparables} inmuebles parecidos: no alcanzan para juzgar el precio`,
    );
  return found.sort((a, b) => RED_FLAGS.indexOf(a.code) - RED_FLAGS.indexOf(b.code));
}

function addWords({row, facts}: FlaggedScore, add: Add): void {
  const text = foldWords(`${facts.title ?? ''} ${row.description ?? ''}`);
  if (facts.isAuction || AUCTION.test(text))
    add('auction', 'Es un remate o habla de uno: el precio es una base');
  if (RIGHTS.test(text)) add('rights', 'El texto habla de derechos, posesión o falta de escritura');
  if (facts.isProject) add('project', 'Es un proyecto con varias unidades: el precio es "desde"');
  if (facts.isOffPlan) add('off_plan', 'Se vende sobre planos: se paga por cuotas');
  if (FROM_PRICE.test(text)) add('from_price', 'El texto da un precio o un área "desde"');
}

function addMagnitude({row, midCop}: FlaggedScore, add: Add): void {
  const ratio = row.priceCop / midCop;
  const isRent = row.operation === 'sale' && ratio >= RENT_SHARE.low && ratio <= RENT_SHARE.high;
  if (isRent) add('monthly_price', 'Pide por la venta lo que se pide por un mes de arriendo');
  const powers = Math.log10(ratio);
  for (const {zeros, times, missing, spare} of SLIPS) {
    if (Math.abs(Math.abs(powers) - zeros) > SLIP_TOLERANCE) continue;
    if (powers < 0) add('zero_slip', `Pide unas ${times} veces menos de lo esperado: ${missing}`);
    else add('zero_slip', `Pide unas ${times} veces lo esperado: ${spare}`);
  }
}

function addArea({row, facts, expectedAreaM2}: FlaggedScore, add: Add): void {
  const stated = `${plain(row.areaM2)} m²`;
  if (expectedAreaM2 !== null) {
    add('odd_area', `Dice ${stated} donde se esperan unos ${Math.round(expectedAreaM2)} m²: revise el área`);
    return;
  }
  const perBedroom = row.bedrooms ? row.areaM2 / row.bedrooms : null;
  if (
    perBedroom !== null &&
    (perBedroom < AREA_PER_BEDROOM_M2.low || perBedroom > AREA_PER_BEDROOM_M2.high)
  ) {
    add('odd_area', `${Math.round(perBedroom)} m² por alcoba: revise el área`);
    return;
  }
  const areas = areasIn(`${facts.title ?? ''}\n${row.description ?? ''}`);
  const isSame = (area: number) => Math.abs(area / row.areaM2 - 1) <= SAME_AREA_SHARE;
  const [first] = areas;
  if (first !== undefined && !areas.some(isSame))
    add('odd_area', `El texto habla de ${plain(first)} m² y el aviso de ${stated}`);
}

/** Areas a text gives, m²: those a home may have. */
function areasIn(text: string): number[] {
  return [...text.matchAll(AREA)].flatMap(match => {
    const area = Number((match[1] ?? '').replace(',', '.'));
    return area >= 20 ? [area] : [];
  });
}

function addFacts({row, facts}: FlaggedScore, add: Add): void {
  if (facts.priceCorrection !== null && facts.priceStated !== null && facts.priceStated !== row.priceCop)
    add('corrected_price', `El aviso decía ${pesos(facts.priceStated)}; se entendió ${pesos(row.priceCop)}`);
  if (facts.areaRules.length > 0)
    add('corrected_area', `El área del aviso era dudosa; se usó ${plain(row.areaM2)} m²`);
  const {adverts, lowestCop, highestCop} = facts.siblings;
  if (adverts === 0) return;
  const other = adverts === 1 ? 'otro aviso' : `otros ${adverts} avisos`;
  const far = [lowestCop, highestCop].find(
    price => price !== null && Math.abs(price / row.priceCop - 1) > SAME_PRICE_SHARE,
  );
  if (far !== undefined && far !== null)
    add('other_price', `El mismo inmueble está en ${other}, por ${pesos(far)}`);
  else add('many_adverts', `El mismo inmueble está en ${other}`);
}

function addPlace({row, facts, contradiction}: FlaggedScore, add: Add): void {
  const stated = row.neighbourhood ?? row.district ?? row.municipality ?? 'el lugar';
  if (facts.conflicts.includes('municipality'))
    add(
      'wrong_point',
      `El punto del mapa está fuera de ${row.municipality ?? 'el municipio'}, que es lo que dice el aviso`,
    );
  else if (contradiction !== null)
    add(
      'wrong_point',
      `El punto del mapa está a ${kilometres(contradiction.metres)} de los otros avisos de ${contradiction.place}`,
    );
  else if (facts.conflicts.includes('neighbourhood') || facts.conflicts.includes('district'))
    add('wrong_point', `El punto del mapa está fuera de ${stated}, que es lo que dice el aviso`);
  if (row.isSharedPin)
    add('shared_pin', 'Muchos avisos comparten su punto en el mapa: puede estar en otro lugar');
  if (facts.conflicts.includes('stratum') && facts.estimatedStratum !== null && row.stratum !== null)
    add('wrong_stratum', `Dice estrato ${row.stratum}; alrededor es ${facts.estimatedStratum}`);
}

function kilometres(metres: number): string {
  return metres < 1000 ? `${Math.round(metres / 10) * 10} m` : `${plain(Math.round(metres / 100) / 10)} km`;
}

function plain(value: number): string {
  return String(Math.round(value * 10) / 10).replace('.', ',');
}

const PESOS = new Intl.NumberFormat('es-CO', {maximumFractionDigits: 0});

function pesos(cop: number): string {
  return `$${PESOS.format(cop)}`;
}
