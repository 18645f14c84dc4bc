import {describe, expect, it} from 'vitest';
import {joinGroups, splitFolds} from '../../../src/ml/split.ts';
import {featureRow, knownWorld} from '../../support/housing-world.ts';

const TEXT =
  'Apartamento amplio con vista al parque, cocina integral, balcón, dos parqueaderos y cuarto útil. '.repeat(
    2,
  );

describe('joinGroups', () => {
  it('joins homes, twins and repeated texts, also in a chain', () => {
    const rows = [
      featureRow({listingId: 'a', groupId: 'one', priceCop: 1}),
      featureRow({listingId: 'b', groupId: 'two', priceCop: 2, description: TEXT}),
      featureRow({listingId: 'c', groupId: 'one', priceCop: 3, description: TEXT.toUpperCase()}),
      featureRow({listingId: 'd', groupId: 'three', priceCop: 2}),
      featureRow({listingId: 'e', groupId: 'four', priceCop: 5}),
    ];
    // a–c by home, b–c by text, b–d as twins
    expect([...joinGroups(rows)]).toEqual([0, 0, 0, 0, 4]);
  });

  it('does not join short texts that repeat by chance', () => {
    const description = 'apartamento en venta en laureles';
    const rows = [1, 2].map(n => featureRow({groupId: `home-${n}`, priceCop: n, description}));
    expect([...joinGroups(rows)]).toEqual([0, 1]);
  });
});

describe('splitFolds', () => {
  const homes = knownWorld({homes: 300, seed: 3});
  const rows = [
    ...homes,
    ...homes
      .slice(0, 60)
      .map((row, index) => ({...row, listingId: `again-${index}`, priceCop: row.priceCop + 1})),
    ...homes
      .slice(60, 90)
      .map((row, index) => ({...row, listingId: `twin-${index}`, groupId: `other-${index}`})),
  ];

  it('lets no group stand on both sides', () => {
    const split = splitFolds(rows, 5, 1);
    const foldOfHome = new Map<string, number>();
    for (const [index, row] of rows.entries()) {
      const twin = homes.find(home => home.priceCop === row.priceCop && home.areaM2 === row.areaM2);
      const home = twin?.groupId ?? row.groupId;
      const fold = split.fold[index] ?? -1;
      expect(foldOfHome.get(home) ?? fold).toBe(fold);
      foldOfHome.set(home, fold);
    }
  });

  it('makes folds of about one size, the same for the same seed, another for another', () => {
    const split = splitFolds(rows, 5, 1);
    const sizes = [0, 1, 2, 3, 4].map(fold => split.fold.filter(value => value === fold).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
    expect(splitFolds(rows, 5, 1).splitId).toBe(split.splitId);
    expect(splitFolds(rows, 5, 2).splitId).not.toBe(split.splitId);
  });
});
