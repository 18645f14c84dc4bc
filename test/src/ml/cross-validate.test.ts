import {describe, expect, it} from 'vitest';
import {FITTED_ALGORITHMS} from '../../../src/ml/algorithms.ts';
import {loadBackend} from '../../../src/ml/backend.ts';
import {type CrossValidationSettings, crossValidate} from '../../../src/ml/cross-validate.ts';
import {encodeFold, joinFoldRows, spreadFold} from '../../../src/ml/folds.ts';
import {splitFolds} from '../../../src/ml/split.ts';
import {SMALL_NETWORK} from '../../support/curved-world.ts';
import {knownWorld} from '../../support/housing-world.ts';

const rows = knownWorld({homes: 240, seed: 1});
const split = splitFolds(rows, 3, 1);

async function settingsOf(changes: Partial<CrossValidationSettings>): Promise<CrossValidationSettings> {
  const network = {...SMALL_NETWORK, epochs: 2};
  return {
    ...{backend: await loadBackend(), seed: 1, network},
    ...{clock: () => 0, budgetMs: 60_000, note: () => {}},
    ...changes,
  };
}

const withoutTimes = ({
  candidates,
  blend,
  quantiles,
  skipped,
}: Awaited<ReturnType<typeof crossValidate>>) => ({
  candidates: candidates.map(({fitSeconds, ...candidate}) => candidate),
  blend: blend && {...blend, fitSeconds: 0},
  quantiles,
  skipped,
});

describe('crossValidate', () => {
  it('gives the same bits from one thread, two and three', async () => {
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map(async threads => crossValidate(rows, split, await settingsOf({threads}))),
    );
    expect(one!.candidates.map(({algorithm}) => algorithm)).toContain('network');
    expect(one!.candidates.every(({predicted}) => predicted.every(Number.isFinite))).toBe(true);
    expect(withoutTimes(two!)).toEqual(withoutTimes(one!));
    expect(withoutTimes(three!)).toEqual(withoutTimes(one!));
    const world = {rows, split, seed: 1};
    const spread = [0, 1, 2].map(fold => spreadFold(world, fold, encodeFold(world, fold)));
    expect(one!.quantiles).toEqual(joinFoldRows(split, spread));
  });

  it('tells how far each candidate is', async () => {
    const notes: string[] = [];
    await crossValidate(rows, split, await settingsOf({note: line => notes.push(line)}));
    expect(notes.filter(note => note.startsWith('network'))).toEqual([
      'network: 1 of 3 folds',
      'network: 2 of 3 folds',
      'network: 3 of 3 folds',
    ]);
  });

  it.each([1, 2])('begins nothing but yardsticks after the budget, %i threads', async threads => {
    let now = 0;
    const clock = () => now++;
    const {candidates, blend, skipped} = await crossValidate(
      rows,
      split,
      await settingsOf({clock, threads, budgetMs: 0}),
    );
    expect(candidates.map(({algorithm}) => algorithm)).toEqual(['naive_median_m2', 'naive_place_stratum']);
    expect(blend).toBeNull();
    expect(skipped.map(({algorithm}) => algorithm)).toEqual([...FITTED_ALGORITHMS.slice(2), 'blend']);
    expect(skipped[0]!.reason).toMatch(/budget of 0 s ended before fold 1 of 3/);
  });
});
