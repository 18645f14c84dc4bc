import {describe, expect, it} from 'vitest';
import {describeHome} from '../../../src/valuation/described-home.ts';

const describeWords = (words: object) => describeHome({type: 'casa', area: '80', ...words}, 'sale');

describe('describeHome', () => {
  it('reads what people write', () => {
    expect(
      describeWords({
        ...{area: '140,5 m2', stratum: 'Estrato 4', bedrooms: '3', bathrooms: '2', parking: '1', floor: '3º'},
        ...{
          age: '9 a 15 años',
          condition: 'remodelado',
          amenities: 'piscina, gimnasio,',
          asking: '650 millones',
        },
        ...{adminFee: '450 mil', lat: '6.245', lon: '-75.59'},
      }),
    ).toMatchObject({
      ...{propertyType: 'house', builtAreaM2: 140.5, stratum: 4, bedrooms: 3, bathrooms: 2, parkingSpaces: 1},
      ...{
        floor: 3,
        ageYearsMin: 9,
        ageYearsMax: 15,
        condition: 'remodelled',
        amenities: ['gimnasio', 'piscina'],
      },
      ...{latitude: 6.245, longitude: -75.59},
      offers: [{operation: 'sale', price: 650e6, adminFeeCop: 450_000}],
    });
    expect(describeWords({age: '12'})).toMatchObject({ageYearsMin: 12, ageYearsMax: 12});
    expect(describeWords({age: '12 años'})).toMatchObject({ageYearsMin: 12, ageYearsMax: 12});
    expect(describeWords({type: 'country_house'})).toMatchObject({propertyType: 'country_house'});
  });

  it('keeps no personal data of a pasted text', () => {
    const {description} = describeWords({description: 'Hermosa casa, llamar al 310 555 1234'});
    expect(description).toBe('Hermosa casa, llamar al [TEL]');
  });

  it.each([
    [{area: 'grande'}, /--area "grande" is not understood: write square metres, as 80 or 61,5/],
    [{lat: 'norte', lon: '-75'}, /--lat "norte" is not understood/],
    [{lat: '6.2'}, /both --lat and --lon/],
    [{age: 'vieja'}, /--age "vieja" is not understood/],
    [{condition: 'linda'}, /--condition "linda" is not understood: write new, used/],
    [{type: undefined}, /--type is needed to describe a home/],
  ])('%j is refused', (words, message) => {
    expect(() => describeWords(words)).toThrow(message);
  });
});
