import {expect, test} from 'vitest';
import {type Advert, groupTwins} from '../../../pipelines/match/core.ts';
import {createRandom} from '../../../src/lib/random.ts';

function advert(listingId: string, changes: Partial<Advert> = {}): Advert {
  return {
    listingId,
    propertyType: 'apartment',
    municipality: 'Medellín',
    neighbourhood: 'Laureles',
    stratum: 5,
    areaM2: 80,
    bedrooms: 3,
    bathrooms: 2,
    isUsable: true,
    prices: {sale: 400_000_000},
    ...changes,
  };
}

const homes = (adverts: Advert[]) => new Set(groupTwins(adverts).map(member => member.propertyId)).size;

test('adverts that agree in everything are one home, named after the smallest id in any order', () => {
  const adverts = [advert('toy:id:2'), advert('toy:id:1', {areaM2: 80.2, municipality: 'MEDELLIN'})];
  const members = groupTwins(adverts);
  expect(members.map(({listingId, reason}) => [listingId, reason])).toEqual([
    ['toy:id:1', 'exact_twin'],
    ['toy:id:2', 'exact_twin'],
  ]);
  expect(new Set(members.map(member => member.propertyId)).size).toBe(1);
  expect(groupTwins(createRandom(1).shuffle(adverts))).toEqual(members);
});

test.each<[string, Partial<Advert>]>([
  ['another type', {propertyType: 'house'}],
  ['another municipality', {municipality: 'Bello'}],
  ['another estrato', {stratum: 4}],
  ['another area', {areaM2: 81}],
  ['another number of bedrooms', {bedrooms: 2}],
  ['another number of bathrooms', {bathrooms: 3}],
  ['another price', {prices: {sale: 401_000_000}}],
  ['one more offer', {prices: {sale: 400_000_000, rent: 2_000_000}}],
  ['another neighbourhood', {neighbourhood: 'El Poblado'}],
  ['no price to believe', {prices: {}}],
  ['no estrato', {stratum: null}],
  ['not usable', {isUsable: false}],
])('%s: two homes', (_name, changes) => {
  expect(homes([advert('toy:id:1'), advert('toy:id:2', changes)])).toBe(2);
});

test('an advert without neighbourhood joins the others only while they agree on one', () => {
  const unnamed = advert('toy:id:9', {neighbourhood: null});
  expect(homes([advert('toy:id:1'), unnamed])).toBe(1);
  expect(homes([advert('toy:id:1'), advert('toy:id:2', {neighbourhood: 'Belén'}), unnamed])).toBe(3);
});
