/** Where an advert is, in the portal's nested `locations`. */
import type {JsonValue} from '../../domain/page.ts';
import {planeDistanceM} from '../../lib/geo.ts';
import {hash32} from '../../lib/random.ts';
import {
  BARRIOS,
  type Barrio,
  barrioBySlug,
  COUNTRY,
  DEPARTMENT,
  type Municipality,
  municipalityBySlug,
} from '../market/places.ts';
import type {Advert, Statement} from '../market/truth.ts';

export type JsonObject = {[key: string]: JsonValue};

/** A location's UUID-shaped id: the same name always has the same one. */
function locationIdOf(key: string): string {
  const hex = [0, 1, 2, 3].map(part => hash32(`${key}#${part}`).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function location(name: string, id: string, slug: string): JsonObject {
  return {id, name, slug: [slug]};
}

export function municipalityLocation(municipality: Municipality): JsonObject {
  const code = `${municipality.code.slice(0, 2)}-${municipality.code.slice(2)}`;
  return location(municipality.name, municipality.locationId, `city-colombia-${code}`);
}

export function barrioLocation(barrio: Barrio): JsonObject {
  const {code} = municipalityBySlug(barrio.municipality);
  const number = String(hash32(`${barrio.municipality}/${barrio.slug}`) % 1000).padStart(6, '0');
  const slug = `neighbourhood-colombia-${code.slice(0, 2)}-${code.slice(2)}-${number}`;
  return location(barrio.name, locationIdOf(`${barrio.municipality}/${barrio.slug}`), slug);
}

function comunaLocation(comuna: number): JsonObject {
  const number = String(comuna).padStart(2, '0');
  const name = comuna >= 50 ? `Corregimiento ${comuna}` : `Comuna ${comuna}`;
  return location(name, locationIdOf(`comuna/${comuna}`), `commune-colombia-medellin-001-05-${number}`);
}

/** The advert's barrio and up to two around it; the main one is not always the first. */
const overlappingBarrios = (() => {
  const known = new Map<Barrio, readonly JsonObject[]>();
  return (barrio: Barrio): readonly JsonObject[] => {
    const found = known.get(barrio);
    if (found !== undefined) return found;
    const near = BARRIOS.filter(other => other.municipality === barrio.municipality && other !== barrio)
      .map(other => ({other, away: planeDistanceM(other.centre, barrio.centre)}))
      .filter(({away}) => away < 1200)
      .sort((left, right) => left.away - right.away)
      .slice(0, 2);
    const rows = [barrio, ...near.map(({other}) => other)].sort((a, b) => hash32(a.slug) - hash32(b.slug));
    const locations = rows.map(barrioLocation);
    known.set(barrio, locations);
    return locations;
  };
})();

/** Coordinates not stated leave the city's coarse centre in `location_point`. */
export function locationsOf(advert: Advert, stated: Statement): JsonObject {
  const municipality = municipalityBySlug(advert.place.split('/')[1] ?? '');
  const city = municipalityLocation(municipality);
  const barrio = stated.barrio === null ? null : barrioBySlug(municipality.slug, stated.barrio);
  const main =
    barrio === null
      ? {...city, location_type: 'city'}
      : {...barrioLocation(barrio), location_type: 'neighbourhood'};
  const centre = municipality.centre;
  const shown = stated.point ?? {
    latitude: Number(centre.latitude.toFixed(2)),
    longitude: Number(centre.longitude.toFixed(2)),
  };
  const zone = barrio?.zone;
  return {
    location_point: `POINT (${shown.longitude} ${shown.latitude})`,
    location_main: main,
    country: [location(COUNTRY.name, COUNTRY.locationId, 'country-48-colombia')],
    state: [
      {...location(DEPARTMENT.name, DEPARTMENT.locationId, 'state-colombia-05-antioquia'), indicative: null},
    ],
    city: [city],
    locality: [],
    commune: barrio?.comuna == null ? [] : [comunaLocation(barrio.comuna)],
    zone:
      zone === undefined
        ? []
        : [
            location(
              `Zona ${zone}`,
              locationIdOf(`zone/${municipality.slug}/${zone}`),
              `zone-colombia-${municipality.slug}-${zone}`,
            ),
          ],
    region: [],
    neighbourhood: barrio === null ? [] : [...overlappingBarrios(barrio)],
  };
}
