/** Where one listing lies, how far its coordinates can be believed, and what is near it. Pure. */
import type {LocationEvidence, PoiAccess} from '../../src/domain/market.ts';
import {type GeoQuality, type LocationConflict, MEASURED_QUALITIES} from '../../src/domain/vocabulary.ts';
import type {PoiGrid} from '../../src/lib/geo-grid.ts';
import type {IndexedPlace, PlaceCodes, PlaceIndex} from '../../src/lib/geo-places.ts';
import {foldName} from '../../src/lib/place-names.ts';
import type {FoundPlace, FoundPlaces, PlaceSearch} from '../../src/lib/place-search.ts';
import {remember} from '../../src/lib/remember.ts';
import {confidenceOf, type StratumEstimator} from '../../src/lib/stratum-estimator.ts';
import {contradicts, type JudgedPoint, judgePoint, type PointFacts, pinOf} from './quality.ts';

export interface EnrichInput extends PointFacts {
  /** Listing id. */
  readonly key: string;
  /** Names as stated. */
  readonly municipality: string | null;
  readonly department: string | null;
  readonly district: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
}

export interface EnrichReference {
  readonly places: PlaceIndex;
  /** Municipality codes by folded name. */
  readonly municipalityCodes: ReadonlyMap<string, string>;
  readonly search: PlaceSearch;
  /** Names of areas by the pin of their middle. */
  readonly centres: ReadonlyMap<string, string>;
  readonly grid: PoiGrid;
  /** Null where too few strata are known. */
  readonly strata: StratumEstimator | null;
}

/** Nulls without a point that metres may be measured from. */
type MeasuredAccess = {readonly [Column in keyof PoiAccess]: PoiAccess[Column] | null};

const NOT_MEASURED: MeasuredAccess = {nearestPoi: null, nearestM: null, poiCounts: null, poiGravity: null};

export interface ListingLocation extends MeasuredAccess {
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly geoQuality: GeoQuality;
  readonly municipalityCode: string | null;
  readonly districtCode: string | null;
  readonly neighbourhoodCode: string | null;
  readonly conflicts: LocationConflict[];
  readonly evidence: LocationEvidence;
  readonly estimatedStratum: number | null;
  readonly estimatedStratumConfidence: number | null;
}

/** Codes of municipalities by folded name: what a stated name is looked up in. */
export function indexMunicipalities(places: readonly IndexedPlace[]): ReadonlyMap<string, string> {
  return new Map(
    places
      .filter(place => place.kind === 'municipality')
      .map(place => [foldName(place.name), place.placeCode]),
  );
}

/** Names of areas by the pin of their middle: where geocoders put what they can't find. */
export function indexCentres(places: readonly IndexedPlace[]): ReadonlyMap<string, string> {
  return new Map(
    places.flatMap(({latitude, longitude, name}) =>
      latitude === null || longitude === null ? [] : [[pinOf(latitude, longitude), name] as const],
    ),
  );
}

/**
 * Places a listing. A point of its own decides by the areas that hold it, then the stated names; a point shared by
 * many, or that can't be believed, decides after the names or not at all. Metres to other places are measured from
 * `exact` and `approximate` points only.
 */
export function locateListing(input: EnrichInput, reference: EnrichReference): ListingLocation {
  const statedCode = findStatedMunicipality(input, reference);
  const point = judgePoint(input, statedCode, reference.centres, reference.places);
  const {at} = point;
  const municipalityCode = at?.municipality ?? statedCode;
  const named = reference.search.find(municipalityCode, input.district, input.neighbourhood);
  const isMeasured = MEASURED_QUALITIES.some(quality => quality === point.geoQuality);
  const chosen = choosePlaces(isMeasured, at, named);
  const estimate = estimateStratum(reference, isMeasured ? point : null, chosen.neighbourhood?.code ?? null);
  const conflicts = listConflicts(input, reference, point, named, estimate);
  return {
    latitude: point.latitude,
    longitude: point.longitude,
    geoQuality: point.geoQuality,
    municipalityCode,
    districtCode: chosen.district?.code ?? null,
    neighbourhoodCode: chosen.neighbourhood?.code ?? null,
    conflicts: conflicts.map(({kind}) => kind),
    evidence: {
      municipality: evidenceOf(municipalityFound(at, statedCode, input.municipality)),
      district: evidenceOf(chosen.district),
      neighbourhood: evidenceOf(chosen.neighbourhood),
      point: point.reason,
      conflicts: conflicts.map(({sentence}) => sentence),
    },
    estimatedStratum: estimate?.stratum ?? null,
    estimatedStratumConfidence: estimate?.confidence ?? null,
    ...(isMeasured && point.latitude !== null && point.longitude !== null
      ? reference.grid.access(point.latitude, point.longitude)
      : NOT_MEASURED),
  };
}

type Chosen = {readonly code: string; readonly by: FoundPlace['by']; readonly stated?: string} | null;

function choosePlaces(
  isMeasured: boolean,
  at: PlaceCodes | null,
  named: FoundPlaces,
): Record<'district' | 'neighbourhood', Chosen> {
  const held = {district: heldBy(at?.district), neighbourhood: heldBy(at?.neighbourhood)};
  if (isMeasured) {
    // A named neighbourhood of another district than the one that holds the point would be a contradiction.
    const district = held.district ?? named.district;
    const agrees = district === null || named.district === null || district.code === named.district.code;
    return {district, neighbourhood: held.neighbourhood ?? (agrees ? named.neighbourhood : null)};
  }
  return named.district !== null || named.neighbourhood !== null ? named : held;
}

function heldBy(code: string | null = null): Chosen {
  return code === null ? null : {code, by: 'polygon'};
}

function municipalityFound(at: PlaceCodes | null, statedCode: string | null, stated: string | null): Chosen {
  if (at !== null && at.municipality !== null) return {code: at.municipality, by: 'polygon'};
  return statedCode === null ? null : {code: statedCode, by: 'name', stated: stated ?? statedCode};
}

function evidenceOf(chosen: Chosen) {
  if (chosen === null) return null;
  return chosen.stated === undefined ? {by: chosen.by} : {by: chosen.by, stated: chosen.stated};
}

interface Estimate {
  readonly stratum: number;
  readonly confidence: number;
}

/** Without a point, the neighbourhood's commonest stratum, as sure as it is common there. */
function estimateStratum(
  {strata}: EnrichReference,
  point: JudgedPoint | null,
  neighbourhoodCode: string | null,
): Estimate | null {
  if (strata === null) return null;
  if (point === null || point.latitude === null || point.longitude === null) {
    const commonest = strata.map.commonest(neighbourhoodCode);
    return commonest === undefined ? null : {stratum: commonest.stratum, confidence: round(commonest.share)};
  }
  const guess = strata.map.guess(point.latitude, point.longitude, neighbourhoodCode);
  if (guess === undefined) return null;
  return {stratum: guess.stratum, confidence: round(confidenceOf(strata.reliability, guess.share))};
}

function round(share: number): number {
  return Math.round(share * 1000) / 1000;
}

/** A stated stratum is doubted when the estimate is surer than this, one stratum off, or at least two off. */
const SURE = 0.9;
const FAIRLY_SURE = 0.6;

function listConflicts(
  input: EnrichInput,
  {places}: EnrichReference,
  point: JudgedPoint,
  named: FoundPlaces,
  estimate: Estimate | null,
): {kind: LocationConflict; sentence: string}[] {
  const conflicts: {kind: LocationConflict; sentence: string}[] = [];
  if (point.geoQuality === 'outside') conflicts.push({kind: 'municipality', sentence: point.reason});
  else if (point.latitude !== null && point.longitude !== null) {
    const {latitude, longitude} = point;
    for (const kind of ['district', 'neighbourhood'] as const) {
      const code = named[kind]?.code;
      const sentence = code === undefined ? null : contradicts(code, {latitude, longitude}, places);
      if (sentence !== null) conflicts.push({kind, sentence});
    }
  }
  const off = estimate === null || input.stratum === null ? 0 : Math.abs(estimate.stratum - input.stratum);
  if (estimate !== null && off > 0 && estimate.confidence >= (off === 1 ? SURE : FAIRLY_SURE)) {
    const sentence = `the advert says stratum ${input.stratum}, homes around are ${estimate.stratum} (${Math.round(estimate.confidence * 100)} % sure)`;
    conflicts.push({kind: 'stratum', sentence});
  }
  return conflicts;
}

/** Few municipalities and departments are written in many adverts. */
const foldStated = remember(foldName, 1000);

/** Antioquia's `Barbosa` is not Santander's: a stated department must agree with the code's first two digits. */
function findStatedMunicipality(input: EnrichInput, reference: EnrichReference): string | null {
  const code = reference.municipalityCodes.get(foldStated(input.municipality ?? ''));
  if (code === undefined) return null;
  const isElsewhere =
    code.startsWith('05') && input.department !== null && foldStated(input.department) !== 'antioquia';
  return isElsewhere ? null : code;
}
