/** What a model card says beyond errors: the readable rival, bias by segment, answers to counterfactual questions. */
import type {FeatureRow} from '../domain/model.ts';
import type {PriceModel} from './algorithms.ts';
import type {Backend} from './backend.ts';
import {measureBias, type SegmentBias} from './bias.ts';
import {askCounterfactuals, type Counterfactual} from './counterfactuals.ts';
import {crossFitGlassBox, fitGlassBox, type GlassBox, type GlassBoxCost, glassBoxCost} from './glass-box.ts';
import type {Split} from './split.ts';

/** A plain value. */
export interface ModelChecks {
  readonly glassBox: GlassBoxCost & GlassBox;
  readonly bias: readonly SegmentBias[];
  readonly counterfactuals: readonly Counterfactual[];
}

export interface CheckedModel {
  readonly model: PriceModel;
  /** Log COP of each row, by folds that never saw its group. */
  readonly predicted: Float64Array;
}

/** Prepares the checks of all models of one training: its readable rival is fitted once. */
export function prepareChecks(
  rows: readonly FeatureRow[],
  split: Split,
  {backend, seed}: {readonly backend: Backend; readonly seed: number},
): (of: CheckedModel) => ModelChecks {
  const glass = fitGlassBox(rows);
  const held = crossFitGlassBox(rows, split);
  return ({model, predicted}) => ({
    glassBox: {...glassBoxCost(rows, split.group, held, predicted, seed), ...glass},
    bias: measureBias(rows, predicted),
    counterfactuals: askCounterfactuals(model, rows, backend, seed),
  });
}
