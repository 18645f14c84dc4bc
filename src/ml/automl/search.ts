/**
 * Which candidate with which settings errs least, inside a time budget: first every candidate with its usual settings,
 * then random settings by successive halving (Jamieson and Talwalkar 2016; Li et al. 2018, "Hyperband"; Bergstra and
 * Bengio 2012 for random search). What halving gives out are folds: all drawn settings are tried on one fold, the best
 * third on half of them, the best of those on all. Nobody is judged on folds that a rival didn't see.
 */
import {canonicalJson} from '../../lib/canonical-json.ts';
import {sha256Hex} from '../../lib/hash.ts';
import {createRandom, type Random} from '../../lib/random.ts';

/** Settings that differ from the usual ones; null: the usual ones. A plain value. */
export type Settings = Readonly<Record<string, unknown>> | null;

/** What a candidate says of the tested rows of one fold, in their order. */
export interface TrialFold {
  readonly values: Float64Array;
  /** What each price is made of, a fixed number of values a row; null: it can't say. */
  readonly parts: Float64Array | null;
  readonly milliseconds: number;
  /** What the fitted model takes to predict, where the task measures it. */
  readonly bytes?: number;
}

/** Remembers fitted folds, so that a killed search goes on. */
export interface FoldJournal {
  readonly find: (key: string) => Promise<TrialFold | undefined>;
  readonly keep: (key: string, fold: TrialFold) => Promise<void>;
}

/** What is searched: pure but for the time that fitting takes. */
export interface SearchTask<A extends string> {
  /** The cheap ones first: the budget cuts from the end. */
  readonly algorithms: readonly A[];
  readonly rows: number;
  /** Rows tested in each fold. */
  readonly tested: readonly (readonly number[])[];
  /** Fitted even without time left: yardsticks that cost nothing. */
  readonly isFree: (algorithm: A) => boolean;
  /** Is fitted once more on all rows when the search is over: time is kept back for it. */
  readonly isStored: (algorithm: A) => boolean;
  /** Random settings; undefined: there is nothing to choose. */
  readonly draw: (algorithm: A, random: Random) => Settings | undefined;
  readonly fit: (algorithm: A, settings: Settings, fold: number) => Promise<TrialFold>;
  /** Fits worth doing at once; 1 unless told. What is found doesn't depend on it, but for where time ends it. */
  readonly places?: number;
  /** Error over some rows; less is better. */
  readonly errorOf: (predicted: Float64Array, rows: readonly number[]) => number;
  readonly describeError: (error: number) => string;
}

export interface SearchSettings {
  readonly seed: number;
  /** Milliseconds on `clock`; the fold in progress is finished. */
  readonly budgetMs: number;
  readonly clock: () => number;
  readonly journal: FoldJournal;
  readonly note: (line: string) => void;
  /** A candidate has seen all folds. */
  readonly onFinished?: (trial: FinishedTrial<string>) => Promise<void>;
  /** Rounds of drawn settings a candidate gets at most; 3 unless told. */
  readonly rounds?: number;
}

export interface FinishedTrial<A extends string> {
  readonly algorithm: A;
  readonly settings: Settings;
  /** Of every row; NaN where no fold tested it. */
  readonly predicted: Float64Array;
  readonly parts: Float64Array | null;
  readonly fitSeconds: number;
  /** The largest of the folds' models; null: not measured. */
  readonly sizeBytes: number | null;
  readonly error: number;
}

/** One line of what was tried. */
export interface TrialLine {
  readonly algorithm: string;
  readonly settings: Settings;
  readonly folds: number;
  /** On those folds. */
  readonly error: number;
  readonly outcome: 'finished' | 'stopped' | 'cut';
  readonly why: string;
}

export interface SearchResult<A extends string> {
  /** All that saw every fold. */
  readonly finished: readonly FinishedTrial<A>[];
  /** Of each candidate the one that errs least. */
  readonly best: readonly FinishedTrial<A>[];
  readonly lines: readonly TrialLine[];
  readonly skipped: readonly {readonly algorithm: A; readonly reason: string}[];
  readonly isComplete: boolean;
}

/** Settings drawn a round, and the share that goes on. */
const DRAWN = 9;
const KEEP = 1 / 3;
const ROUNDS = 3;

/** Stable name of settings: `usual`, or eight hex digits. */
export function settingsId(settings: Settings): string {
  return settings === null ? 'usual' : sha256Hex(canonicalJson(settings)).slice(0, 8);
}

export async function search<A extends string>(
  task: SearchTask<A>,
  settings: SearchSettings,
): Promise<SearchResult<A>> {
  const run = new Search(task, settings);
  await run.fitUsual();
  const isComplete = await run.halve();
  return run.result(isComplete);
}

/** One candidate with one choice of settings, as far as it got. */
interface Trial<A extends string> {
  readonly algorithm: A;
  readonly settings: Settings;
  readonly folds: Map<number, TrialFold>;
}

function* listFits<A extends string>(trials: readonly Trial<A>[], folds: readonly number[]) {
  for (const trial of trials) for (const fold of folds) yield [trial, fold] as const;
}

/** `free`: fitted whatever the time; `search`: time is kept back for the final fits. */
type Purpose = 'free' | 'all' | 'search';

class Search<A extends string> {
  readonly #task: SearchTask<A>;
  readonly #settings: SearchSettings;
  readonly #started: number;
  readonly #finished: FinishedTrial<A>[] = [];
  readonly #lines: TrialLine[] = [];
  readonly #skipped: {algorithm: A; reason: string}[] = [];
  readonly #best = new Map<A, {trial: Trial<A>; finished: FinishedTrial<A>}>();

  constructor(task: SearchTask<A>, settings: SearchSettings) {
    this.#task = task;
    this.#settings = settings;
    this.#started = settings.clock();
  }

  async fitUsual(): Promise<void> {
    const {algorithms, isFree, tested} = this.#task;
    for (const algorithm of algorithms) {
      const trial: Trial<A> = {algorithm, settings: null, folds: new Map()};
      const folds = [...tested.keys()];
      if (await this.#fitFolds([trial], folds, isFree(algorithm) ? 'free' : 'all')) {
        await this.#finish(trial, 'its usual settings');
        continue;
      }
      const missing = folds.findIndex(fold => !trial.folds.has(fold));
      this.#skipped.push({
        algorithm,
        reason:
          `the time budget of ${this.#settings.budgetMs / 1000} s ended before ` +
          `fold ${missing + 1} of ${tested.length}`,
      });
      this.#tell(trial, 'cut', 'the time budget ended');
    }
  }

  /** @returns false when time ended it. */
  async halve(): Promise<boolean> {
    const {rounds = ROUNDS} = this.#settings;
    for (let round = 0; round < rounds; round++) {
      for (const algorithm of this.#task.algorithms) {
        if (!(await this.#runRound(this.#draw(algorithm, round), round))) return false;
      }
    }
    return true;
  }

  result(isComplete: boolean): SearchResult<A> {
    return {
      finished: this.#finished,
      best: [...this.#best.values()].map(({finished}) => finished),
      lines: this.#lines,
      skipped: this.#skipped,
      isComplete,
    };
  }

  #draw(algorithm: A, round: number): Trial<A>[] {
    // Who did not even finish with its usual settings has no time for others.
    if (!this.#best.has(algorithm)) return [];
    const trials: Trial<A>[] = [];
    for (let place = 0; place < DRAWN; place++) {
      const random = createRandom(`search/${this.#settings.seed}/${algorithm}/${round}/${place}`);
      const settings = this.#task.draw(algorithm, random);
      if (settings !== undefined) trials.push({algorithm, settings, folds: new Map()});
    }
    return trials;
  }

  /**
   * One round: the best so far defends its place against what was drawn. Each round begins with another fold.
   * @returns false when time ended it.
   */
  async #runRound(drawn: readonly Trial<A>[], round: number): Promise<boolean> {
    const count = this.#task.tested.length;
    const order = Array.from({length: count}, (_, place) => (place + round) % count);
    let alive: readonly Trial<A>[] = drawn;
    for (const folds of [1, Math.ceil(count / 2), count]) {
      const isInTime = await this.#fitFolds(alive, order.slice(0, folds), 'search');
      for (const trial of alive) {
        if (trial.folds.size === count) await this.#finish(trial, `round ${round + 1}`);
        else if (!isInTime) this.#tell(trial, 'cut', 'the time budget ended');
      }
      if (!isInTime) return false;
      if (folds < count) alive = this.#keepBest(alive, order.slice(0, folds));
    }
    return true;
  }

  #keepBest(trials: readonly Trial<A>[], folds: readonly number[]): Trial<A>[] {
    const defender = trials[0] === undefined ? undefined : this.#best.get(trials[0].algorithm)?.trial;
    const judged = [...trials, ...(defender === undefined ? [] : [defender])]
      .map(trial => ({trial, error: this.#errorOn(trial, folds)}))
      .sort((a, b) => a.error - b.error);
    const kept = judged.slice(0, Math.max(1, Math.ceil(KEEP * trials.length)));
    const limit = this.#task.describeError(kept.at(-1)?.error ?? Number.NaN);
    for (const {trial, error} of judged.slice(kept.length)) {
      if (trial === defender) continue;
      const own = this.#task.describeError(error);
      this.#tell(
        trial,
        'stopped',
        `${own} after ${folds.length} of ${this.#task.tested.length} folds; ${limit} goes on`,
      );
    }
    return kept.map(({trial}) => trial).filter(trial => trial !== defender);
  }

  #errorOn({folds}: Trial<A>, chosen: readonly number[]): number {
    const {rows, tested, errorOf} = this.#task;
    const predicted = new Float64Array(rows).fill(Number.NaN);
    for (const fold of chosen) {
      for (const [place, row] of (tested[fold] ?? []).entries())
        predicted[row] = folds.get(fold)?.values[place] ?? Number.NaN;
    }
    return errorOf(
      predicted,
      chosen.flatMap(fold => tested[fold] ?? []),
    );
  }

  /** Fits the folds that are missing. @returns false when time ended it; what had begun is finished. */
  async #fitFolds(trials: readonly Trial<A>[], folds: readonly number[], purpose: Purpose): Promise<boolean> {
    let isInTime = true;
    // All places take from it. A fit that fails closes it, so that none begins another.
    const waiting = listFits(trials, folds);
    const work = async (): Promise<void> => {
      for (const [trial, fold] of waiting) {
        if (!(await this.#fitFold(trial, fold, purpose))) isInTime = false;
      }
    };
    await Promise.all(Array.from({length: this.#task.places ?? 1}, work));
    return isInTime;
  }

  /** @returns false when there is no time to begin it. */
  async #fitFold(trial: Trial<A>, fold: number, purpose: Purpose): Promise<boolean> {
    if (trial.folds.has(fold)) return true;
    const {clock, budgetMs, journal, note} = this.#settings;
    const key = `${trial.algorithm}-${settingsId(trial.settings)}-${fold}`;
    const known = await journal.find(key);
    if (known !== undefined) {
      trial.folds.set(fold, known);
      return true;
    }
    const spent = clock() - this.#started + (purpose === 'search' ? this.#reserveMs() : 0);
    if (purpose !== 'free' && spent > budgetMs) return false;
    note(
      `${trial.algorithm}, ${settingsId(trial.settings)}, fold ${fold + 1} of ${this.#task.tested.length}`,
    );
    const fitted = await this.#task.fit(trial.algorithm, trial.settings, fold);
    await journal.keep(key, fitted);
    trial.folds.set(fold, fitted);
    return true;
  }

  /** Final fits take about as long as one fold each. */
  #reserveMs(): number {
    let sum = 0;
    for (const [algorithm, {finished}] of this.#best) {
      if (this.#task.isStored(algorithm)) sum += (1000 * finished.fitSeconds) / this.#task.tested.length;
    }
    return 1.25 * sum;
  }

  async #finish(trial: Trial<A>, why: string): Promise<void> {
    const finished = this.#pool(trial);
    this.#finished.push(finished);
    const former = this.#best.get(trial.algorithm);
    if (former === undefined || finished.error < former.finished.error)
      this.#best.set(trial.algorithm, {trial, finished});
    this.#tell(trial, 'finished', why);
    await this.#settings.onFinished?.(finished);
  }

  #pool({algorithm, settings, folds}: Trial<A>): FinishedTrial<A> {
    const {rows, tested, errorOf} = this.#task;
    const predicted = new Float64Array(rows).fill(Number.NaN);
    const said = [...folds.values()].find(({parts}) => parts !== null);
    const width = said?.parts === null || said === undefined ? 0 : said.parts.length / said.values.length;
    const parts = width === 0 ? null : new Float64Array(rows * width);
    for (const [fold, own] of folds) {
      for (const [place, row] of (tested[fold] ?? []).entries()) {
        predicted[row] = own.values[place] ?? Number.NaN;
        if (own.parts !== null)
          parts?.set(own.parts.subarray(place * width, (place + 1) * width), row * width);
      }
    }
    const milliseconds = [...folds.values()].reduce((sum, fold) => sum + fold.milliseconds, 0);
    const error = errorOf(predicted, tested.flat());
    const sizes = [...folds.values()].flatMap(fold => fold.bytes ?? []);
    const sizeBytes = sizes.length === 0 ? null : Math.max(...sizes);
    return {algorithm, settings, predicted, parts, fitSeconds: milliseconds / 1000, sizeBytes, error};
  }

  #tell(trial: Trial<A>, outcome: TrialLine['outcome'], why: string): void {
    const {algorithm, settings, folds} = trial;
    const error = folds.size === 0 ? Number.NaN : this.#errorOn(trial, [...folds.keys()]);
    this.#lines.push({algorithm, settings, folds: folds.size, error, outcome, why});
  }
}
