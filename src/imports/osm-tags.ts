/** Which OpenStreetMap objects are points of interest of which category: <https://wiki.openstreetmap.org/wiki/Map_features>. */
import type {PoiCategory} from '../domain/vocabulary.ts';

export type OsmTags = Readonly<Record<string, string>>;

/** Every key must have one of its values. */
type TagTest = Readonly<Record<string, readonly string[]>>;

export const OSM_TAGS: Readonly<Record<PoiCategory, readonly TagTest[]>> = {
  metro_station: [{railway: ['station'], station: ['subway', 'train', 'light_rail']}],
  cable_station: [{aerialway: ['station']}],
  tram_station: [{railway: ['tram_stop']}],
  brt_station: [{highway: ['bus_stop'], network: ['Metroplús', 'Metroplus']}, {amenity: ['bus_station']}],
  school: [{amenity: ['school', 'kindergarten']}],
  university: [{amenity: ['university', 'college']}],
  hospital: [{amenity: ['hospital', 'clinic']}],
  pharmacy: [{amenity: ['pharmacy']}, {shop: ['chemist']}],
  supermarket: [{shop: ['supermarket']}],
  mall: [{shop: ['mall', 'department_store']}],
  park: [{leisure: ['park', 'nature_reserve']}],
  main_road: [{highway: ['motorway', 'trunk', 'primary', 'secondary']}],
  police: [{amenity: ['police']}],
  prison: [{amenity: ['prison']}],
};

/** Objects that are shut keep their tags under these prefixes; they and roads in tunnels are left out. */
export function isOfCategory(tags: OsmTags, category: PoiCategory): boolean {
  if (category === 'main_road' && tags.tunnel === 'yes') return false;
  return OSM_TAGS[category].some(test =>
    Object.entries(test).every(([key, values]) => values.includes(tags[key] ?? '')),
  );
}
