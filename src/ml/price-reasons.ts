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

/**
 * The typical price of the home's type and area of the city, then what makes the difference, largest first. Amounts are rounded to one unit
 * (about a hundredth of the price), and the lines add up to the difference exactly as it is printed.
 * @param midCop the expected price.
 */
export function explainPrice(row: FeatureRow, midCop: number, difference: PriceDifference): ScoreReason[] {
  const {typicalCop, typicalAreaM2, place, isOwnType, parts} = difference;
  const unit = 10 ** (Math.floor(Math.log10(midCop)) - 2);
  const units = (cop: number): number => Math.round(cop / unit);
  const home = (isOwnType ? HOMES[row.propertyType] : undefined) ?? 'Un inmueble típico';
  const named = parts
    .filter(({cop}) => units(cop) !== 0)
    .sort((a, b) => Math.abs(b.cop) - Math.abs(a.cop))
    .slice(0, MOST_LINES);
  const rest = units(midCop) - units(typicalCop) - named.reduce((sum, {cop}) => sum + units(cop), 0);
  const lines = named.map(({part, cop}) => {
    return {code: `price_${part}`, text: `${PART_NAMES[part]}: ${signed(units(cop) * unit, unit)}`};
  });
  if (rest !== 0) lines.push({code: 'price_rest', text: `Lo demás: ${signed(rest * unit, unit)}`});
  const typical = amount(units(typicalCop) * unit, unit);
  const mid = amount(units(midCop) * unit, unit);
  const where = place === null ? '' : ` de ${place}`;
  const text = `${home}${where} (${Math.round(typicalAreaM2)} m²) se pide en ${typical}; este se espera en ${mid}`;
  return [{code: 'typical_price', text}, ...lines];
}

function signed(cop: number, unit: number): string {
  return `${cop < 0 ? '−' : '+'}${amount(Math.abs(cop), unit)}`;
}

/** `452 M`, `2,35 M`, `980 mil`; decimals as the unit needs. */
function amount(cop: number, unit: number): string {
  const [scale, name] = unit >= 10_000 ? [1e6, 'M'] : [1e3, 'mil'];
  const digits = Math.max(0, Math.round(Math.log10(scale / unit)));
  return `${(cop / scale).toFixed(digits).replace('.', ',')} ${name}`;
}
