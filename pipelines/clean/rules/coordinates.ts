import type {RuleName} from '../../../src/domain/cleaning-rules.ts';
import {COLOMBIA, isWithin, judgeCoordinates} from '../../../src/lib/geo.ts';
import type {Draft, Report, Rule} from './draft.ts';

/** Decimal degrees: swapped pairs are turned round, a lost minus of the longitude comes back, what isn't in Colombia goes. */
export const judgePoint: Rule = (draft, report) => {
  const {latitude, longitude} = draft;
  if (latitude === null && longitude === null) return;
  if (latitude !== null && longitude !== null && isWithin(COLOMBIA, latitude, -longitude)) {
    draft.longitude = -longitude;
    report(
      'longitude_sign',
      'coordinates',
      'corrected',
      pair(draft, longitude),
      'the longitude lost its minus',
    );
    return;
  }
  const verdict = judgeCoordinates(latitude, longitude);
  if (verdict === 'plausible') return;
  if (verdict === 'swapped') {
    draft.latitude = longitude;
    draft.longitude = latitude;
    report(
      'coordinates_swapped',
      'coordinates',
      'corrected',
      `${latitude}, ${longitude}`,
      'latitude and longitude were swapped',
    );
    return;
  }
  if (verdict === 'absent') forget(draft, report, 'coordinates_unstated', '0 or half a pair is "not stated"');
  else forget(draft, report, 'coordinates_abroad', 'outside Colombia');
};

function forget(draft: Draft, report: Report, rule: RuleName, message: string): void {
  report(rule, 'coordinates', 'nulled', pair(draft, draft.longitude), message);
  draft.latitude = null;
  draft.longitude = null;
}

function pair(draft: Draft, longitude: number | null): string {
  return `${draft.latitude}, ${longitude}`;
}
