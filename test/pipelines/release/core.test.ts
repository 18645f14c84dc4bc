import {describe, expect, test} from 'vitest';
import {
  nextVersion,
  openPersonalScanner,
  planRelease,
  type ReleaseInput,
  refusePersonal,
} from '../../../pipelines/release/core.ts';
import {FILES} from '../../../src/domain/dictionary.ts';
import {ContractError} from '../../../src/domain/errors.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const FACTS = {
  inputHash: 'h1',
  listings: 10,
  syntheticListings: 0,
  dataFrom: NOW,
  dataUntil: NOW,
  sources: [],
  champions: [{operation: 'sale' as const, modelId: 'm1', algorithm: 'mlp', isSynthetic: false}],
};
const input = (
  change: Partial<ReleaseInput> = {},
  facts: Partial<ReleaseInput['facts']> = {},
): ReleaseInput => ({
  key: 'listings',
  facts: {...FACTS, ...facts},
  taken: [],
  finished: [],
  orphans: [],
  ...change,
});

describe('nextVersion', () => {
  test.each([
    ['the first of a month', '2026-11-23T12:00:00Z', ['2026.10.4'], '2026.11.1'],
    ['the next of a month', '2026-11-23T12:00:00Z', ['2026.11.1', '2026.11.9', '2026.11.10'], '2026.11.11'],
    ['a gap is not filled', '2026-11-23T12:00:00Z', ['2026.11.3'], '2026.11.4'],
    ['the month is Bogotá’s', '2026-12-01T04:59:00Z', [], '2026.11.1'],
    ['two digits for the month', '2027-01-05T12:00:00Z', [], '2027.01.1'],
  ])('%s', (_what, now, taken, expected) => {
    expect(nextVersion(new Date(now), taken)).toBe(expected);
  });
});

describe('planRelease', () => {
  const h1 = {version: '2026.11.1', inputHash: 'h1'};
  test.each([
    ['new rows are built', input(), false, {action: 'build', version: '2026.11.1'}],
    [
      'a version that is taken is not used again',
      input({taken: ['2026.11.1']}),
      false,
      {action: 'build', version: '2026.11.2'},
    ],
    [
      'the same rows are kept',
      input({finished: [h1], taken: ['2026.11.1']}),
      false,
      {action: 'keep', version: '2026.11.1'},
    ],
    [
      'a whole folder without a row is adopted',
      input({orphans: [h1], taken: ['2026.11.1']}),
      false,
      {action: 'adopt', version: '2026.11.1'},
    ],
    [
      'rebuild makes a new version',
      input({finished: [h1], taken: ['2026.11.1']}),
      true,
      {action: 'build', version: '2026.11.2'},
    ],
    [
      'other rows are built',
      input({finished: [{version: '2026.11.1', inputHash: 'h0'}], taken: ['2026.11.1']}),
      false,
      {action: 'build', version: '2026.11.2'},
    ],
  ] as const)('%s', (_what, given, rebuild, expected) => {
    expect(planRelease(given, NOW, rebuild)).toEqual(expected);
  });

  test('nothing to release is refused and says what to do', () => {
    expect(() => planRelease(input({}, {listings: 0, dataFrom: null}), NOW, false)).toThrow(
      /no listings.*raiz import/,
    );
  });

  test('synthetic and real rows are never mixed', () => {
    expect(() => planRelease(input({}, {syntheticListings: 3}), NOW, false)).toThrow(
      /3 synthetic and 7 real.*--demo/,
    );
    expect(() => planRelease(input({}, {syntheticListings: 10}), NOW, false)).toThrow(
      /champion m1 was trained on real listings/,
    );
    expect(planRelease(input({}, {syntheticListings: 10, champions: []}), NOW, false).action).toBe('build');
  });
});

describe('personal data', () => {
  const listings = FILES.find(file => file.name === 'listings')!;
  const row = {
    listing_key: 'fincaraiz:id:3001234567:sale',
    listing_id: 'fincaraiz:id:3001234567',
    neighbourhood: 'Carlos E. Restrepo',
    amenities: ['ascensor'],
    price_cop: 3001234567,
  };

  test('identifiers, prices and barrios named after people are no hits', () => {
    expect(openPersonalScanner()(listings, [row])).toEqual([]);
  });

  test.each([
    ['a phone in a barrio', {neighbourhood: 'Laureles llamar 300 123 45 67'}, 'neighbourhood', 'phone'],
    [
      'an e-mail among amenities',
      {amenities: ['balcón', 'escribir a ana@example.com']},
      'amenities',
      'email',
    ],
    ['a phone in a column of words', {advertiser_key: 'cel 300 123 4567'}, 'advertiser_key', 'phone'],
  ])('%s is found', (_what, change, column, kind) => {
    const hits = openPersonalScanner()(listings, [row, {...row, ...change}]);
    expect(hits).toEqual([{table: 'listings', column, rowKey: row.listing_key, kind}]);
    expect(() => refusePersonal(hits)).toThrow(ContractError);
    expect(() => refusePersonal(hits)).not.toThrow(/300 123|ana@/);
  });
});
