/** Official places by the names people write. Pure. */
import type {FoundBy} from '../domain/vocabulary.ts';
import type {IndexedPlace} from './geo-places.ts';
import {foldName} from './place-names.ts';

/** A popular name of an official place. */
export interface PlaceAlias {
  readonly alias: string;
  /** What it names is looked up by code: names repeat, and editions spell them differently. */
  readonly officialCode: string;
}

export interface FoundPlace {
  readonly code: string;
  readonly by: FoundBy;
  /** The words that named it. */
  readonly stated: string;
}

export interface FoundPlaces {
  readonly district: FoundPlace | null;
  readonly neighbourhood: FoundPlace | null;
}

const SPELT_OUT: ReadonlyMap<string, string> = new Map([
  ['sta', 'santa'],
  ['sto', 'santo'],
  ['sn', 'san'],
  ['ma', 'maria'],
  ['i', '1'],
  ['ii', '2'],
  ['iii', '3'],
  ['iv', '4'],
]);
/** Words that name no place by themselves. */
const FILLERS = new Set(
  'el la los las de del y no nro num numero n b barrio brr br urb urbanizacion sector vereda corregimiento parcialidad'.split(
    ' ',
  ),
);

/**
 * A place's name as a key: accents, articles, abbreviations, words such as *barrio*, and a leading *comuna 14* go, Roman
 * numbers become digits. `Sta. María de los Ángeles` and `SANTA MARIA ANGELES` are the same.
 */
export function placeKey(name: string): string {
  return foldName(name)
    .replace(/^comuna( n[o°]?)? \d+ ?/, '')
    .replace(/^asentamiento de hecho /, '')
    .replace(/\bn(\d)\b/, '$1')
    .split(' ')
    .map(word => SPELT_OUT.get(word) ?? word)
    .filter(word => !FILLERS.has(word))
    .join(' ');
}

/** Zones of the city that portals write beside a name: `Calasanz, Noroccidente`, `Occidente, Laureles`. */
const ZONE = '(?:centro|norte|sur|oriente|occidente|noroccidente|nororiente|suroccidente|suroriente)';
const ZONE_BEFORE = new RegExp(`^${ZONE} (?=.)`);
const ZONE_AFTER = new RegExp(`(?<=.) ${ZONE}$`);

/** A name without spaces and accents: `La Linde` is `Lalinde`. */
function compact(name: string): string {
  return foldName(name).replaceAll(' ', '');
}

interface Known {
  readonly code: string;
  readonly by: FoundBy;
}

/** Names of one municipality's places. */
class Names {
  readonly districts = new Map<string, Known>();
  /** A name may stand for several: *Campo Valdés* No. 1 and No. 2, a barrio and a vereda. */
  readonly neighbourhoods = new Map<string, Known[]>();
  readonly #numberless = new Map<string, Known[]>();
  /** Says which of several is meant. */
  readonly aliases = new Map<string, Known>();

  add(place: IndexedPlace): void {
    const known: Known = {code: place.placeCode, by: 'name'};
    const key = placeKey(place.name);
    if (key === '') return;
    if (place.kind === 'district') {
      if (!this.districts.has(key)) this.districts.set(key, known);
      return;
    }
    append(this.neighbourhoods, key, known);
    append(this.neighbourhoods, compact(place.name), known);
    append(this.#numberless, key.replace(/ \d+$/, ''), known);
  }

  /** The name as it stands; else, without its number, all that differ in the number only. */
  neighbourhoodsOf(words: string): readonly Known[] {
    const key = placeKey(words);
    const exact = this.neighbourhoods.get(key) ?? this.#numberless.get(key);
    if (exact !== undefined) return exact;
    const alias = this.aliases.get(key);
    return alias === undefined ? (this.neighbourhoods.get(compact(words)) ?? []) : [alias];
  }
}

function append(map: Map<string, Known[]>, key: string, known: Known): void {
  const others = map.get(key) ?? [];
  if (!others.some(({code}) => code === known.code)) map.set(key, [...others, known]);
}

/** Names of the districts and neighbourhoods of each municipality. */
export class PlaceSearch {
  readonly #byMunicipality = new Map<string, Names>();
  readonly #byCode: ReadonlyMap<string, IndexedPlace>;
  /** Adverts write the same words again and again. */
  readonly #found = new Map<string, FoundPlaces>();

  /** Aliases of places that are not among the given ones are left out. */
  constructor(places: readonly IndexedPlace[], aliases: readonly PlaceAlias[]) {
    this.#byCode = new Map(places.map(place => [place.placeCode, place]));
    for (const place of places) {
      if (place.kind !== 'municipality') this.#namesAround(place).add(place);
    }
    for (const {alias, officialCode} of aliases) {
      const official = this.#byCode.get(officialCode);
      if (official === undefined) continue;
      const names = this.#namesAround(official);
      const known: Known = {code: officialCode, by: 'alias'};
      if (official.kind === 'district') names.districts.set(placeKey(alias), known);
      else names.aliases.set(placeKey(alias), known);
    }
  }

  /**
   * A word for a neighbourhood that is a district's name too means the district: adverts write *Poblado* all over El
   * Poblado. A name of several neighbourhoods finds none of them, but their district where they share one, unless an
   * alias says which is meant. A name that isn't known as it stands is tried without the zone of the city beside it
   * (`Calasanz, Noroccidente`) and without its district (`El Poblado, El Tesoro`).
   */
  find(municipalityCode: string | null, district: string | null, neighbourhood: string | null): FoundPlaces {
    const names = this.#byMunicipality.get(municipalityCode ?? '');
    if (names === undefined) return NOTHING;
    const words = JSON.stringify([municipalityCode, district, neighbourhood]);
    const found = this.#found.get(words) ?? this.#findAnew(names, district, neighbourhood);
    if (this.#found.size >= REMEMBERED) this.#found.clear();
    this.#found.set(words, found);
    return found;
  }

  #findAnew(names: Names, district: string | null, neighbourhood: string | null): FoundPlaces {
    const whole = this.#findWords(names, district, neighbourhood);
    if (neighbourhood === null || whole.neighbourhood !== null) return whole;
    if (this.#isKnown(names, neighbourhood)) return whole;
    const shorter = withoutZone(neighbourhood);
    const parted = this.#findBesideDistrict(names, shorter);
    const found =
      parted ?? (shorter === foldName(neighbourhood) ? null : this.#findWords(names, district, shorter));
    if (found === null || (found.district === null && found.neighbourhood === null)) return whole;
    const stated = (place: FoundPlace | null) => place && {...place, stated: neighbourhood};
    return {district: whole.district ?? stated(found.district), neighbourhood: stated(found.neighbourhood)};
  }

  #isKnown(names: Names, words: string): boolean {
    return names.districts.has(placeKey(words)) || names.neighbourhoodsOf(words).length > 0;
  }

  #findWords(names: Names, district: string | null, neighbourhood: string | null): FoundPlaces {
    const stated = districtIn(names, district) ?? districtIn(names, neighbourhood);
    const isDistrictWord = names.districts.has(placeKey(neighbourhood ?? ''));
    const words = neighbourhood ?? district;
    const candidates = isDistrictWord || words === null ? [] : names.neighbourhoodsOf(words);
    const near = candidates.filter(
      ({code}) => stated === null || candidates.length === 1 || this.#parentOf(code) === stated.code,
    );
    const meant = near.length > 1 ? names.aliases.get(placeKey(words ?? '')) : undefined;
    const fitting = meant === undefined ? near : [meant];
    const [only] = fitting;
    const found = fitting.length === 1 && only !== undefined ? {...only, stated: words ?? ''} : null;
    const parents = new Set(fitting.map(({code}) => this.#parentOf(code)));
    const [parent] = parents;
    const implied =
      parents.size === 1 && parent && only !== undefined
        ? {code: parent, by: only.by, stated: words ?? ''}
        : null;
    return {neighbourhood: found, district: found === null ? (stated ?? implied) : (implied ?? stated)};
  }

  /** `Belén La Mota`: La Mota of Belén; `El Poblado, Vizcaya`: El Poblado, as Vizcaya is no official name there. */
  #findBesideDistrict(names: Names, words: string): FoundPlaces | null {
    const parts = placeKey(words).split(' ');
    for (let length = parts.length - 1; length > 0; length--) {
      const before = names.districts.get(parts.slice(0, length).join(' '));
      const after = names.districts.get(parts.slice(-length).join(' '));
      const known = before ?? after;
      if (known === undefined || known.by === 'alias') continue;
      const rest = (before === undefined ? parts.slice(0, -length) : parts.slice(length)).join(' ');
      const inside = names.neighbourhoodsOf(rest).filter(({code}) => this.#parentOf(code) === known.code);
      const [only] = inside;
      return {
        district: {...known, stated: words},
        neighbourhood: inside.length === 1 && only !== undefined ? {...only, stated: words} : null,
      };
    }
    return null;
  }

  #parentOf(code: string): string | null {
    return this.#byCode.get(this.#byCode.get(code)?.parentCode ?? '')?.placeCode ?? null;
  }

  #namesAround(place: IndexedPlace): Names {
    const code = this.#municipalityOf(place);
    const names = this.#byMunicipality.get(code) ?? new Names();
    this.#byMunicipality.set(code, names);
    return names;
  }

  /** Up the parents; where one of them is not known, the part of the code before its first hyphen. */
  #municipalityOf(place: IndexedPlace): string {
    let at: IndexedPlace | undefined = place;
    for (let level = 0; level < 3 && at !== undefined; level++) {
      if (at.kind === 'municipality') return at.placeCode;
      at = this.#byCode.get(at.parentCode ?? '');
    }
    return place.placeCode.split('-', 1)[0] ?? place.placeCode;
  }
}

/** Answers kept at most: more than the valley has names, less than a memory is troubled by. */
const REMEMBERED = 20_000;

const NOTHING: FoundPlaces = {district: null, neighbourhood: null};

function districtIn(names: Names, words: string | null): FoundPlace | null {
  const found = names.districts.get(placeKey(words ?? ''));
  return found === undefined || words === null ? null : {...found, stated: words};
}

function withoutZone(words: string): string {
  return foldName(words).replace(ZONE_AFTER, '').replace(ZONE_BEFORE, '');
}
