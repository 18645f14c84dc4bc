/** What a price is made of, in Spanish lines of pesos. */
import type {FeatureRow, ScoreReason} from '../domain/model.ts';
import type {PriceDifference, PricePart} from './explain.ts';

/** Parts named one by one; the others are added up. */
const MOST_LINES = 5;

export const PART_NAMES: Readonly<Record<PricePart, string>> = {
  location: 'Ubicación y precios cercanos',
  stratum: 'Estrato',
  area: 'Área',
  rooms: 'Alcobas, baños, parqueaderos y tipo',
  condition: 'Antigüedad, estado y piso',
  amenities: 'Comodidades',
  text: 'Lo que dice el aviso',
  fees: 'Administración',
};

const HOMES: Readonly<Partial<Record<FeatureRow['propertyType'], string>>> = {
  apartment: 'Un apartamento típico',
  studio: 'Un apartaestudio típico',
  house: 'Una casa típica',
  country_house: 'Una casa campestre típica',
};

/** A difference as it is printed: rounded to one unit (about a hundredth of the price), and adding up exactly. */
export interface RoundedDifference {
  readonly unit: number;
  readonly typicalCop: number;
  readonly midCop: number;
  /** The largest first, what is left over last; nothing that rounds to 0. */
  readonly lines: readonly {readonly part: PricePart | 'rest'; readonly name: string; readonly cop: number}[];
}

/** @param midCop the expected price. */
export function roundDifference(midCop: number, {typicalCop, parts}: PriceDifference): RoundedDifference {
  const unit = 10 ** (Math.floor(Math.log10(midCop)) - 2);
  const units = (cop: number): number => Math.round(cop / unit);
  const named = parts
    .filter(({cop}) => units(cop) !== 0)
    .sort((a, b) => Math.abs(b.cop) - Math.abs(a.cop))
    .slice(0, MOST_LINES);
  const rest = units(midCop) - units(typicalCop) - named.reduce((sum, {cop}) => sum + units(cop), 0);
  const lines: RoundedDifference['lines'] = [
    ...named.map(({part, cop}) => ({part, name: PART_NAMES[part], cop: units(cop) * unit})),
    ...(rest === 0 ? [] : [{part: 'rest' as const, name: 'Lo demás', cop: rest * unit}]),
  ];
  return {unit, typicalCop: units(typicalCop) * unit, midCop: units(midCop) * unit, lines};
}

/** The typical home as it is named: `Un apartamento típico de Laureles (75 m²)`. */
export function nameTypicalHome(row: FeatureRow, difference: PriceDifference): string {
  const {typicalAreaM2, place, isOwnType} = difference;
  const home = (isOwnType ? HOMES[row.propertyType] : undefined) ?? 'Un inmueble típico';
  return `${home}${place === null ? '' : ` de ${place}`} (${Math.round(typicalAreaM2)} m²)`;
}

/**
 * The typical price of the home's type and area of the city, then what makes the difference, largest first: the lines
 * add up to the difference exactly as it is printed.
 * @param midCop the expected price.
 */
export function explainPrice(row: FeatureRow, midCop: number, difference: PriceDifference): ScoreReason[] {
  const {unit, lines, ...rounded} = roundDifference(midCop, difference);
  const typical = writeAmount(rounded.typicalCop, unit);
  const mid = writeAmount(rounded.midCop, unit);
  const text = `${nameTypicalHome(row, difference)} se pide en ${typical}; este se espera en ${mid}`;
  return [
    {code: 'typical_price', text},
    ...lines.map(({part, name, cop}) => {
      return {code: `price_${part}`, text: `${name}: ${writeSigned(cop, unit)}`};
    }),
  ];
}

export function writeSigned(cop: number, unit: number): string {
  return `${cop < 0 ? '−' : '+'}${writeAmount(Math.abs(cop), unit)}`;
}

/** `452 M`, `2,35 M`, `980 mil`; decimals as the unit needs. */
export function writeAmount(cop: number, unit: number): string {
  const [scale, name] = unit >= 10_000 ? [1e6, 'M'] : [1e3, 'mil'];
  const digits = Math.max(0, Math.round(Math.log10(scale / unit)));
  return `${(cop / scale).toFixed(digits).replace('.', ',')} ${name}`;
}
