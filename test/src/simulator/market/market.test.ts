import {describe, expect, it} from 'vitest';
import {HOME_TYPES} from '../../../../src/domain/vocabulary.ts';
import {createMarket, DEMO_MARKET, type Market} from '../../../../src/simulator/market/market.ts';
import type {Advert} from '../../../../src/simulator/market/truth.ts';

const market = createMarket(DEMO_MARKET);
const {truth} = market;
const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const isHonest = (advert: Advert): boolean =>
  !advert.labels.some(label => ['price', 'builtAreaM2', 'hidePrice'].includes(label.field));

function groupBy<Key, Value>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

function medianPerM2(accept: (advert: Advert, stratum: number, municipality: string) => boolean): number {
  const chosen = truth.adverts.filter(advert => {
    const property = truth.property(advert);
    return isHonest(advert) && accept(advert, property.stratum, property.municipality);
  });
  return median(chosen.map(advert => advert.stated.price / advert.stated.builtAreaM2));
}

describe('createMarket', () => {
  it('makes the same market from the same seed and another from another', () => {
    const small = {...DEMO_MARKET, size: 150};
    const strip = ({truth: {adverts, properties, plantedStrings}}: Market) => ({
      adverts,
      properties,
      plantedStrings,
    });
    expect(strip(createMarket(small))).toEqual(strip(createMarket(small)));
    expect(strip(createMarket({...small, seed: 'other'}))).not.toEqual(strip(createMarket(small)));
  });

  it('keeps 2,300 adverts live every day and shows 2,600 in the week', () => {
    const liveByDay = Array.from({length: 7}, (_, day) => truth.liveAdverts(day).length);
    expect(Math.min(...liveByDay)).toBeGreaterThanOrEqual(2300);
    const distinct = new Set(liveByDay.flatMap((_, day) => truth.liveAdverts(day).map(advert => advert.id)));
    expect(distinct.size).toBeGreaterThanOrEqual(2600);
  });

  it('gives every advert its own number, nine digits or a legacy one', () => {
    expect(new Set(truth.adverts.map(advert => advert.id)).size).toBe(truth.adverts.length);
    for (const {id, isLegacy} of truth.adverts) {
      expect(String(id)).toMatch(isLegacy ? /^\d{7,8}$/ : /^19\d{7}$/);
    }
    expect(truth.adverts.some(advert => advert.isLegacy)).toBe(true);
  });

  it('asks prices per m² as measured in 2023: by stratum, and rising with it', () => {
    const measured: Record<number, number> = {2: 2.76e6, 3: 3.79e6, 4: 4.95e6, 5: 5.39e6, 6: 6.11e6};
    const medians = Object.entries(measured).map(([stratum, figure]) => {
      const ours = medianPerM2(
        (advert, own) =>
          advert.operation === 'sale' && advert.propertyType === 'apartment' && own === Number(stratum),
      );
      expect(ours / figure, `stratum ${stratum}`).toBeGreaterThan(0.85);
      expect(ours / figure, `stratum ${stratum}`).toBeLessThan(1.15);
      return ours;
    });
    expect(medians).toEqual([...medians].sort((a, b) => a - b));
  });

  it('asks prices per m² as measured, by municipality and type', () => {
    const measured: Record<string, number> = {
      medellin: 5.03e6,
      envigado: 5.79e6,
      sabaneta: 4.93e6,
      itagui: 4.54e6,
      bello: 4.06e6,
    };
    for (const [municipality, figure] of Object.entries(measured)) {
      const ours = medianPerM2(
        (advert, _, own) =>
          advert.operation === 'sale' && advert.propertyType === 'apartment' && own === municipality,
      );
      expect(ours / figure, municipality).toBeGreaterThan(0.85);
      expect(ours / figure, municipality).toBeLessThan(1.18);
    }
    const houses = medianPerM2(advert => advert.operation === 'sale' && advert.propertyType === 'house');
    expect(houses / 3.9e6).toBeGreaterThan(0.85);
    expect(houses / 3.9e6).toBeLessThan(1.15);
  });

  it('asks rents per m² as measured, Bello below Medellín', () => {
    const rents = (municipality: string): number =>
      medianPerM2(
        (advert, _, own) =>
          advert.operation === 'rent' && advert.propertyType === 'apartment' && own === municipality,
      );
    expect(rents('medellin') / 21_500).toBeGreaterThan(0.85);
    expect(rents('medellin') / 21_500).toBeLessThan(1.15);
    expect(rents('bello')).toBeLessThan(0.85 * rents('medellin'));
  });

  it('leaves the best possible model an error near 8 % and a barrio × stratum median clearly more', () => {
    const homes = truth.adverts.filter(
      advert => isHonest(advert) && advert.operation === 'sale' && advert.propertyType === 'apartment',
    );
    const oracle = median(
      homes.map(advert => Math.abs(truth.property(advert).saleValueCop / advert.stated.price - 1)),
    );
    expect(oracle).toBeGreaterThan(0.06);
    expect(oracle).toBeLessThan(0.095);
    const keyOf = (advert: Advert): string => {
      const {municipality, barrio, stratum} = truth.property(advert);
      return `${municipality}/${barrio}/${stratum}`;
    };
    const errors = homes.flatMap(advert => {
      const peers = homes.filter(
        other => other.propertyId !== advert.propertyId && keyOf(other) === keyOf(advert),
      );
      if (peers.length < 3) return [];
      const perM2 = median(peers.map(peer => peer.stated.price / peer.stated.builtAreaM2));
      return [Math.abs((perM2 * advert.stated.builtAreaM2) / advert.stated.price - 1)];
    });
    expect(median(errors)).toBeGreaterThan(oracle * 1.4);
  });

  it('advertises one home in several adverts, often with the very same values', () => {
    const live = truth.liveAdverts(0);
    const byProperty = groupBy(live, advert => advert.propertyId);
    const twins = [...byProperty.values()].filter(adverts => adverts.length > 1);
    expect(twins.flat().length / live.length).toBeGreaterThan(0.1);
    for (const [first, ...rest] of twins) {
      for (const other of rest) {
        expect(other.operation).toBe(first?.operation);
        expect(other.propertyType).toBe(first?.propertyType);
      }
    }
    const keyOf = ({operation, stated: s}: Advert): string =>
      [operation, s.price, s.builtAreaM2, s.bedrooms, s.bathrooms, s.stratum].join();
    const byValues = groupBy(live, keyOf);
    const sharing =
      live.filter(advert => (byValues.get(keyOf(advert))?.length ?? 0) > 1).length / live.length;
    expect(sharing).toBeGreaterThan(0.08);
    expect(sharing).toBeLessThan(0.18);
  });

  it('relists withdrawn homes under a new number', () => {
    const relisted = truth.adverts.filter(advert => advert.relistedFrom !== null);
    expect(relisted.length).toBeGreaterThan(20);
    for (const advert of relisted) {
      const before = truth.advert(advert.relistedFrom ?? 0);
      expect(before?.propertyId).toBe(advert.propertyId);
      expect(before?.spells.at(-1)?.to).toBeLessThanOrEqual(advert.spells[0]?.from ?? -1);
    }
  });

  it('plants bargains of 25–40 % on homes, stated without any error', () => {
    const bargains = truth.adverts.filter(advert => advert.labels.some(label => label.kind === 'bargain'));
    expect(bargains.length).toBeGreaterThan(20);
    for (const advert of bargains) {
      const property = truth.property(advert);
      const value = advert.operation === 'sale' ? property.saleValueCop : property.rentValueCop;
      expect(advert.labels).toHaveLength(1);
      expect(advert.stated.price / value).toBeGreaterThan(0.59);
      expect(advert.stated.price / value).toBeLessThan(0.76);
      expect(HOME_TYPES).toContain(advert.propertyType);
      expect(advert.stated.builtAreaM2).toBe(property.areaM2);
      expect(advert.stated.point).toEqual(property.point);
      expect(truth.pricePath(advert.id).every(({price}) => price === advert.stated.price)).toBe(true);
    }
  });
});
