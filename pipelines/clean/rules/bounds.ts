/**
 * What is possible, by kind of property. Generous on purpose: these bounds tell errors from homes, not cheap from dear.
 *
 * Sources: asking prices of five Colombian files of 2019–2023 (medians 1.8–5.0 M COP/m² sale, 15,000–22,500 COP/m²
 * and month rent), a factor of ten and more on either side.
 */
import type {Operation, PropertyType} from '../../../src/domain/vocabulary.ts';

interface Range {
  readonly low: number;
  readonly high: number;
}

/** `home`: lived in, priced by built area; `plot`: priced by land; `business`: everything else. */
type Kind = 'home' | 'plot' | 'business';

const KINDS: Readonly<Record<PropertyType, Kind>> = {
  apartment: 'home',
  studio: 'home',
  house: 'home',
  room: 'home',
  country_house: 'plot',
  house_lot: 'plot',
  cabin: 'plot',
  farm: 'plot',
  land: 'plot',
  warehouse: 'business',
  medical_office: 'business',
  retail: 'business',
  office: 'business',
  parking: 'business',
  building: 'business',
};

export function kindOf(type: PropertyType): Kind {
  return KINDS[type];
}

/** Types whose area is that of the land when no built area is stated. */
export function isLandType(type: PropertyType | null): boolean {
  return type === 'land' || type === 'farm' || type === 'house_lot';
}

/** COP; a rent is per month. */
const PRICE: Readonly<Record<Operation, Readonly<Record<Kind, Range>>>> = {
  sale: {
    home: {low: 20e6, high: 20e9},
    plot: {low: 2e6, high: 100e9},
    business: {low: 3e6, high: 200e9},
  },
  rent: {
    home: {low: 80e3, high: 60e6},
    plot: {low: 80e3, high: 100e6},
    business: {low: 30e3, high: 500e6},
  },
};

/** COP/m²; a rent is per month. */
const PRICE_PER_M2: Readonly<Record<Operation, Readonly<Record<Kind, Range>>>> = {
  sale: {
    home: {low: 150e3, high: 40e6},
    plot: {low: 200, high: 40e6},
    business: {low: 100e3, high: 80e6},
  },
  rent: {
    home: {low: 1500, high: 300e3},
    plot: {low: 5, high: 300e3},
    business: {low: 1000, high: 600e3},
  },
};

/** m², by type; below: a typing error or a part of a home; above: another unit or another thing. */
const AREA: Readonly<Record<PropertyType, Range>> = {
  apartment: {low: 10, high: 2000},
  studio: {low: 10, high: 500},
  house: {low: 10, high: 20_000},
  room: {low: 4, high: 500},
  country_house: {low: 10, high: 5e6},
  house_lot: {low: 10, high: 5e6},
  cabin: {low: 10, high: 1e6},
  farm: {low: 10, high: 500e6},
  land: {low: 10, high: 500e6},
  warehouse: {low: 10, high: 500_000},
  medical_office: {low: 4, high: 20_000},
  retail: {low: 2, high: 100_000},
  office: {low: 4, high: 100_000},
  parking: {low: 4, high: 50_000},
  building: {low: 30, high: 500_000},
};

export function priceBounds(operation: Operation, type: PropertyType): Range {
  return PRICE[operation][KINDS[type]];
}

export function pricePerM2Bounds(operation: Operation, type: PropertyType): Range {
  return PRICE_PER_M2[operation][KINDS[type]];
}

export function areaBounds(type: PropertyType): Range {
  return AREA[type];
}

export function isWithinRange(range: Range, value: number): boolean {
  return value >= range.low && value <= range.high;
}

/**
 * COP/m² of usual homes. Between the two lies a gap of a factor of ten, so that a price which is usual for one
 * operation is never usual for the other. Times 1,000 the rents of 1,000–8,500 COP/m² (unusual) are usual sales.
 */
export const USUAL_HOME_PER_M2: Readonly<Record<Operation, Range>> = {
  sale: {low: 800e3, high: 15e6},
  rent: {low: 8500, high: 80e3},
};
/** COP; what a price typed in thousands may be repaired to. */
export const USUAL_HOME_PRICE: Readonly<Record<Operation, Range>> = {
  sale: {low: 20e6, high: 5e9},
  rent: {low: 200e3, high: 20e6},
};
