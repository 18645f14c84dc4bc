import {describe, expect, it} from 'vitest';
import {median} from '../../../../src/lib/stats.ts';
import {
  type FoldJournal,
  type SearchSettings,
  type SearchTask,
  search,
  settingsId,
  type TrialFold,
} from '../../../../src/ml/automl/search.ts';

type Name = 'naive' | 'fixed' | 'tunable';

/** A toy: the error of `tunable` is |x − 0.3|, `fixed` errs by 0.5, `naive` by 1. Each fit takes a second. */
function toy(clock: {now: number}, fitted: string[] = []): SearchTask<Name> {
  const tested = Array.from({length: 5}, (_, fold) => [2 * fold, 2 * fold + 1]);
  return {
    algorithms: ['naive', 'fixed', 'tunable'],
    rows: 10,
    tested,
    isFree: name => name === 'naive',
    isStored: name => name !== 'naive',
    draw: (name, random) => (name === 'tunable' ? {x: Number(random.next().toFixed(3))} : undefined),
    fit: async (name, settings, fold) => {
      clock.now += 1000;
      fitted.push(`${name}/${settingsId(settings)}/${fold}`);
      const x = Number(settings?.x ?? 0.9);
      const error = name === 'naive' ? 1 : name === 'fixed' ? 0.5 : Math.abs(x - 0.3);
      return {values: Float64Array.of(error, error), parts: Float64Array.of(1, 2, 3, 4), milliseconds: 1000};
    },
    errorOf: (predicted, rows) => median(rows.map(row => predicted[row]!)),
    describeError: error => error.toFixed(3),
  };
}

function memory(kept = new Map<string, TrialFold>()): FoldJournal & {kept: Map<string, TrialFold>} {
  return {
    kept,
    find: async key => kept.get(key),
    keep: async (key, fold) => {
      kept.set(key, fold);
    },
  };
}

function settingsOf(clock: {now: number}, changes: Partial<SearchSettings> = {}): SearchSettings {
  return {
    seed: 1,
    budgetMs: 1e9,
    clock: () => clock.now,
    journal: memory(),
    note: () => {},
    ...changes,
  };
}

describe('search', () => {
  it('finds better settings than the usual ones, and gives up most of what it draws after one fold', async () => {
    const clock = {now: 0};
    const fitted: string[] = [];
    const result = await search(toy(clock, fitted), settingsOf(clock));
    const best = result.best.find(({algorithm}) => algorithm === 'tunable')!;
    expect(best.error).toBeLessThan(0.1);
    expect(best.settings).not.toBeNull();
    expect(result.isComplete).toBe(true);
    // Three rounds of nine: 9 on one fold, at most 3 on three, at most 3 on five.
    const drawn = result.lines.filter(({settings}) => settings !== null);
    expect(drawn).toHaveLength(27);
    expect(drawn.filter(({outcome}) => outcome === 'stopped').length).toBeGreaterThanOrEqual(18);
    expect(fitted.length).toBeLessThan(3 * 5 + 27 + 3 * 3 * 4 + 1);
    for (const {outcome, why} of drawn)
      if (outcome === 'stopped') expect(why).toMatch(/after \d of 5 folds; .* goes on/);
    // What each price is made of is put together from the folds.
    expect(best.parts).toEqual(Float64Array.from({length: 20}, (_, place) => 1 + (place % 4)));
  });

  it('ends with the budget: yardsticks always stand, who was skipped says why, the fold in progress is finished', async () => {
    const clock = {now: 0};
    const result = await search(toy(clock), settingsOf(clock, {budgetMs: 7500}));
    expect(result.best.map(({algorithm}) => algorithm)).toEqual(['naive']);
    expect(result.skipped).toEqual([
      {algorithm: 'fixed', reason: 'the time budget of 7.5 s ended before fold 4 of 5'},
      {algorithm: 'tunable', reason: 'the time budget of 7.5 s ended before fold 1 of 5'},
    ]);
    expect(clock.now).toBe(8000);
  });

  it('keeps time back for the final fits', async () => {
    const clock = {now: 0};
    const result = await search(toy(clock), settingsOf(clock, {budgetMs: 20_000}));
    expect(result.isComplete).toBe(false);
    // 15 s of usual settings; 1.25 · 2 s are kept for fitting two models on all rows.
    expect(clock.now).toBeLessThanOrEqual(20_000 - 2500 + 1000);
    expect(result.lines.some(({outcome, why}) => outcome === 'cut' && why === 'the time budget ended')).toBe(
      true,
    );
  });

  it('goes on where it was cut off: nothing is fitted twice and the end is the same', async () => {
    const whole = await search(toy({now: 0}), settingsOf({now: 0}));
    const journal = memory();
    const clock = {now: 0};
    const fitted: string[] = [];
    const task = toy(clock, fitted);
    const dying: SearchTask<Name> = {
      ...task,
      fit: (name, settings, fold) => {
        if (fitted.length === 22) throw new Error('killed');
        return task.fit(name, settings, fold);
      },
    };
    await expect(search(dying, settingsOf(clock, {journal}))).rejects.toThrow('killed');
    const resumed = await search(task, settingsOf(clock, {journal}));
    expect(new Set(fitted).size).toBe(fitted.length);
    expect(resumed).toEqual(whole);
  });

  it('finds the same with several places, which it fills and does not overfill', async () => {
    const alone = await search(toy({now: 0}), settingsOf({now: 0}));
    const clock = {now: 0};
    const task = toy(clock);
    let running = 0;
    let most = 0;
    const together = await search<Name>(
      {
        ...task,
        places: 3,
        fit: async (name, settings, fold) => {
          most = Math.max(most, ++running);
          // The later folds of a candidate end first.
          for (let turn = fold; turn < 5; turn++) await new Promise(setImmediate);
          running -= 1;
          return task.fit(name, settings, fold);
        },
      },
      settingsOf(clock),
    );
    expect(most).toBe(3);
    expect(together).toEqual(alone);
  });

  it('keeps every fold that was begun when time ends or a fit beside it fails, and begins no more', async () => {
    const fitted: string[] = [];
    const clock = {now: 0};
    const task = toy(clock, fitted);
    const slow = (breaks: (name: Name, fold: number) => boolean): SearchTask<Name> => ({
      ...task,
      places: 2,
      fit: async (name, settings, fold) => {
        if (breaks(name, fold)) throw new Error('broken');
        await new Promise(setImmediate);
        return task.fit(name, settings, fold);
      },
    });
    const broken = memory();
    const failing = slow((name, fold) => name === 'fixed' && fold === 1);
    await expect(search(failing, settingsOf(clock, {journal: broken}))).rejects.toThrow('broken');
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    expect(broken.kept.size).toBe(fitted.length);
    expect(broken.kept.has('fixed-usual-0')).toBe(true);
    expect(broken.kept.has('fixed-usual-4')).toBe(false);

    fitted.length = 0;
    const journal = memory();
    const {skipped} = await search(
      slow(() => false),
      settingsOf(clock, {journal, budgetMs: 6500}),
    );
    expect(skipped.map(({algorithm}) => algorithm)).toEqual(['fixed', 'tunable']);
    expect(journal.kept.size).toBe(fitted.length);
  });

  it('draws the same settings from the same seed and others from another', async () => {
    const drawn = async (seed: number) => {
      const clock = {now: 0};
      const {lines} = await search(toy(clock), settingsOf(clock, {seed, rounds: 1}));
      return lines.map(({settings}) => settingsId(settings)).sort();
    };
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(2)).not.toEqual(await drawn(1));
  });
});
