/** From an opened table to its leaderboard and predictions. */
import {mean, median} from '../../../lib/stats.ts';
import type {Backend} from '../../backend.ts';
import {comparePaired} from '../../bootstrap.ts';
import {type FinishedTrial, type SearchSettings, search} from '../search.ts';
import type {OpenTable, TableQuestion} from './read-table.ts';
import type {TableAlgorithm} from './table-fit.ts';
import type {TableReport, TableRowOfBoard} from './table-report.ts';
import {
  blendTable,
  lossOf,
  predictUnknown,
  rangesOf,
  type TableProblem,
  tableSearchTask,
} from './table-search.ts';

export interface SolveSettings extends SearchSettings {
  readonly backend: Backend;
}

/** Out-of-fold predictions of one row of the board, on the fitted scale. */
interface Candidate {
  readonly algorithm: TableAlgorithm | 'blend';
  readonly settings: Readonly<Record<string, unknown>> | null;
  readonly predicted: Float64Array;
  readonly fitSeconds: number;
  readonly sizeBytes: number | null;
}

export interface SolvedTable {
  readonly report: TableReport;
  /** Header, then one line for each row of the file, in its order. */
  readonly predictions: readonly (readonly (string | number | null)[])[];
}

export async function solveTable(
  opened: OpenTable,
  question: TableQuestion,
  settings: SolveSettings,
): Promise<SolvedTable> {
  const {problem} = opened;
  const {backend, clock} = settings;
  const result = await search(tableSearchTask(problem, backend, clock), settings);
  const blend = blendTable(problem, result.best, question.time !== undefined);
  // What was tuned stands beside its usual settings.
  const usual = result.finished.filter(trial => trial.settings === null && !result.best.includes(trial));
  const candidates: Candidate[] = [
    ...result.best,
    ...usual,
    ...(blend === null ? [] : [{algorithm: 'blend' as const, settings: null, ...blend}]),
  ];
  const board = boardOf(problem, candidates);
  const [best] = board;
  const winner = candidates.find(
    ({algorithm, settings: own}) => algorithm === best?.algorithm && own === best.settings,
  );
  const isByTime = question.time !== undefined;
  const report: TableReport = {
    ...{file: question.file, target: question.target, seed: question.seed},
    rows: opened.known,
    rowsWithoutTarget: opened.fileRows.length - opened.known,
    groups: new Set(problem.group.subarray(0, opened.known)).size,
    split: isByTime
      ? `${problem.folds.length} folds in the order of ${question.time}, each predicted from what came before`
      : `${problem.folds.length} folds of whole groups (${question.group ?? 'equal rows'})`,
    isLog: problem.isLog,
    ...{datasetHash: opened.datasetHash, splitId: opened.splitId},
    ...{columns: opened.columns, warnings: opened.warnings, board, trials: result.lines},
    skipped: result.skipped,
  };
  const members = winner?.algorithm === 'blend' ? (blend?.weights ?? {}) : {[winner?.algorithm ?? '']: 1};
  const unknown = await predictRest(opened, result.best, members, backend);
  return {report, predictions: winner === undefined ? [] : linesOf(opened, winner, unknown)};
}

/** Best first; the losses of all are resampled together. */
function boardOf(problem: TableProblem, candidates: readonly Candidate[]): TableRowOfBoard[] {
  const {target, group, isLog, seed} = problem;
  const isShare = target.every(value => value > 0);
  const tested = problem.folds.flatMap(fold => fold.tested);
  const summary = isShare ? median : mean;
  const ranked = candidates
    .map(candidate => {
      const losses = lossOf(problem, candidate.predicted);
      return {candidate, losses, error: summary(tested.map(row => losses[row] ?? Number.NaN))};
    })
    .sort((a, b) => a.error - b.error);
  if (ranked.length === 0) return [];
  const compared = comparePaired(
    ranked.map(({losses}) => losses),
    group.subarray(0, target.length),
    0,
    {seed, summary: isShare ? 'median' : 'mean'},
  );
  const centre = mean(tested.map(row => target[row] ?? 0));
  const total = tested.reduce((sum, row) => sum + ((target[row] ?? 0) - centre) ** 2, 0);
  return ranked.map(({candidate, losses, error}, place) => {
    const {algorithm, settings, predicted, fitSeconds, sizeBytes} = candidate;
    const misses = tested.map(row => {
      const value = predicted[row] ?? Number.NaN;
      return (isLog ? Math.exp(value) : value) - (target[row] ?? 0);
    });
    const share = (limit: number) =>
      isShare ? tested.filter(row => (losses[row] ?? 1) <= limit).length / tested.length : null;
    return {
      ...{algorithm, settings, fitSeconds, sizeBytes},
      mdape: isShare ? error : null,
      mae: mean(misses.map(Math.abs)),
      within10: share(0.1),
      within20: share(0.2),
      r2: 1 - misses.reduce((sum, miss) => sum + miss ** 2, 0) / total,
      coverage80: rangesOf(problem, predicted).coverage,
      comparison: place === 0 ? null : (compared[place] ?? null),
    };
  });
}

/** Rows without a target, by the winner fitted on all others. */
async function predictRest(
  {problem, fileRows, known}: OpenTable,
  best: readonly FinishedTrial<TableAlgorithm>[],
  weights: Readonly<Record<string, number>>,
  backend: Backend,
): Promise<Float64Array> {
  const all = Array.from(fileRows.keys());
  const unknown = all.slice(known);
  const sum = new Float64Array(unknown.length);
  if (unknown.length === 0) return sum;
  for (const trial of best) {
    const weight = weights[trial.algorithm] ?? 0;
    if (weight === 0) continue;
    const values = await predictUnknown(problem, trial, unknown, all.slice(0, known), backend);
    for (const [place, value] of values.entries()) sum[place] = (sum[place] ?? 0) + weight * value;
  }
  return sum;
}

function linesOf(
  {problem, fileRows, known}: OpenTable,
  {predicted}: Candidate,
  unknown: Float64Array,
): (string | number | null)[][] {
  const {target, isLog, folds} = problem;
  const {halfWidth} = rangesOf(problem, predicted);
  const widths = [...halfWidth].filter(width => !Number.isNaN(width));
  const usual = widths.length === 0 ? Number.NaN : median(widths);
  const foldOf = new Map(folds.flatMap(({tested}, fold) => tested.map(row => [row, fold] as const)));
  const back = (value: number): number | null => {
    const number = isLog ? Math.exp(value) : value;
    return Number.isFinite(number) ? Number(number.toPrecision(8)) : null;
  };
  const lines = fileRows.map((fileRow, row) => {
    const value = row < known ? (predicted[row] ?? Number.NaN) : (unknown[row - known] ?? Number.NaN);
    const width = row < known ? (halfWidth[row] ?? Number.NaN) : usual;
    const actual = row < known ? (target[row] ?? null) : null;
    return [
      fileRow + 1,
      actual,
      back(value),
      back(value - width),
      back(value + width),
      foldOf.get(row) ?? null,
    ];
  });
  lines.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  return [['row', 'actual', 'predicted', 'low80', 'high80', 'fold'], ...lines];
}
