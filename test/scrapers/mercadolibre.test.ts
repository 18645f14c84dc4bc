import {expect, it} from 'vitest';
import mercadolibre from '../../scrapers/mercadolibre.ts';

it('is declined, says since when, and has nothing that could read or walk it', () => {
  expect(mercadolibre).toMatchObject({id: 'mercadolibre', status: 'declined'});
  expect(new URL(mercadolibre.homepage).origin).toBe(mercadolibre.homepage);
  expect(mercadolibre.caveats[0]).toMatch(/2026-\d\d-\d\d/);
  expect(mercadolibre.policy.known).toMatch(/2026-\d\d-\d\d/);
  expect(Object.values(mercadolibre).filter(part => typeof part === 'function')).toEqual([]);
  expect(Object.isFrozen(mercadolibre)).toBe(true);
});
