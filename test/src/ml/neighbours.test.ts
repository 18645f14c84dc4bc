import {describe, expect, it} from 'vitest';
import {fitAttributes} from '../../../src/ml/attributes.ts';
import {findNearest, homeVector, listNeighbours} from '../../../src/ml/neighbours.ts';
import {knownWorld} from '../../support/housing-world.ts';

describe('findNearest', () => {
  const rows = knownWorld({homes: 400, seed: 21});
  const attributes = fitAttributes(rows);
  const target = rows.map(row => Math.log(row.priceCop / row.areaM2));

  const part = rows.map((_, index) => index % 3);
  // What three regressions left out and one on all: any numbers.
  const residuals = [0, 1, 2, 3].map(own => target.map(value => value - 15 - own));
  const fitted = {rows, target, part, residuals};

  it('finds the same map neighbours as comparing with everybody', () => {
    const all = listNeighbours(attributes, fitted);
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
      expect(findNearest(all, of, 0)?.nearMean).toBeCloseTo(mean, 9);
    }
  });

  it('finds nobody among nobody', () => {
    const nobody = listNeighbours(attributes, {rows: [], target: [], part: [], residuals: []});
    expect(findNearest(nobody, homeVector(attributes, rows[0]!), 0)).toBeUndefined();
    expect(
      findNearest(listNeighbours(attributes, fitted), homeVector(attributes, rows[0]!), 0b111),
    ).toBeUndefined();
  });

  it('passes over the hidden parts, as if they were not there', () => {
    const others = [...rows.keys()].filter(index => part[index] !== 1);
    const without = listNeighbours(attributes, {
      rows: others.map(index => rows[index]!),
      target: others.map(index => target[index]!),
      part: others.map(index => part[index]!),
      residuals: residuals.map(own => others.map(index => own[index]!)),
    });
    const all = listNeighbours(attributes, fitted);
    for (const home of rows.slice(0, 50)) {
      const vector = homeVector(attributes, home);
      expect(findNearest(all, vector, 0b010)).toEqual(findNearest(without, vector, 0b010));
    }
  });

  it('tells what is left of the prices by the regression that left the hidden part out', () => {
    const all = listNeighbours(attributes, fitted);
    const vector = homeVector(attributes, rows[0]!);
    const [open, hidden, both] = [0, 0b001, 0b011].map(bits => findNearest(all, vector, bits)!);
    expect(open!.nearResidual).toBeCloseTo(open!.nearMean - 15, 3);
    expect(hidden!.nearResidual).toBeCloseTo(hidden!.nearMean - 16, 3);
    expect([both!.nearResidual, both!.similarResidual]).toEqual([0, 0]);
  });
});
