import {expect, test} from 'vitest';
import {calmName, foldName, slugName} from '../../../src/lib/place-names.ts';

test.each([
  ['Itagüí ', 'itagui'],
  ['LA  ESTRELLA', 'la estrella'],
  ['Medellín', 'medellin'],
  ['Doce de Octubre No.1', 'doce de octubre no 1'],
  ['', ''],
])('foldName(%j)', (name, folded) => {
  expect(foldName(name)).toBe(folded);
});

test('slugName', () => {
  expect(slugName('Metro de Medellín, 2025')).toBe('metro-de-medellin-2025');
});

test.each([
  ['DOCE DE OCTUBRE', 'Doce de Octubre'],
  ['LA ESTRELLA', 'La Estrella'],
  ['ITAGÜÍ', 'Itagüí'],
  ['SANTO DOMINGO SAVIO (NO.1)', 'Santo Domingo Savio (No.1)'],
  ['El Poblado', 'El Poblado'],
  [' B. Niquía ', 'B. Niquía'],
  ['', ''],
])('calmName(%j)', (name, calm) => {
  expect(calmName(name)).toBe(calm);
});
