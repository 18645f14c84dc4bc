import {describe, expect, test} from 'vitest';
import {readTravelFacts} from '../../../src/db/travel-facts.ts';
import {
  fareCop,
  monthlyCost,
  monthlyPaymentCop,
  rankHomes,
  type Trip,
  transportCop,
} from '../../../src/lib/total-cost.ts';

const {fares} = readTravelFacts();

describe('fareCop', () => {
  const trip: Trip = {
    mode: 'transit',
    homeMunicipality: '05001',
    goalMunicipality: '05001',
    profile: 'frequent',
    on: '2026-11-23',
  };
  test.each<[string, Partial<Trip>, number | null]>([
    ['on foot', {mode: 'walk', homeMunicipality: null}, 0],
    ['Metro', {}, 3820],
    ['Metro, student', {profile: 'student'}, 1600],
    ['Metro, the day before the fares rose', {on: '2026-01-09'}, 3430],
    ['Metro, before any known fare', {on: '2024-12-31'}, null],
    ['bus in Medellín: the newest known is of 2025', {mode: 'bus'}, 3400],
    ['bus from Bello to Medellín', {mode: 'bus', homeMunicipality: '05088'}, 3900],
    ['bus from Medellín to Barbosa', {mode: 'bus', goalMunicipality: '05079'}, 5350],
    [
      'bus from Bello to Caldas: the dearer',
      {mode: 'bus', homeMunicipality: '05088', goalMunicipality: '05129'},
      4000,
    ],
    ['bus within Envigado', {mode: 'bus', homeMunicipality: '05266', goalMunicipality: '05266'}, 3800],
    ['bus to nobody knows where', {mode: 'bus', goalMunicipality: null}, null],
    ['bus from Rionegro', {mode: 'bus', homeMunicipality: '05615'}, null],
    ['integrated from Sabaneta', {mode: 'bus_transit', homeMunicipality: '05631'}, 4765],
    ['integrated from nobody knows where', {mode: 'bus_transit', homeMunicipality: null}, null],
  ])('%s', (_, change, expected) => {
    expect(fareCop({...trip, ...change}, fares)).toBe(expected);
  });
});

test('fares of a month are two trips a day; unknown stays unknown, on foot is a known zero', () => {
  expect(transportCop(3820, 22)).toBe(168_080);
  expect(transportCop(0, 22)).toBe(0);
  expect(transportCop(3820, 0)).toBe(0);
  expect(transportCop(null, 22)).toBeNull();
});

describe('monthlyCost', () => {
  test('the parts sum to the total, over several destinations', () => {
    expect(monthlyCost(1_800_000, 210_000, [168_080, 0])).toEqual({
      housingCop: 1_800_000,
      adminFeeCop: 210_000,
      transportCop: 168_080,
      totalCop: 2_178_080,
      atLeastCop: 2_178_080,
    });
  });
  test.each([
    [null, 210_000, [168_080], 378_080],
    [1_800_000, null, [168_080], 1_968_080],
    [1_800_000, 210_000, [168_080, null], 2_178_080],
  ])('an unknown part makes the total unknown: %j %j %j', (housing, admin, transports, atLeastCop) => {
    expect(monthlyCost(housing, admin, transports)).toMatchObject({totalCop: null, atLeastCop});
  });
});

describe('monthlyPaymentCop', () => {
  test('a loan at 12 % E.A. is paid off exactly by its payments', () => {
    const loan = {downPayment: 0.3, annualRate: 0.12, years: 20};
    const payment = monthlyPaymentCop(400e6, loan);
    let debt = 280e6;
    for (let month = 0; month < 240; month++) debt = debt * 1.12 ** (1 / 12) - payment;
    expect(payment).toBe(2_964_145);
    expect(Math.abs(debt)).toBeLessThan(1000);
  });
  test('without interest, and paid at once', () => {
    expect(monthlyPaymentCop(240e6, {downPayment: 0, annualRate: 0, years: 20})).toBe(1e6);
    expect(monthlyPaymentCop(240e6, {downPayment: 1, annualRate: 0.12, years: 20})).toBe(0);
  });
});

describe('rankHomes', () => {
  const home = (name: string, totalCop: number | null, minutes: number | null, gapPct: number | null) => ({
    name,
    totalCop,
    minutes,
    gapPct,
  });
  const names = (homes: readonly {name: string}[]) => homes.map(({name}) => name);

  test('best by the mean of three places', () => {
    const homes = [home('dear', 3, 60, 20), home('good', 1, 20, -10), home('middle', 2, 40, 0)];
    expect(names(rankHomes(homes))).toEqual(['good', 'middle', 'dear']);
  });
  test('not knowing is never an advantage', () => {
    const homes = [home('untimed', 1, null, 0), home('untotalled', null, 30, 0), home('known', 2, 30, 0)];
    expect(names(rankHomes(homes))).toEqual(['known', 'untimed', 'untotalled']);
  });
  test('ties keep their order', () => {
    expect(names(rankHomes([home('a', 1, 1, 1), home('b', 1, 1, 1)]))).toEqual(['a', 'b']);
    expect(rankHomes([])).toEqual([]);
  });
});
