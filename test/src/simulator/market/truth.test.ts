import {describe, expect, it} from 'vitest';
import {createMarket, DEMO_MARKET} from '../../../../src/simulator/market/market.ts';
import {addDays, listingIdOf} from '../../../../src/simulator/market/truth.ts';

const {truth} = createMarket(DEMO_MARKET);

describe('truth', () => {
  it('tells presence by day in agreement with the live adverts', () => {
    for (const advert of truth.adverts.slice(0, 400)) {
      const presence = truth.presence(advert.id);
      expect(presence).toHaveLength(7);
      presence.forEach((isPresent, day) => {
        expect(truth.liveAdverts(day).includes(advert)).toBe(isPresent);
      });
    }
  });

  it('has adverts that appear, are withdrawn, come back after days, and are missed for one day', () => {
    const patterns = truth.adverts.map(advert => truth.presence(advert.id).map(Number).join(''));
    const matching = (pattern: RegExp): number => patterns.filter(days => pattern.test(days)).length;
    expect(matching(/^0+1/)).toBeGreaterThan(200);
    expect(matching(/10+$/)).toBeGreaterThan(150);
    expect(matching(/10{2,}1/)).toBeGreaterThan(5);
    expect(matching(/101/)).toBeGreaterThan(15);
  });

  it('keeps the own page of a missed advert online', () => {
    const missed = truth.adverts.filter(advert => advert.missedDays.length > 0);
    expect(missed.length).toBeGreaterThan(10);
    for (const advert of missed) {
      for (const day of advert.missedDays) {
        expect(truth.isLive(advert, day)).toBe(false);
        expect(truth.isOnline(advert, day)).toBe(true);
      }
    }
  });

  it('changes dozens of prices: down by 4.5 % in the middle, up by 5 %', () => {
    const steps = truth.adverts.flatMap(({id}) => {
      const prices = truth.pricePath(id).flatMap(({price}) => (price === null ? [] : [price]));
      return prices.slice(1).flatMap((price, index) => {
        const share = price / (prices[index] ?? price) - 1;
        return share === 0 || share > 100 ? [] : [share];
      });
    });
    const median = (values: number[]): number =>
      values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
    const down = steps.filter(share => share < 0);
    expect(steps.length).toBeGreaterThan(48);
    expect(down.length / steps.length).toBeGreaterThan(0.4);
    expect(Math.abs(median(down) + 0.045)).toBeLessThan(0.015);
    expect(Math.abs(median(steps.filter(share => share > 0)) - 0.05)).toBeLessThan(0.02);
  });

  it('revises descriptions, and dates alone', () => {
    const reasons = truth.adverts.flatMap(advert => advert.revisions.map(revision => revision.reason));
    expect(reasons.filter(reason => reason === 'description').length).toBeGreaterThan(40);
    expect(reasons.filter(reason => reason === 'bump').length).toBeGreaterThan(80);
    for (const {revisions} of truth.adverts) {
      revisions.slice(1).forEach((revision, index) => {
        const before = revisions[index];
        if (revision.reason === 'bump') {
          expect({...revision, day: 0, reason: '', updatedOn: ''}).toEqual({
            ...before,
            day: 0,
            reason: '',
            updatedOn: '',
          });
        }
        expect(revision.updatedOn >= (before?.updatedOn ?? '')).toBe(true);
      });
    }
  });

  it('finds the adverts of a scope', () => {
    const scope = {operation: 'sale', propertyType: 'apartment', place: 'antioquia/envigado'} as const;
    const found = truth.advertsOfScope(0, scope);
    expect(found.length).toBeGreaterThan(50);
    for (const advert of found) expect(truth.property(advert).municipality).toBe('envigado');
    const all = truth.advertsOfScope(0, {...scope, place: 'antioquia'});
    expect(all.length).toBeGreaterThan(found.length);
  });

  it('names adverts as the pipeline does', () => {
    const [advert] = truth.liveAdverts(0);
    expect(advert && listingIdOf(advert)).toBe(`fincaraiz:id:${advert?.id}`);
  });

  it('refuses an advert it does not know', () => {
    expect(() => truth.pricePath(1)).toThrow(/no advert 1/);
  });

  it('tells a monthly index of any length, the same months alike', () => {
    const two = truth.monthlyIndex(24);
    expect(two).toHaveLength(24);
    expect(two.at(-1)).toEqual({month: '2026-09', index: 100});
    expect(two[0]?.month).toBe('2024-10');
    expect(truth.monthlyIndex(36).slice(-24)).toEqual(two);
    const growth = 100 / (truth.monthlyIndex(13)[0]?.index ?? 0) - 1;
    expect(growth).toBeGreaterThan(0.03);
    expect(growth).toBeLessThan(0.12);
  });

  it('counts days over months', () => {
    expect(addDays('2026-08-31', 1)).toBe('2026-09-01');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });
});
