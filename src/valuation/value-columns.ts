/** A row's value as columns of a table. Pure. */
import {PRICE_PARTS} from '../ml/explain.ts';
import type {HomeValue} from './value-home.ts';
import type {RowValue} from './value-rows.ts';

/** Columns put behind a row's own, in this order. COP; the parts and the rest add up to mid − typical. */
export const VALUE_COLUMNS = [
  'value_status',
  'value_message',
  'value_low_cop',
  'value_mid_cop',
  'value_high_cop',
  'value_asking_cop',
  'value_gap_pct',
  'value_position',
  'value_comparables',
  'value_basis',
  'value_model',
  'value_typical_cop',
  'value_typical_place',
  ...PRICE_PARTS.map(part => `value_${part}_cop`),
  'value_rest_cop',
  'value_reasons',
] as const;

export type ValueCell = string | number | null;

/** @returns the cells in the order of `VALUE_COLUMNS`. */
export function valueCells(answer: RowValue): ValueCell[] {
  const cells: Record<string, ValueCell> =
    answer.kind === 'value'
      ? {...homeCells(answer.value), ...messageOf(answer)}
      : {
          value_status: answer.kind === 'error' ? 'error' : 'insufficient_data',
          value_message: answer.message,
        };
  return VALUE_COLUMNS.map(column => cells[column] ?? null);
}

function messageOf({value, notes}: RowValue & {kind: 'value'}): Record<string, ValueCell> {
  const missing = value.status === 'insufficient_data' ? [`Falta: ${value.missing.join('; ')}`] : [];
  return {value_message: [...missing, ...notes].join(' · ') || null};
}

function homeCells(value: HomeValue): Record<string, ValueCell> {
  const common = {
    value_status: value.status,
    value_comparables: value.comparables.count,
    value_basis: value.isOutOfFold ? 'out_of_fold' : 'model',
    value_model: value.modelId,
  };
  if (value.status !== 'valued') return common;
  const {range, standing, difference, reasons} = value;
  const cells: Record<string, ValueCell> = {
    ...common,
    value_low_cop: range.lowCop,
    value_mid_cop: range.midCop,
    value_high_cop: range.highCop,
    value_asking_cop: standing?.askingCop ?? null,
    value_gap_pct: standing === null ? null : Math.round(standing.gapPct * 10) / 10,
    value_position: standing?.position ?? null,
    value_reasons: reasons.map(({text}) => text).join(' · ') || null,
  };
  if (difference === null) return cells;
  const typicalCop = Math.round(difference.typicalCop);
  let rest = range.midCop - typicalCop;
  for (const {part, cop} of difference.parts) {
    cells[`value_${part}_cop`] = Math.round(cop);
    rest -= Math.round(cop);
  }
  return {
    ...cells,
    value_typical_cop: typicalCop,
    value_typical_place: difference.place,
    value_rest_cop: rest,
  };
}
