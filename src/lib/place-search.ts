/** Official places by the names people write. Pure. */
import type {FoundBy} from '../domain/vocabulary.ts';
import type {IndexedPlace} from './geo-places.ts';
import {foldName} from './place-names.ts';

/** A popular name of an official place. */
export interface PlaceAlias {
  readonly alias: string;
  readonly kind: 'district' | 'neighbourhood';
  readonly officialName: string;
  readonly municipalityCode: string;
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
  ['urb', 'urbanizacion'],
  ['i', '1'],
  ['ii', '2'],
  ['iii', '3'],
  ['iv', '4'],
]);
/** Words that name no place by themselves. */
const FILLERS = new Set(
  'el la los las de del y no nro num numero barrio brr br urbanizacion sector vereda corregimiento parcialidad'.split(
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
    .split(' ')
    .map(word => SPELT_OUT.get(word) ?? word)
    .filter(word => !FILLERS.has(word))
    .join(' ');
}

interface Named {
  readonly districts: Map<string, {code: string; by: FoundBy}>;
  /** A name may stand for several: *Las Lomas* No. 1 and No. 2. */
  readonly neighbourhoods: Map<string, {code: string; by: FoundBy}[]>;
}

/** Names of the districts and neighbourhoods of each municipality. */
export class PlaceSearch {
  readonly #byMunicipality = new Map<string, Named>();
  readonly #byCode: ReadonlyMap<string, IndexedPlace>;

  constructor(places: readonly IndexedPlace[], aliases: readonly PlaceAlias[]) {
    this.#byCode = new Map(places.map(place => [place.placeCode, place]));
    for (const place of places) {
      if (place.kind !== 'municipality')
        this.#add(this.#municipalityOf(place), place.kind, place.name, place.placeCode);
    }
    for (const {alias, kind, officialName, municipalityCode} of aliases) {
      const official = this.#official(municipalityCode, kind, officialName);
      if (official !== undefined) this.#add(municipalityCode, kind, alias, official, 'alias');
    }
  }

  /**
   * A word for a neighbourhood that is a district's name too means the district: adverts write *Poblado* all over El
   * Poblado. A name of several neighbourhoods finds none of them, but their district where they share one.
   */
  find(municipalityCode: string | null, district: string | null, neighbourhood: string | null): FoundPlaces {
    const named = this.#byMunicipality.get(municipalityCode ?? '');
    if (named === undefined) return {district: null, neighbourhood: null};
    const stated = this.#districtIn(named, district) ?? this.#districtIn(named, neighbourhood);
    const isDistrictWord = named.districts.has(placeKey(neighbourhood ?? ''));
    const candidates = isDistrictWord ? [] : this.#neighbourhoodsIn(named, neighbourhood ?? district);
    const fitting = candidates.filter(
      ({code}) => stated === null || candidates.length === 1 || this.#parentOf(code) === stated.code,
    );
    const [only] = fitting;
    const found = fitting.length === 1 && only !== undefined ? only : null;
    const parents = new Set(fitting.map(({code}) => this.#parentOf(code)));
    const [parent] = parents;
    const implied =
      parents.size === 1 && parent && fitting[0] !== undefined ? {...fitting[0], code: parent} : null;
    return {neighbourhood: found, district: found === null ? (stated ?? implied) : (implied ?? stated)};
  }

  #districtIn(named: Named, words: string | null): FoundPlace | null {
    const found = named.districts.get(placeKey(words ?? ''));
    return found === undefined || words === null ? null : {...found, stated: words};
  }

  #neighbourhoodsIn(named: Named, words: string | null): FoundPlace[] {
    if (words === null) return [];
    return (named.neighbourhoods.get(placeKey(words)) ?? []).map(found => ({...found, stated: words}));
  }

  #official(municipalityCode: string, kind: PlaceAlias['kind'], name: string): string | undefined {
    const named = this.#byMunicipality.get(municipalityCode);
    const key = placeKey(name);
    return kind === 'district' ? named?.districts.get(key)?.code : named?.neighbourhoods.get(key)?.[0]?.code;
  }

  #add(
    municipalityCode: string,
    kind: PlaceAlias['kind'],
    name: string,
    code: string,
    by: FoundBy = 'name',
  ): void {
    const named: Named = this.#byMunicipality.get(municipalityCode) ?? {
      districts: new Map(),
      neighbourhoods: new Map(),
    };
    this.#byMunicipality.set(municipalityCode, named);
    const key = placeKey(name);
    if (key === '') return;
    if (kind === 'district') {
      if (!named.districts.has(key)) named.districts.set(key, {code, by});
      return;
    }
    // Without its number a name stands for all that differ in the number only.
    for (const each of new Set([key, key.replace(/ \d+$/, '')])) {
      const known = named.neighbourhoods.get(each) ?? [];
      if (!known.some(other => other.code === code) && (by === 'name' || known.length === 0))
        named.neighbourhoods.set(each, [...known, {code, by}]);
    }
  }

  #parentOf(code: string): string | null {
    return this.#byCode.get(this.#byCode.get(code)?.parentCode ?? '')?.placeCode ?? null;
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
