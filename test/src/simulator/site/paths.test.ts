import {describe, expect, it} from 'vitest';
import {OPERATIONS, PROPERTY_TYPES} from '../../../../src/domain/vocabulary.ts';
import {MUNICIPALITIES} from '../../../../src/simulator/market/places.ts';
import {readListingPath, readSearchPath, searchPath} from '../../../../src/simulator/site/paths.ts';

describe('readSearchPath', () => {
  it('reads what searchPath writes, for every scope', () => {
    for (const operation of OPERATIONS) {
      for (const propertyType of PROPERTY_TYPES) {
        for (const municipality of MUNICIPALITIES) {
          const scope = {operation, propertyType, place: `antioquia/${municipality.slug}`};
          const place = {kind: 'municipality', municipality};
          expect(readSearchPath(searchPath(scope))).toMatchObject({operation, propertyType, place, page: 1});
          expect(readSearchPath(searchPath(scope, 7))).toMatchObject({
            operation,
            propertyType,
            place,
            page: 7,
          });
        }
      }
    }
  });

  it.each([
    ['/venta/apartamentos/antioquia', 'department'],
    ['/venta/apartamentos/laureles/occidente/medellin', 'neighbourhood'],
    ['/venta/apartamentos/niquia/bello', 'neighbourhood'],
    ['/venta/apartamentos/laureles/sur/envigado', 'country'],
    ['/venta/casas/tunja/boyaca', 'country'],
    ['/venta/casas-y-apartamentos/medellin/antioquia', 'country'],
    ['/venta', 'country'],
  ])('%s is a search of a %s', (path, kind) => {
    expect(readSearchPath(path)?.place.kind).toBe(kind);
  });

  it('reads no other address', () => {
    expect(readSearchPath('/proyectos-vivienda')).toBeUndefined();
    expect(readSearchPath('/robots.txt')).toBeUndefined();
  });
});

describe('readListingPath', () => {
  it.each([
    ['/apartamento-en-venta-en-laureles-medellin/193349683', 193349683],
    ['/casa-en-arriendo-en-la-campiña-bello/10212344', 10212344],
    ['/proyectos-vivienda/mirador-de-manila/190000002', 190000002],
    ['/venta/apartamentos/medellin/antioquia', undefined],
    ['/inmobiliarias/174500000', undefined],
  ])('%s is listing %s', (path, expected) => {
    expect(readListingPath(path)).toBe(expected);
  });
});
