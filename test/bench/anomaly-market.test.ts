/** That labels say what was planted, and that nothing else was touched. */
import {describe, expect, it} from 'vitest';
import {planeDistanceM} from '../../src/lib/geo.ts';
import {stagedListing} from '../support/staged-listing.ts';
import {chooseSound, FAULTS, plantFaults} from './anomaly-market.ts';

const NEIGHBOURHOODS = ['Laureles', 'El Poblado', 'Belén', 'Robledo'];
const staged = Array.from({length: 4000}, (_, at) =>
  stagedListing({
    portalListingId: String(at),
    neighbourhood: NEIGHBOURHOODS[at % 4] ?? null,
    latitude: 6.2 + 0.03 * (at % 4),
    longitude: -75.59 + 1e-5 * at,
  }),
);
const planted = plantFaults(staged, 1);
const of = (fault: (typeof FAULTS)[number]) =>
  planted.flatMap((each, at) => (each.fault === fault ? [{now: each.staged, before: staged[at]!}] : []));
const saleOf = (listing: (typeof staged)[number]) => listing.offers[0]?.price ?? 0;

describe('plantFaults', () => {
  it('plants every fault at its share, the same ones with the same seed', () => {
    for (const fault of FAULTS) expect(of(fault).length, fault).toBeGreaterThan(0);
    const share = (count: number) => count / staged.length;
    expect(share(of('bargain').length)).toBeCloseTo(0.02, 2);
    expect(share(of('none').length)).toBeCloseTo(0.95, 1);
    expect(plantFaults(staged, 1)).toEqual(planted);
    expect(plantFaults(staged, 2)).not.toEqual(planted);
  });

  it('leaves the others alone', () => {
    for (const {now, before} of of('none')) expect(now).toBe(before);
  });

  it('asks 25 to 40 % less for a bargain, and changes nothing else', () => {
    for (const {now, before} of of('bargain')) {
      expect(saleOf(now) / saleOf(before)).toBeGreaterThan(0.59);
      expect(saleOf(now) / saleOf(before)).toBeLessThan(0.76);
      expect({...now, offers: []}).toEqual({...before, offers: []});
    }
  });

  it('moves a point 1.5 km or more, to where another neighbourhood is', () => {
    for (const {now, before} of of('wrong_point')) {
      const at = (listing: typeof now) => ({
        latitude: listing.latitude ?? 0,
        longitude: listing.longitude ?? 0,
      });
      expect(planeDistanceM(at(now), at(before))).toBeGreaterThan(1400);
      expect({...now, latitude: 0, longitude: 0}).toEqual({...before, latitude: 0, longitude: 0});
    }
  });

  it.each([
    ['price_x10', 10],
    ['price_d10', 0.1],
    ['price_x1000', 1000],
    ['price_d1000', 0.001],
  ] as const)('%s', (fault, factor) => {
    for (const {now, before} of of(fault)) expect(saleOf(now) / saleOf(before)).toBeCloseTo(factor, 5);
  });

  it('starts from adverts that the rules find nothing wrong with', () => {
    const wrong = [stagedListing({offers: []}), stagedListing({isAuction: true})];
    expect(chooseSound([...staged.slice(0, 3), ...wrong])).toHaveLength(3);
  });
});
