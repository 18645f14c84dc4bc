/** The place that somebody names, held to the places that are known. Pure. */
import type {PlaceName} from '../db/valuation.ts';
import {ConfigError} from '../domain/errors.ts';
import type {StagedListing} from '../domain/listing.ts';
import {foldName} from '../lib/place-names.ts';
import type {PlaceSearch} from '../lib/place-search.ts';
import {similarNames} from '../lib/similar-names.ts';

export interface KnownPlaces {
  /** Official places. */
  readonly places: readonly PlaceName[];
  readonly search: PlaceSearch;
  /** Municipality whose area holds a point; null: no known area does. */
  readonly municipalityAt: (latitude: number, longitude: number) => string | null;
  readonly municipalityCodes: ReadonlyMap<string, string>;
  /** Names that adverts use today. */
  readonly stated: readonly {readonly municipality: string | null; readonly name: string}[];
}

const USUAL_MUNICIPALITY = 'Medellín';

/**
 * The listing with its place in the words the market uses, so that models know it: `laureles` → `Laureles`. Without a
 * municipality, Medellín is meant, unless a known area holds the point: then that decides.
 * @throws ConfigError for a municipality or barrio nobody knows, with the nearest names; a home with a point of its own
 * needs no known barrio.
 */
export function nameKnownPlace(home: StagedListing, known: KnownPlaces): StagedListing {
  const hasPoint = home.latitude !== null && home.longitude !== null;
  const isHeld = hasPoint && known.municipalityAt(home.latitude ?? 0, home.longitude ?? 0) !== null;
  const municipality = knownMunicipality(home.municipality, known) ?? (isHeld ? null : USUAL_MUNICIPALITY);
  const named = {...home, municipality};
  if (!hasPoint && home.neighbourhood === null && home.district === null) return named;
  return {
    ...named,
    district: knownName(named, home.district, known),
    neighbourhood: knownName(named, home.neighbourhood, known),
  };
}

function knownMunicipality(
  name: string | null,
  {places, municipalityCodes, stated}: KnownPlaces,
): string | null {
  if (name === null) return null;
  const key = foldName(name);
  const code = municipalityCodes.get(key);
  const spelling =
    places.find(({placeCode}) => placeCode === code)?.name ??
    stated.find(({municipality}) => foldName(municipality ?? '') === key)?.municipality;
  if (spelling !== undefined && spelling !== null) return spelling;
  const names = places.filter(({kind}) => kind === 'municipality').map(place => place.name);
  throw unknownPlace('municipality', name, similarNames(name, names));
}

function knownName(
  {municipality, latitude}: StagedListing,
  name: string | null,
  {places, search, municipalityCodes, stated}: KnownPlaces,
): string | null {
  if (name === null) return null;
  const key = foldName(name);
  const town = foldName(municipality ?? USUAL_MUNICIPALITY);
  const here = stated.filter(place => place.municipality === null || foldName(place.municipality) === town);
  const spelling = here.find(place => foldName(place.name) === key);
  if (spelling !== undefined) return spelling.name;
  const townCode = municipalityCodes.get(town) ?? null;
  const found = search.find(townCode, null, name);
  const official = places.find(({placeCode}) => placeCode === (found.neighbourhood ?? found.district)?.code);
  if (official !== undefined) return official.name;
  if (latitude !== null) return name;
  const officials = places.filter(place => townCode !== null && place.placeCode.startsWith(`${townCode}-`));
  const names = [...here.map(place => place.name), ...officials.map(place => place.name)];
  throw unknownPlace('neighbourhood', name, similarNames(name, names), municipality);
}

function unknownPlace(
  what: 'municipality' | 'neighbourhood',
  name: string,
  near: readonly string[],
  where: string | null = null,
): ConfigError {
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(', ')}?`
      : what === 'neighbourhood'
        ? 'Name the municipality with --municipality, or give the point: --lat 6.245 --lon -75.59'
        : 'Leave it out for Medellín.';
  return new ConfigError(`no ${what} "${name}" is known${where === null ? '' : ` in ${where}`}. ${hint}`, {
    context: {[what]: name, near},
  });
}
