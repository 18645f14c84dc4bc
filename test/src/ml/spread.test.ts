import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {loadBackend} from '../../../src/ml/backend.ts';
import {reportCoverage} from '../../../src/ml/coverage.ts';
import {crossFitSpread} from '../../../src/ml/cross-validate.ts';
import {splitFolds} from '../../../src/ml/split.ts';
import {openFoldRunner} from '../../../src/ml/workers/fold-runner.ts';
import {knownWorld} from '../../support/housing-world.ts';
import {tryRanges} from '../../support/range-trial.ts';

describe('crossFitSpread', () => {
  it('is wide where prices scatter, narrow where they do not, and in order', async () => {
    const random = createRandom(1);
    // Houses scatter four times as much as apartments.
    const rows = knownWorld({homes: 900, seed: 1, noise: 0.05}).map((row, index) => {
      if (index % 2 === 0) return row;
      const priceCop = Math.round(row.priceCop * Math.exp(0.2 * random.normal()));
      return {...row, propertyType: 'house' as const, priceCop};
    });
    const split = splitFolds(rows, 3, 1);
    const options = {threads: 1, backend: await loadBackend(), clock: () => 0};
    const quantiles = await crossFitSpread(openFoldRunner({rows, split, seed: 1}, options), split);
    const widthOf = (type: string) => {
      const own = quantiles.filter((_, index) => rows[index]!.propertyType === type);
      expect(own.every(([low, high]) => low <= high)).toBe(true);
      return own.reduce((sum, [low, high]) => sum + high - low, 0) / own.length;
    };
    expect(widthOf('house')).toBeGreaterThan(1.5 * widthOf('apartment'));
  });
});

describe('ranges from end to end', () => {
  it('hold 80 % of prices of homes that had no part in them, whatever the quality of the model', () => {
    const prices = [1, 2, 3].flatMap(seed => {
      const rows = knownWorld({homes: 1100, seed, noise: 0.15});
      return tryRanges(rows, splitFolds(rows, 2, seed), 0, seed).prices;
    });
    const {rows, coverage} = reportCoverage(prices);
    expect(rows).toBeGreaterThan(1600);
    // Two standard errors are 2 points.
    expect(coverage).toBeGreaterThan(0.77);
    expect(coverage).toBeLessThan(0.84);
  });
});
