/** The leaderboard as a table. */
import type {ModelRow} from '../db/models.ts';
import {formatMillions, formatTable} from './output.ts';

export function percentText(share: number | null, digits = 1): string | null {
  return share === null ? null : `${(100 * share).toFixed(digits)} %`;
}

export function modelsTable(models: readonly ModelRow[]): string {
  return formatTable(models, [
    {title: 'operation', value: row => row.operation},
    {title: 'model', value: nameOf},
    {title: 'MdAPE', align: 'right', value: row => percentText(row.metrics.mdape)},
    {title: 'against best (95 %)', align: 'right', value: comparisonText},
    {title: 'MAE', align: 'right', value: row => formatMillions(row.metrics.maeCop)},
    {title: '≤ 10 %', align: 'right', value: row => percentText(row.metrics.within10)},
    {title: '≤ 20 %', align: 'right', value: row => percentText(row.metrics.within20)},
    {title: '80 % range holds', align: 'right', value: row => percentText(row.metrics.coverage80)},
    {title: 'rows', align: 'right', value: row => row.trainingRows},
    {
      title: 'fit',
      align: 'right',
      value: row => (row.kind === 'outside' ? null : `${row.fitSeconds.toFixed(1)} s`),
    },
    {
      title: 'size',
      align: 'right',
      value: row => (row.sizeBytes === null ? null : formatBytes(row.sizeBytes)),
    },
    {title: 'seed', align: 'right', value: row => String(row.seed)},
    {title: 'data', value: row => row.datasetHash.slice(0, 8)},
    {title: 'split', value: row => row.splitId.slice(0, 8)},
    {title: 'id', value: row => row.modelId},
  ]);
}

/** ★ the champion, ◇ what a search tuned, ◦ predictions from outside. */
function nameOf({algorithm, isChampion, kind, settings, card}: ModelRow): string {
  const name = kind === 'outside' ? `${String(card.name)} ◦` : algorithm;
  return `${name}${settings === null ? '' : ' ◇'}${isChampion ? ' ★' : ''}`;
}

/** `−2.1 % (−3.4 … −0.8)`: relative MdAPE with its paired interval; the reference itself says so. */
function comparisonText({comparison, modelId}: ModelRow): string | null {
  if (comparison === null) return null;
  if (comparison.againstModelId === modelId) return 'reference';
  const {relative, low, high} = comparison;
  return `${signed(relative)} % (${signed(low)} … ${signed(high)})`;
}

function signed(share: number): string {
  const points = (100 * Math.abs(share)).toFixed(1);
  return `${share < 0 ? '−' : '+'}${points}`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
