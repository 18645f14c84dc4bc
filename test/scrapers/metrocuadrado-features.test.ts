import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {readLabels, readPairs, trimFeatures} from '../../scrapers/metrocuadrado-features.ts';
import {redactText} from '../../src/portal/redact.ts';
import {isObject, take} from '../../src/portal/take.ts';

const pairs = (...featured: string[]) => take({featured: trimFeatures(featured)});
const labels = (...items: string[]) => take({featured: trimFeatures([{title: 'Interiores', items}])});

describe('pairs of search pages', () => {
  it.each([
    [' ascensor:S', ['Ascensor']],
    [' ascensor:N', []],
    [' conCocinaIntegral_o:S', ['Cocina integral']],
    [' conVigilancia-cb:S', ['Vigilancia']],
    [' cercaARestaurantes:S', ['Cerca a restaurantes']],
    [' accesoConTarjetasODispositivos:S', ['Acceso con tarjetas o dispositivos']],
    [' conCircuitoCerradoTV:S', ['Circuito cerrado de TV']],
    [' terrazaBalcon:Terraza', ['Terraza/Balcón terraza']],
    [' terrazaBalcon:Ninguno', []],
    [' tipoPiso:Porcelanato', []],
    [' nroBanos:2', []],
  ])('%s', (pair, expected) => {
    const fields = pairs(pair);
    expect(readPairs(fields).amenities).toEqual(expected);
    expect(fields.issues()).toEqual([]);
  });

  it('state floor, floors, plot and age class', () => {
    const featured = ['nroPiso:6', ' nroNiveles:2', ' areaLote:120.5', ' tiempoConstruido:Más de 20 años'];
    expect(readPairs(pairs(...featured))).toEqual({
      amenities: [],
      floor: '6',
      floorsCount: '2',
      landAreaM2: '120.5',
      builtTime: 'Más de 20 años',
    });
  });

  it('that nobody reads lose their value and are reported', () => {
    const fields = pairs(' nombreContacto:Abundio Urquijo');
    readPairs(fields);
    expect(fields.issues()).toMatchObject([
      {code: 'unknown_feature', message: 'nobody reads nombreContacto'},
    ]);
    expect(trimFeatures([' nombreContacto:Abundio Urquijo'])).toEqual(['nombreContacto:…']);
  });

  it.each([
    'matricula:50N-5550128',
    ' nroApto:1402',
    ' nroInterior:3',
    ' direccion:Calle 1 # 2-3',
    ' chip:AAA0001',
  ])('%s says which home it is and goes', pair => {
    expect(trimFeatures([pair])).toEqual([]);
  });
});

describe('labels of listing pages', () => {
  it.each([
    ['Ascensor', ['Ascensor']],
    ['Vigilancia 24hrs', ['Vigilancia 24hrs']],
    ['Vigilancia 0', []],
    ['Tipo de Cortinas persianas', []],
    ['Número de Closets 3', []],
    ['Terraza/Balcón ninguno', []],
    ['Area Terraza/Balcón 10.26 m²', []],
  ])('%s', (label, expected) => {
    const fields = labels(label);
    expect(readLabels(fields).amenities).toEqual(expected);
    expect(fields.issues()).toEqual([]);
  });

  it.each([
    ['Número de piso 2', {floor: '2'}],
    ['Piso 18', {floor: '18'}],
    ['Area lote 1160.52 m²', {landAreaM2: '1160.52'}],
  ])('%s is a fact', (label, fact) => {
    expect(readLabels(labels(label))).toMatchObject({amenities: [], ...fact});
  });

  it('with numbers that nobody reads lose them and are reported', () => {
    const fields = labels('Portero 310-555-0128');
    expect(readLabels(fields).amenities).toEqual([]);
    expect(fields.issues()).toMatchObject([{code: 'unknown_feature', message: 'nobody reads Portero …'}]);
  });

  it.each(['Matrícula inmobiliaria 001-5550128', 'Número de apartamento 1402', 'Interior 3'])(
    '%s says which home it is and goes',
    label => {
      expect(trimFeatures([{title: 'Interiores', items: [label]}])).toEqual([
        {title: 'Interiores', items: []},
      ]);
    },
  );
});

describe('another shape', () => {
  it('is null, which the readers refuse, and no features are none', () => {
    expect(trimFeatures({a: 1})).toBeNull();
    expect(() => readPairs(take({featured: null}))).toThrow('$.featured: expected list');
    expect(() => readLabels(take({featured: trimFeatures([{title: 'x'}])}))).toThrow(
      '$.featured[0]: expected object',
    );
    expect([trimFeatures(null), trimFeatures(undefined)]).toEqual([[], []]);
  });
});

const SAMPLE = new URL(
  '../../../shared/portals/samples/metrocuadrado/parsed-2024-04-bucaramanga-venta.excerpt.json',
  import.meta.url,
);

describe.skipIf(!existsSync(SAMPLE))('real labels of ../shared (skipped where it is absent)', () => {
  it('of April 2024 are all known, and redaction changes none', () => {
    const rows: unknown = JSON.parse(readFileSync(SAMPLE, 'utf8'));
    let floors = 0;
    for (const row of Array.isArray(rows) ? rows : []) {
      if (!isObject(row) || !Array.isArray(row.featured)) throw new Error('the sample changed');
      const items = row.featured.map(String);
      const fields = labels(...items);
      const {floor} = readLabels(fields);
      floors += floor === null ? 0 : 1;
      expect(fields.issues()).toEqual([]);
      for (const item of items) expect(redactText(item)).toBe(item);
    }
    expect(floors).toBeGreaterThan(30);
  });
});
