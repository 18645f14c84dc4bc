import type {Portal} from '../src/portal/define-portal.ts';
import type {Stage} from '../src/stage/define-stage.ts';
import {cleanStage} from './clean/stage.ts';
import {enrichStage} from './enrich/stage.ts';
import {matchStage} from './match/stage.ts';
import {parseStage} from './parse/stage.ts';
import {releaseStage} from './release/stage.ts';
import {scoreStage} from './score/stage.ts';
import {trainStage} from './train/stage.ts';

/** Every stage, in the order the data flows. */
export function pipelineStages(portals: readonly Portal[]): readonly Stage[] {
  return [parseStage(portals), cleanStage, matchStage, enrichStage, trainStage, scoreStage, releaseStage];
}
