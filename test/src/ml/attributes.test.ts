import {describe, expect, it} from 'vitest';
import {
  attributeColumns,
  encodeAttributes,
  fitAttributes,
  placeKeys,
  positionOf,
} from '../../../src/ml/attributes.ts';
import {featureRow, knownWorld} from '../../support/housing-world.ts';

describe('placeKeys', () => {
  it('names places from narrow to wide, in one spelling', () => {
    const row = featureRow({municipality: 'Itagüí', district: null, neighbourhood: 'SANTA  MARÍA No.1'});
    expect(placeKeys(row)).toEqual(['n:itagui/santa maria no 1', 'm:itagui']);
  });
});

describe('fitAttributes', () => {
  const rows = knownWorld({homes: 200, seed: 1}).map((row, index) => ({
    ...row,
    parkingSpaces: index % 3 === 0 ? null : row.parkingSpaces,
    description: index % 2 === 0 ? 'Apartamento remodelado, con piscina y gimnasio' : 'Sin más',
  }));
  const encoder = fitAttributes(rows);
  const encoded = (row: (typeof rows)[number]) => {
    const values = encodeAttributes(encoder, row);
    return Object.fromEntries(attributeColumns(encoder).map((name, index) => [name, values[index]!]));
  };

  it('gives as many numbers as columns, and flags only what may be missing', () => {
    expect(encodeAttributes(encoder, rows[0]!)).toHaveLength(attributeColumns(encoder).length);
    expect(attributeColumns(encoder)).toContain('parking_missing');
    expect(attributeColumns(encoder)).not.toContain('log_area_missing');
    expect(encoded(rows[0]!)).toMatchObject({parking: 0, parking_missing: 1});
  });

  it('reads words of the description', () => {
    expect(encoded(rows[0]!)).toMatchObject({word_remodelado: 1, word_piscina: 1});
    expect(encoded(rows[1]!)).toMatchObject({word_remodelado: 0, word_piscina: 0});
  });

  it("believes a shared pin no more than the barrio's middle", () => {
    const barrio = positionOf(encoder, {...rows[0]!, latitude: null, longitude: null});
    const pinned = positionOf(encoder, {...rows[0]!, latitude: 6.4, longitude: -75.4, isSharedPin: true});
    expect(pinned).toEqual(barrio);
    expect(barrio.isOwn).toBe(false);
    const own = positionOf(encoder, rows[0]!);
    expect(own.isOwn).toBe(true);
    expect(Math.hypot(own.x - barrio.x, own.y - barrio.y)).toBeLessThan(3);
  });

  it('cuts absurd values', () => {
    expect(encoded({...rows[0]!, bathrooms: 84}).bathrooms).toBe(4);
  });
});
