import {describe, expect, it} from 'vitest';
import {
  foldText,
  isNotStated,
  mentionsAuction,
  mentionsOffPlan,
  normalisePlace,
  parseAgeClass,
  parseAreaM2,
  parseCondition,
  parseCount,
  parseDecimal,
  parseNumber,
  parseOperations,
  parsePesos,
  parsePropertyType,
  parseStratum,
  repairMojibake,
  slugify,
} from '../../../src/lib/spanish.ts';

/** Whole numbers over twelve orders of magnitude, the same on every run. */
const WHOLE = Array.from({length: 400}, (_, at) => (at * at * at * 48_271 + at * 7) % 10 ** (1 + (at % 12)));

describe('numbers', () => {
  it.each([
    ['1.450.000', 1_450_000],
    ['1450000', 1_450_000],
    ['1,693.00', 1693],
    ['1.693,50', 1693.5],
    ['147.00', 147],
    ['61,04', 61.04],
    ['60,00', 60],
    ['450.000', 450_000],
    ['3.059.100.000', 3_059_100_000],
    ['0.125', 0.125],
    ['-5', -5],
  ])('parseNumber(%s)', (text, expected) => expect(parseNumber(text)).toBe(expected));

  it.each(['', '9 a 15', '1.45.000', '12a', '$ 5', '1.450.00,0.0', '--3', 'mil'])(
    'parseNumber(%s) is null',
    text => expect(parseNumber(text)).toBeNull(),
  );

  it.each([
    ['$ 1.450.000', 1_450_000],
    ['$ 450.000', 450_000],
    ['$450.000 COP', 450_000],
    ['COP 1.450.000', 1_450_000],
  ])('parsePesos(%s)', (text, expected) => expect(parsePesos(text)).toBe(expected));

  it.each(['U$S 320.000', 'Desde $ 250.000.000 Hasta $ 300.000.000', '$ 350 millones'])(
    'parsePesos(%s) is null',
    text => expect(parsePesos(text)).toBeNull(),
  );

  it.each([
    ['147.00  m2', 147],
    ['1,693.00  m2', 1693],
    ['106.50  m2', 106.5],
    ['40 m2', 40],
    ['61,04 m²', 61.04],
    ['95', 95],
    ['120 mts2', 120],
  ])('parseAreaM2(%s)', (text, expected) => expect(parseAreaM2(text)).toBe(expected));

  it.each(['61,04 a 100,79 m2', '2 hectáreas', '9 a 15 años'])('parseAreaM2(%s) is null', text =>
    expect(parseAreaM2(text)).toBeNull(),
  );

  it('reads back what Colombia and the portals print', () => {
    const pesos = new Intl.NumberFormat('es-CO', {useGrouping: true});
    for (const value of WHOLE) {
      expect(parsePesos(`$ ${value.toLocaleString('de-DE')}`)).toBe(value);
      expect(parseAreaM2(`${value.toLocaleString('en-US', {minimumFractionDigits: 2})}  m2`)).toBe(value);
      expect(parseAreaM2(`${(value / 100).toLocaleString('de-DE', {minimumFractionDigits: 2})} m²`)).toBe(
        value / 100,
      );
      expect(parseNumber(pesos.format(value))).toBe(value);
      expect(parseDecimal(String(value / 1000))).toBe(value / 1000);
      expect(parseCount(String(value % 1000))).toBe(value % 1000);
    }
  });

  it('keeps the decimal point of machines apart from the dot of people', () => {
    expect(parseDecimal('6.251')).toBe(6.251);
    expect(parseNumber('6.251')).toBe(6251);
    expect(parseDecimal('210000000.0')).toBe(210_000_000);
    expect(parseDecimal('1.450.000')).toBeNull();
  });

  it.each([
    ['3', 3],
    ['5+', 5],
    ['Más de 10', 11],
    ['2º', 2],
    ['4.0', 4],
    ['-1', -1],
  ])('parseCount(%s)', (text, expected) => expect(parseCount(text)).toBe(expected));

  it.each(['Otros', '', '2 o 3', '9 a 15 años'])('parseCount(%s) is null', text =>
    expect(parseCount(text)).toBeNull(),
  );
});

describe('classes', () => {
  it.each([
    ['9 a 15 años', 9, 15],
    ['1 a 8', 1, 8],
    ['16 A 30 ANOS', 16, 30],
    ['Entre 5 y 10 años', 5, 10],
    ['ENTRE 0 Y 5 AÑOS', 0, 5],
    ['menor a 1 año', 0, 0],
    ['MENOS DE 1 ANO', 0, 0],
    ['más de 30 años', 30, null],
    ['MÁS DE 20 AÑOS', 20, null],
    ['ENTRE 10 Y 20 A√ëOS', 10, 20],
  ])('parseAgeClass(%s)', (text, minYears, maxYears) =>
    expect(parseAgeClass(text)).toEqual({minYears, maxYears}),
  );

  it.each(['915', 'REMODELADO', '15 a 9 años', ''])('parseAgeClass(%s) is null', text =>
    expect(parseAgeClass(text)).toBeNull(),
  );

  it.each([
    ['Estrato 3', 3],
    ['estrato 0', 0],
    ['6', 6],
    ['110', 110],
    ['-5', -5],
    ['Campestre', null],
    ['null', null],
  ])('parseStratum(%s)', (text, expected) => expect(parseStratum(text)).toBe(expected));

  it.each([
    '',
    '-',
    ' ',
    'null',
    'Sin especificar',
    'No Zone',
    'Preguntar',
    '¡Pregúntale!',
    'Campestre',
    null,
    undefined,
  ])('%s is not stated', text => expect(isNotStated(text)).toBe(true));

  it.each(['0', 'Estrato 3', 'Casa'])('%s is stated', text => expect(isNotStated(text)).toBe(false));
});

describe('words', () => {
  it.each([
    ['Casa', 'house'],
    ['CASAS', 'house'],
    ['Casa Campestre', 'country_house'],
    ['casas-lotes', 'house_lot'],
    ['Apartamentos', 'apartment'],
    ['Aparta Estudio', 'studio'],
    ['Cabaña', 'cabin'],
    ['Habitación', 'room'],
    ['Lote', 'land'],
    ['Bodega', 'warehouse'],
    ['Consultorios', 'medical_office'],
    ['Locales', 'retail'],
    ['Oficina', 'office'],
    ['Parqueadero', 'parking'],
    ['Edificio', 'building'],
    ['Finca', 'farm'],
    ['Castillo', null],
  ])('parsePropertyType(%s)', (text, expected) => expect(parsePropertyType(text)).toBe(expected));

  it.each([
    ['Venta', ['sale']],
    ['ARRIENDO', ['rent']],
    ['VENTA Y ARRIENDO', ['sale', 'rent']],
    ['arriendo o venta', ['rent', 'sale']],
    ['Permuta', null],
    ['', null],
  ])('parseOperations(%s)', (text, expected) => expect(parseOperations(text)).toEqual(expected));

  it.each([
    ['USADO', 'used'],
    ['Nuevo', 'new'],
    ['Buen estado', 'used'],
    ['SOBRE PLANO', 'off_plan'],
    ['EN CONSTRUCCI√ìN', 'under_construction'],
    ['raro', null],
  ])('parseCondition(%s)', (text, expected) => expect(parseCondition(text)).toBe(expected));

  it('tells auctions and plans from other talk', () => {
    expect(mentionsAuction('Se vende por REMATE judicial')).toBe(true);
    expect(mentionsAuction('casa en remate')).toBe(true);
    expect(mentionsAuction('Remates Bancarios: casa de 87 mts')).toBe(true);
    expect(mentionsAuction('remate de obra pendiente')).toBe(false);
    expect(mentionsAuction('casa campestre con precio de remate')).toBe(false);
    expect(mentionsOffPlan('Proyecto sobre planos')).toBe(true);
    expect(mentionsOffPlan('Primer plano de la casa')).toBe(false);
  });
});

describe('text', () => {
  it('folds and makes slugs', () => {
    expect(foldText('  Itagüí  Ñ ')).toBe('itagui n');
    expect(foldText('a b  c\td\n\n e\u00a0f \u00a0g\r\nh')).toBe('a b c d e f g h');
    expect(foldText(' \t ')).toBe('');
    expect(slugify('La Estrella')).toBe('la-estrella');
    expect(slugify('Bogotá, D.C.')).toBe('bogota-dc');
  });

  it.each([
    ['itagui', 'Itagüí'],
    ['ITAGÜÍ', 'Itagüí'],
    ['medellin', 'Medellín'],
    ['MEDELLÍN', 'Medellín'],
    ['bello', 'Bello'],
    ['envigado', 'Envigado'],
    ['SABANETA', 'Sabaneta'],
    ['La estrella', 'La Estrella'],
    ['caldas', 'Caldas'],
    ['copacabana', 'Copacabana'],
    ['girardota', 'Girardota'],
    ['barbosa', 'Barbosa'],
    ['Valle del cauca', 'Valle del Cauca'],
    ['Bogotá, d.c.', 'Bogotá D.C.'],
    ['Boyaca', 'Boyacá'],
    ['bel√©n', 'Belén'],
    ['No Zone', null],
    ['', null],
    [null, null],
  ])('normalisePlace(%s)', (text, expected) => expect(normalisePlace(text)).toBe(expected));

  it.each([
    ['bel√©n', 'belén'],
    ['MedellÃ­n', 'Medellín'],
    ['ba√±o', 'baño'],
    ['AÃ±o, Â° y Âº', 'Año, ° y º'],
    ['jos√© mar√≠a', 'josé maría'],
    ['CONSTRUCCI√ìN', 'CONSTRUCCIÓN'],
    ['‚Ä¢ segundo piso ‚Äì tipo ‚Äúzen‚Äù', '• segundo piso – tipo “zen”'],
    ['tipo â€œzenâ€\u009d', 'tipo “zen”'],
    ['Medellín', 'Medellín'],
    ['√2 y SÃO', '√2 y SÃO'],
  ])('repairMojibake(%s)', (text, expected) => expect(repairMojibake(text)).toBe(expected));
});
