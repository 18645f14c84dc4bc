import {expect, test} from 'vitest';
import {remember} from '../../../src/lib/remember.ts';

test('asks once for each text, and anew when the memory is full', () => {
  const asked: string[] = [];
  const shout = remember(text => {
    asked.push(text);
    return text.toUpperCase();
  }, 2);
  expect([shout('a'), shout('b'), shout('a'), shout('b')]).toEqual(['A', 'B', 'A', 'B']);
  expect(asked).toEqual(['a', 'b']);
  expect([shout('c'), shout('a')]).toEqual(['C', 'A']);
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});
