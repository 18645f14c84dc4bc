import {describe, expect, test} from 'vitest';
import installed from '../../../raiz.config.ts';
import {definePolicy, effortOf, promotionOf, refreshRulesOf, scopesOf} from '../../../src/config/policy.ts';
import {ConfigError} from '../../../src/domain/errors.ts';

const policy = definePolicy({
  portals: {
    casas: {
      places: ['antioquia/medellin', 'antioquia/bello'],
      operations: ['sale', 'rent'],
      propertyTypes: ['apartment', 'house'],
      maxPagesPerRun: 10,
    },
  },
});

describe('scopesOf', () => {
  test('is every place × operation × type of the policy', () => {
    expect(scopesOf(policy, 'casas')).toHaveLength(8);
  });

  test('flags narrow it; a city may be its last slug or the whole place', () => {
    for (const city of ['bello', 'antioquia/bello']) {
      expect(
        scopesOf(policy, 'casas', {cities: [city], operations: ['rent'], propertyTypes: ['house']}),
      ).toEqual([{portal: 'casas', operation: 'rent', propertyType: 'house', place: 'antioquia/bello'}]);
    }
  });

  test('an unknown place or portal names the known ones', () => {
    expect(() => scopesOf(policy, 'casas', {cities: ['narnia']})).toThrow(
      /unknown place "narnia".*antioquia\/medellin/,
    );
    expect(() => scopesOf(policy, 'otro')).toThrow(/portal "otro" is not in raiz.config.ts \(there: casas\)/);
  });

  test('flags never widen: what the policy lacks leaves nothing', () => {
    expect(() => scopesOf(policy, 'casas', {propertyTypes: ['farm']})).toThrow(ConfigError);
  });
});

describe('definePolicy', () => {
  test('refuses a place without its department and says where', () => {
    const wrong = {
      places: ['medellin'],
      operations: ['sale' as const],
      propertyTypes: ['house' as const],
      maxPagesPerRun: 1,
    };
    expect(() => definePolicy({portals: {casas: wrong}})).toThrow(
      /write places as antioquia\/medellin[\s\S]*portals\.casas/,
    );
  });

  test.each(['every day', '30 2 * *', '61 2 * * *', '0 30 2 * * *'])('refuses the cron %j', cron => {
    const portal = policy.portals.casas!;
    expect(() => definePolicy({portals: {casas: {...portal, cadence: {cron, shards: 1}}}})).toThrow(
      /write five fields[\s\S]*portals\.casas\.cadence\.cron/,
    );
  });

  test('the policy of this repository holds the ten municipalities of the Valle de Aburrá', () => {
    expect(installed.portals.fincaraiz?.places).toHaveLength(10);
  });

  test('pages are kept for ever unless told, and never less than a month', () => {
    expect(installed.archive?.keepDays).toBeUndefined();
    expect(definePolicy({...policy, archive: {keepDays: 365}}).archive).toEqual({keepDays: 365});
    expect(() => definePolicy({...policy, archive: {keepDays: 7}})).toThrow(/archive\.keepDays/);
  });
});

describe('refreshRulesOf', () => {
  const rules = policy.portals.casas;

  test('is what the policy says, small where it says nothing', () => {
    if (rules === undefined) throw new Error('the policy of this test has casas');
    const told = definePolicy({portals: {casas: {...rules, refresh: {detailShare: 0.09}}}});
    expect(refreshRulesOf(told, 'casas')).toEqual({detailShare: 0.09, fullPassDays: 7});
    expect(refreshRulesOf(policy, 'casas')).toEqual({detailShare: 0.02, fullPassDays: 7});
    const often = definePolicy({portals: {casas: {...rules, refresh: {fullPassDays: 3}}}});
    expect(refreshRulesOf(often, 'casas')).toEqual({detailShare: 0.02, fullPassDays: 3});
  });

  test('a share above all listings, and full passes farther apart than a spell lasts, are refused', () => {
    if (rules === undefined) throw new Error('the policy of this test has casas');
    const wrong = {portals: {casas: {...rules, refresh: {detailShare: 8}}}};
    expect(() => definePolicy(wrong)).toThrow(/detailShare/);
    const never = {portals: {casas: {...rules, refresh: {fullPassDays: 15}}}};
    expect(() => definePolicy(never)).toThrow(/fullPassDays/);
  });
});

test('training is daily unless the policy says full', () => {
  expect([effortOf(policy), effortOf(installed)]).toEqual(['daily', 'daily']);
  expect(effortOf(definePolicy({...policy, models: {effort: 'full'}}))).toBe('full');
  expect(() => definePolicy({...policy, models: {effort: 'huge' as 'full'}})).toThrow(/models\.effort/);
});

test('a person makes champions unless the policy says auto', () => {
  expect(promotionOf(policy)).toBe('person');
  expect(promotionOf(installed)).toBe('person');
  expect(promotionOf(definePolicy({...policy, models: {promotion: 'auto'}}))).toBe('auto');
  expect(() => definePolicy({...policy, models: {promotion: 'maybe' as 'auto'}})).toThrow(
    /models\.promotion/,
  );
});
