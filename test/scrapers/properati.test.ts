import {expect, it} from 'vitest';
import properati from '../../scrapers/properati.ts';

it('is declined, says since when, and has nothing that could read or walk it', () => {
  expect(properati).toMatchObject({id: 'properati', status: 'declined'});
  expect(new URL(properati.homepage).origin).toBe(properati.homepage);
  expect(properati.caveats[0]).toMatch(/2026-\d\d-\d\d/);
  expect(properati.policy.known).toMatch(/2026-\d\d-\d\d/);
  expect(Object.values(properati).filter(part => typeof part === 'function')).toEqual([]);
  expect(Object.isFrozen(properati)).toBe(true);
});
