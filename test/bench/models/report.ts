/** The table of one set: errors of pooled out-of-fold predictions, and the blend against each with its interval. */
import {formatTable} from '../../../src/cli/output.ts';
import {comparePaired, type RelativeError} from '../../../src/ml/bootstrap.ts';
import {measureErrors} from '../../../src/ml/metrics.ts';
import type {Split} from '../../../src/ml/split.ts';
import {BLEND} from './ours.ts';
import type {PooledModel} from './result.ts';
import type {BenchSet} from './sets.ts';

const RESAMPLES = 2000;

export interface SetReport {
  readonly table: string;
  /** The blend against the peer chosen on inner folds; null without peers. */
  readonly blendAgainstPeer: RelativeError | null;
}

export function reportSet(
  {rows}: BenchSet,
  split: Split,
  ours: readonly PooledModel[],
  peers: readonly PooledModel[],
  seed: number,
): SetReport {
  const chosen = choosePeer(peers, split);
  const models = [...ours, ...peers, ...(chosen === null ? [] : [chosen])];
  const shares = new Map(models.map(({name, predicted}) => [name, errorShares(rows, predicted)]));
  const blend = shares.get(BLEND) ?? new Float64Array();
  const lines = models.map(model => {
    const own = shares.get(model.name) ?? new Float64Array();
    const settings = {seed, resamples: RESAMPLES};
    const interval = model.name === BLEND ? null : comparePaired([blend, own], split.group, 1, settings)[0];
    return {
      ...model,
      metrics: measureErrors(rows, toLogPrices(rows, model.predicted), null),
      interval: interval ?? null,
    };
  });
  const table = formatTable(lines, [
    {title: 'model', value: line => line.name},
    {title: 'MdAPE %', align: 'right', value: ({metrics}) => (100 * metrics.mdape).toFixed(2)},
    {title: 'within 10 %', align: 'right', value: ({metrics}) => (100 * metrics.within10).toFixed(1)},
    {title: 'R² log', align: 'right', value: ({metrics}) => metrics.r2Log.toFixed(4)},
    {title: 'train CPU s', align: 'right', value: line => line.fitSeconds.toFixed(1)},
    {title: 'search CPU s', align: 'right', value: line => line.searchSeconds.toFixed(0)},
    {
      title: 'µs/row',
      align: 'right',
      value: line => ((1e6 * line.predictSeconds) / rows.length).toFixed(1),
    },
    {
      title: 'our blend against it',
      value: ({interval}) => (interval === null ? null : formatInterval(interval)),
    },
  ]);
  const notes = models.flatMap(({name, note}) => (note === undefined ? [] : [`${name}: ${note}`]));
  return {
    table: [table, ...notes].join('\n'),
    blendAgainstPeer: lines.find(({name}) => name === CHOSEN)?.interval ?? null,
  };
}

const CHOSEN = 'best tuned peer';

/** The peer with the least inner error speaks in each fold: no test row has a say in the choice. */
function choosePeer(peers: readonly PooledModel[], split: Split): PooledModel | null {
  if (peers.length === 0) return null;
  const best = Array.from({length: split.folds}, (_, fold) =>
    peers.reduce((least, peer) => (errorOf(peer, fold) < errorOf(least, fold) ? peer : least)),
  );
  const predicted = Float64Array.from(split.fold, (fold, row) => best[fold]?.predicted[row] ?? Number.NaN);
  const sumOf = (of: (model: PooledModel) => number): number =>
    best.reduce((sum, peer) => sum + of(peer) / split.folds, 0);
  return {
    name: CHOSEN,
    predicted,
    innerErrors: best.map((peer, fold) => errorOf(peer, fold)),
    fitSeconds: sumOf(peer => peer.fitSeconds),
    searchSeconds: peers.reduce((sum, peer) => sum + peer.searchSeconds, 0),
    predictSeconds: sumOf(peer => peer.predictSeconds),
    note: `chosen on inner folds, by fold: ${best.map(({name}) => name).join(', ')}`,
  };
}

function errorOf({innerErrors}: PooledModel, fold: number): number {
  return innerErrors?.[fold] ?? Number.POSITIVE_INFINITY;
}

/** `-3.1 % (-4.9 … -1.2)`: below 0 the blend errs less. */
export function formatInterval({relative, low, high}: RelativeError): string {
  const percent = (value: number): string => (100 * value).toFixed(1);
  return `${percent(relative)} % (${percent(low)} … ${percent(high)})`;
}

function toLogPrices(rows: BenchSet['rows'], perM2: Float64Array): Float64Array {
  return perM2.map((value, row) => value + Math.log(rows[row]?.areaM2 ?? Number.NaN));
}

/** Absolute error of the price as a share of it, one a row. */
function errorShares(rows: BenchSet['rows'], perM2: Float64Array): Float64Array {
  return Float64Array.from(rows, ({priceCop, areaM2}, row) =>
    Math.abs(Math.exp((perM2[row] ?? Number.NaN) - Math.log(priceCop / areaM2)) - 1),
  );
}
