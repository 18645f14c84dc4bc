import {expect, test} from 'vitest';
import {overlapOf, sketchText, wordsOf} from '../../../src/lib/similarity.ts';

const one = () => 1;

test.each([
  ['¡Tres ALCOBAS, baño! [TEL] *** 92m2', ['3', 'alcobas', 'bano', '92', 'm', '2']],
  ['', []],
])('words of %j', (text, words) => expect(wordsOf(text)).toEqual(words));

test('a text shares all with itself and nothing with other words', () => {
  const text = sketchText('casa de dos pisos con solar y garaje');
  expect(overlapOf(text, text, one)).toEqual({shared: 6, containment: 1});
  expect(overlapOf(text, sketchText('apartamento en arriendo cerca al metro'), one)).toEqual({
    shared: 0,
    containment: 0,
  });
});

test('a text that holds another one contains it', () => {
  const short = sketchText('casa de dos pisos con solar');
  const long = sketchText('vendo casa de 2 pisos con solar, muy cerca del parque');
  expect(overlapOf(short, long, one)).toEqual({shared: 4, containment: 1});
});

test('shingles count by their weight', () => {
  const a = sketchText('uno dos tres cuatro');
  const b = sketchText('uno dos tres diez');
  const common = overlapOf(a, b, one);
  expect(common).toEqual({shared: 1, containment: 0.5});
  const [shared = 0] = a.filter(hash => b.includes(hash));
  expect(overlapOf(a, b, hash => (hash === shared ? 0.1 : 1)).containment).toBeCloseTo(0.1 / 1.1);
});

test('empty and very short texts', () => {
  expect(sketchText('')).toHaveLength(0);
  expect(sketchText('casa')).toHaveLength(1);
  expect(overlapOf(sketchText(''), sketchText('casa'), one)).toEqual({shared: 0, containment: 0});
});

test('texts too long to keep whole still compare fairly', () => {
  const words = Array.from(
    {length: 900},
    (_, index) => `palabra${String.fromCharCode(97 + (index % 26))}${index}`,
  );
  const text = words.join(' ');
  const half = words.slice(0, 450).join(' ');
  expect(overlapOf(sketchText(text), sketchText(text), one).containment).toBe(1);
  expect(overlapOf(sketchText(text), sketchText(half), one).containment).toBeGreaterThan(0.9);
});
