import {describe, expect, it} from 'vitest';
import {isCompanyName} from '../../../src/portal/names.ts';

describe('isCompanyName', () => {
  it.each([
    'Raíces del Valle SAS',
    'Inmobiliaria Gómez',
    'BEMSA',
    'Casa 360',
    'ENTORNO URBANO',
    'Santa María Inmobiliaria',
    'Consorcio Inmobiliario de Colombia',
  ])('keeps %s', name => expect(isCompanyName(name)).toBe(true));

  it.each([
    'Juan Pérez',
    'MARIA FERNANDA RESTREPO',
    'Inmobiliaria Juan Pérez',
    'Pedro Gómez & Cía',
    'Yurleidy Quinchía',
    'Gómez',
    'Marta',
    'Anunciante Feliz',
  ])('drops %s', name => expect(isCompanyName(name)).toBe(false));
});
