import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {createMarket, DEMO_MARKET} from '../../../../src/simulator/market/market.ts';
import {createPerson, PHONE_FORMS} from '../../../../src/simulator/market/people.ts';
import {BARRIOS, MUNICIPALITIES} from '../../../../src/simulator/market/places.ts';
import {PLANTED_KINDS} from '../../../../src/simulator/market/truth.ts';

const {truth} = createMarket(DEMO_MARKET);

describe('planted personal strings', () => {
  it('come in every kind and place', () => {
    expect(new Set(truth.plantedStrings.map(({kind}) => kind))).toEqual(new Set(PLANTED_KINDS));
    expect(new Set(truth.plantedStrings.map(({where}) => where))).toEqual(
      new Set(['owner', 'seller', 'slug', 'title', 'description', 'address']),
    );
  });

  it('are never part of a place, an agency, a number or a price', () => {
    const innocent = [
      ...BARRIOS.map(({name}) => name),
      ...MUNICIPALITIES.map(({name}) => name),
      ...truth.adverts.filter(({advertiser}) => !advertiser.isPerson).map(({advertiser}) => advertiser.name),
      ...truth.adverts.map(({id}) => String(id)),
      ...truth.adverts.flatMap(({revisions}) => revisions.map(({price}) => String(price))),
    ].join('\n');
    for (const {text} of truth.plantedStrings) expect(innocent).not.toContain(text);
  });

  it('give every person a name and number of their own', () => {
    const random = createRandom('people');
    const people = Array.from({length: 600}, (_, serial) => createPerson(random, serial));
    expect(new Set(people.map(({name}) => name)).size).toBe(600);
    expect(new Set(people.map(({phone}) => phone)).size).toBe(600);
    for (const {phone} of people) expect(phone).toMatch(/^34[1-9]\d{6}[1-9]$/);
  });

  it('write a number in eight ways', () => {
    expect(PHONE_FORMS.map(form => form('3411000457'))).toEqual([
      '3411000457',
      '341 100 0457',
      '+57 341 100 0457',
      '+573411000457',
      '341.100.0457',
      '341-100-0457',
      '(341) 100 04 57',
      'tres cuatro uno uno cero cero cero cuatro cinco siete',
    ]);
  });
});
