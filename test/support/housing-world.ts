import type {CautionFacts, FeatureRow} from '../../src/domain/model.ts';
import {createRandom} from '../../src/lib/random.ts';

/** A home with nothing remarkable; tests change what they are about. */
export function featureRow(changes: Partial<FeatureRow> = {}): FeatureRow {
  return {
    listingId: 'test:id:1',
    groupId: 'home-1',
    operation: 'sale',
    propertyType: 'apartment',
    priceCop: 400_000_000,
    priceValidFrom: new Date('2026-01-05T12:00:00Z'),
    areaM2: 80,
    municipality: 'Medellín',
    district: 'Laureles - Estadio',
    neighbourhood: 'Laureles',
    stratum: 5,
    bedrooms: 3,
    bathrooms: 2,
    parkingSpaces: 1,
    floor: 4,
    ageYearsMin: 5,
    ageYearsMax: 10,
    adminFeeCop: 400_000,
    condition: 'used',
    latitude: 6.245,
    longitude: -75.59,
    isSharedPin: false,
    amenities: ['Ascensor'],
    description: null,
    nearestM: {metro_station: 700},
    isSynthetic: true,
    ...changes,
  };
}

/** Nothing that could explain a price. */
export function cautionFacts(changes: Partial<CautionFacts> = {}): CautionFacts {
  return {
    ...{
      title: null,
      isAuction: false,
      isProject: false,
      isOffPlan: false,
      geoQuality: 'exact',
      conflicts: [],
    },
    ...{estimatedStratum: null, priceStated: null, priceCorrection: null, areaRules: []},
    siblings: {adverts: 0, lowestCop: null, highestCop: null},
    ...changes,
  };
}

const BARRIOS = [
  {name: 'Laureles', stratum: 5, latitude: 6.245, longitude: -75.59, level: 15.4},
  {name: 'El Poblado', stratum: 6, latitude: 6.21, longitude: -75.567, level: 15.65},
  {name: 'Belén', stratum: 4, latitude: 6.23, longitude: -75.605, level: 15.2},
  {name: 'Robledo', stratum: 3, latitude: 6.28, longitude: -75.59, level: 14.95},
  {name: 'Manrique', stratum: 2, latitude: 6.27, longitude: -75.545, level: 14.6},
] as const;

export interface WorldSettings {
  readonly homes: number;
  readonly seed: number;
  /** Standard deviation of the unexplained part of the log price. */
  readonly noise?: number;
}

/** A market whose rule is known: log COP/m² falls with area and distance from the barrio's middle, and has steps. */
export function knownWorld({homes, seed, noise = 0.08}: WorldSettings): FeatureRow[] {
  const random = createRandom(seed);
  return Array.from({length: homes}, (_, index) => {
    const barrio = random.pick(BARRIOS);
    const areaM2 = Math.round(Math.exp(random.normal(4.4, 0.35)));
    const bathrooms = random.int(1, 4);
    const parkingSpaces = random.int(0, 2);
    const hasPool = random.chance(0.3);
    const north = random.normal(0, 0.006);
    const east = random.normal(0, 0.006);
    const logPerM2 =
      barrio.level -
      0.25 * (Math.log(areaM2) - 4.4) +
      0.07 * bathrooms +
      (parkingSpaces > 0 ? 0.12 : 0) +
      (hasPool ? 0.1 : 0) +
      12 * north +
      noise * random.normal();
    return featureRow({
      listingId: `test:id:${index}`,
      groupId: `home-${index}`,
      priceCop: Math.round(Math.exp(logPerM2) * areaM2),
      areaM2,
      neighbourhood: barrio.name,
      district: null,
      stratum: barrio.stratum,
      bathrooms,
      parkingSpaces,
      adminFeeCop: null,
      bedrooms: random.int(1, 4),
      latitude: barrio.latitude + north,
      longitude: barrio.longitude + east,
      amenities: hasPool ? ['Ascensor', 'Piscina'] : ['Ascensor'],
      nearestM: {metro_station: Math.round(200 + 2000 * random.next())},
    });
  });
}
