import {describe, expect, it} from 'vitest';
import {fitAttributes} from '../../../src/ml/attributes.ts';
import {findNearest, homeVector, listNeighbours} from '../../../src/ml/neighbours.ts';
import {knownWorld} from '../../support/housing-world.ts';

describe('findNearest', () => {
  const rows = knownWorld({homes: 400, seed: 21});
  const attributes = fitAttributes(rows);
  const target = rows.map(row => Math.log(row.priceCop / row.areaM2));

  it('finds the same map neighbours as comparing with everybody', () => {
    const all = listNeighbours(attributes, rows, target);
    for (const home of knownWorld({homes: 30, seed: 22})) {
      const of = homeVector(attributes, home);
      const nearest = rows
        .map((row, index) => ({vector: homeVector(attributes, row), target: target[index]!}))
        .map(({vector, target}) => ({km: Math.hypot(vector[0]! - of[0]!, vector[1]! - of[1]!), target}))
        .sort((a, b) => a.km - b.km)
        .slice(0, 8);
      const weights = nearest.map(({km}) => 1 / (0.2 + km));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const mean = nearest.reduce((sum, {target}, index) => sum + (weights[index]! / total) * target, 0);
      expect(findNearest(all, of)?.nearMean).toBeCloseTo(mean, 9);
    }
  });

  it('finds nobody among nobody', () => {
    expect(findNearest(listNeighbours(attributes, [], []), homeVector(attributes, rows[0]!))).toBeUndefined();
  });
});
