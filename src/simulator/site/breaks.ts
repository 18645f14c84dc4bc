/** Ways to break the simulated portal while it is served, each for one alarm: what real portals have done to crawlers. */
import {hash32} from '../../lib/random.ts';
import type {Advert} from '../market/truth.ts';
import {challenged, type FaultHook, repeatedFirstPage} from './faults.ts';
import type {JsonObject} from './locations.ts';

export interface Break {
  /** For people, with the alarm it should raise. */
  readonly does: string;
  /** Changes what adverts say. */
  readonly edit?: (listing: JsonObject) => JsonObject;
  /** Changes how pages answer. */
  readonly fault?: FaultHook;
  /** Adverts that are no longer on the portal, neither in searches nor by themselves. */
  readonly hides?: (advert: Advert) => boolean;
}

const isPage = (path: string) => path !== '/robots.txt';

export const BREAK_NAMES = [
  'price',
  'latitude',
  'rename-key',
  'new-word',
  'block',
  'shape',
  'repeat',
  'vanish',
  'empty',
] as const;
export type BreakName = (typeof BREAK_NAMES)[number];

export const BREAKS: Readonly<Record<BreakName, Break>> = {
  price: {
    does: 'adverts state no price: field_fill_drop of price',
    edit: listing => ({
      ...listing,
      hidePrice: true,
      price: {...objectOf(listing.price), amount: 0, hidePrice: true},
    }),
  },
  latitude: {
    does: 'adverts have no coordinates: field_fill_drop of latitude',
    edit: listing => ({
      ...listing,
      ...{latitude: null, longitude: null},
      locations: {...objectOf(listing.locations), location_point: null},
    }),
  },
  'rename-key': {
    does: 'the key "stratum" is called "stratum_v2": payload_keys_changed',
    edit: ({stratum, ...listing}) => ({...listing, stratum_v2: stratum ?? null}),
  },
  'new-word': {
    does: 'the technical sheet has a new row: new_value',
    edit: listing => ({
      ...listing,
      technicalSheet: [
        ...(Array.isArray(listing.technicalSheet) ? listing.technicalSheet : []),
        {field: 'energy_class', text: 'Clase energética', value: 'B'},
      ],
    }),
  },
  block: {
    does: 'every page is a challenge with status 403: blocked',
    fault: challenged({afterRequests: 0}),
  },
  shape: {
    does: 'pages of a new design without the state: failed',
    fault: ({path}) =>
      isPage(path)
        ? {kind: 'answer', status: 200, body: '<!DOCTYPE html><title>Nuevo diseño</title>'}
        : undefined,
  },
  repeat: {
    does: 'every page of a search repeats the first: incomplete searches, seen_drop',
    fault: repeatedFirstPage({fromPage: 2}),
  },
  vanish: {
    does: 'four adverts in ten are gone: gone_rate and seen_drop; their spells stay open for now',
    hides: advert => hash32(`vanish/${advert.id}`) % 10 < 4,
  },
  empty: {
    does: 'searches find nothing: seen_drop, and three_zeros after three crawls',
    hides: () => true,
  },
};

export function isBreakName(name: string): name is BreakName {
  return Object.hasOwn(BREAKS, name);
}

function objectOf(value: JsonObject[string] | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
