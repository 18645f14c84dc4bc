import {describe, expect, it} from 'vitest';
import {isCompanyName, isMostlyUpper} from '../../../src/portal/names.ts';

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

describe('isMostlyUpper', () => {
  /** What it means, letter by letter of Unicode. */
  const asDefined = (text: string) =>
    (text.match(/\p{Lu}/gu)?.length ?? 0) > (text.match(/\p{Ll}/gu)?.length ?? 0);

  it.each([
    ['', false],
    ['VENDE María', true],
    ['Vende MARÍA', true],
    ['Vende María', false],
    ['AbCd', false],
    ['ÁÉÍ ñü', true],
    ['áéí ÑÜ', false],
    ['123 $ º ª', false],
    ['ΑΒΓ αβ', true],
    ['𝐀𝐁 a', true],
    ['𝐚𝐛 A', false],
    ['\ud835 A', true],
    ['ǅ ʰ 家', false],
  ])('%j: %s', (text, expected) => {
    expect(isMostlyUpper(text)).toBe(expected);
    expect(asDefined(text)).toBe(expected);
  });
});
