import {expect, test} from 'vitest';
import {similarNames} from '../../../src/lib/similar-names.ts';

const NAMES = ['Laureles', 'La Loma', 'El Poblado', 'Loma de Los Bernal', 'Belén', 'Manrique', 'Estadio'];

test('names with a few letters wrong, the likest first', () => {
  expect(similarNames('Lauerles', NAMES)[0]).toBe('Laureles');
  expect(similarNames('LAURELEZ', NAMES)).toEqual(['Laureles']);
  expect(similarNames('belen', NAMES)).toEqual(['Belén']);
  expect(similarNames('Manriqe', NAMES)).toEqual(['Manrique']);
});

test('a word of a name is near it', () => {
  expect(similarNames('poblado', NAMES)).toEqual(['El Poblado']);
  expect(similarNames('loma', NAMES)).toEqual(['La Loma', 'Loma de Los Bernal']);
});

test('nothing is like nonsense, and each name comes once', () => {
  expect(similarNames('xyzw', NAMES)).toEqual([]);
  expect(similarNames('', NAMES)).toEqual([]);
  expect(similarNames('estadio', ['Estadio', 'Estadio'])).toEqual(['Estadio']);
});
