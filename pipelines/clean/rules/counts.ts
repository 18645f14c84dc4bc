import type {Draft, Rule} from './draft.ts';

interface CountRule {
  readonly field:
    | 'bedrooms'
    | 'bathrooms'
    | 'parkingSpaces'
    | 'floor'
    | 'floorsCount'
    | 'photosCount'
    | 'ageYearsMin'
    | 'ageYearsMax';
  readonly low: number;
  readonly high: number;
  /** Portals write 0 for "not stated". */
  readonly isZeroUnstated: boolean;
}

const COUNTS: readonly CountRule[] = [
  {field: 'bedrooms', low: 1, high: 30, isZeroUnstated: true},
  {field: 'bathrooms', low: 1, high: 30, isZeroUnstated: true},
  {field: 'parkingSpaces', low: 1, high: 50, isZeroUnstated: true},
  {field: 'floor', low: -5, high: 70, isZeroUnstated: true},
  {field: 'floorsCount', low: 1, high: 80, isZeroUnstated: true},
  {field: 'photosCount', low: 0, high: 1000, isZeroUnstated: false},
  {field: 'ageYearsMin', low: 0, high: 300, isZeroUnstated: false},
  {field: 'ageYearsMax', low: 0, high: 300, isZeroUnstated: false},
];

/** Whole buildings, hostels and schools for sale hold more rooms than any home. */
const LARGE_FACTOR = 10;

/** Rooms, floors, places: zero is "not stated", fractions are cut (2.5 bathrooms: two and a toilet), 253 is no house. */
export const judgeCounts: Rule = (draft, report) => {
  for (const {field, low, high, isZeroUnstated} of COUNTS) {
    const stated = draft[field];
    if (stated === null) continue;
    const count = Math.trunc(stated);
    if (isZeroUnstated && stated === 0) {
      draft[field] = null;
      report('zero_not_stated', field, 'nulled', stated, 'portals write 0 for "not stated"');
    } else if (!(count >= low && count <= largest(draft, high))) {
      draft[field] = null;
      report('count_range', field, 'nulled', stated, `outside ${low} to ${largest(draft, high)}`);
    } else if (count !== stated) {
      draft[field] = count;
      report('count_fraction', field, 'corrected', stated, 'cut to a whole number');
    }
  }
};

function largest(draft: Draft, high: number): number {
  return draft.propertyType === 'building' ? high * LARGE_FACTOR : high;
}
