import {describe, expect, it} from 'vitest';
import {declinedPortals, findPortal, portals} from '../../scrapers/index.ts';
import {ConfigError} from '../../src/domain/errors.ts';

describe('portals', () => {
  it('have their own ids, https origins, a policy text and a pace', () => {
    expect(new Set(portals.map(portal => portal.id)).size).toBe(portals.length);
    for (const portal of portals) {
      expect(new URL(portal.homepage).origin).toBe(portal.homepage);
      expect(portal.policy.known).not.toBe('');
      expect(portal.politeness.minDelayMs).toBeGreaterThanOrEqual(1500);
      expect(Object.isFrozen(portal)).toBe(true);
    }
  });

  it('are found by id, and an unknown one lists the known', () => {
    expect(findPortal('fincaraiz').name).toBe('Finca Raíz');
    expect(() => findPortal('finca-raiz')).toThrow(ConfigError);
    expect(() => findPortal('finca-raiz')).toThrow('known portals: fincaraiz');
  });

  it('that Raíz leaves alone say why', () => {
    expect(() => findPortal('properati')).toThrow(/leaves Properati alone: Closed to honest robots/);
    for (const portal of declinedPortals) expect(portal.caveats.length).toBeGreaterThan(0);
  });
});
