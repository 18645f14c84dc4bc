import {pipelineStages} from '../../pipelines/index.ts';
import {portals} from '../../scrapers/index.ts';
import {ConfigError} from '../domain/errors.ts';
import {loadReferenceData} from '../imports/reference.ts';
import type {Stage, StageOptions, StageReport} from '../stage/define-stage.ts';
import type {CommandContext} from './context.ts';
import {formatCount, formatSeconds} from './output.ts';
import {type Step, stageLine} from './progress.ts';

export const stages: readonly Stage[] = pipelineStages(portals);

/**
 * The stages a name stands for: `all`, or one.
 * @throws ConfigError on an unknown name; the message lists the known ones.
 */
export function stagesNamed(name: string): readonly Stage[] {
  if (name === 'all') return stages;
  const found = stages.find(stage => stage.name === name);
  if (found === undefined) {
    throw new ConfigError(
      `unknown stage "${name}". Stages: ${stages.map(stage => stage.name).join(', ')}, all`,
    );
  }
  return [found];
}

export interface PipelineSettings {
  readonly now: () => Date;
  readonly options?: StageOptions;
  readonly onReport?: (report: StageReport) => void;
}

/** One step a stage, ready for `runSteps`. */
export function stageSteps(
  context: CommandContext,
  chosen: readonly Stage[],
  settings: PipelineSettings,
): Step[] {
  return chosen.map(stage => ({
    title: stage.name,
    run: async say => {
      if (stage.name === 'enrich') await loadReferenceData(context.database);
      const report = await stage.run(context.database, {
        now: settings.now,
        dataDir: context.dataDir,
        onProgress: stageLine(say),
        ...(settings.options === undefined ? {} : {options: settings.options}),
      });
      context.log.info(report, `stage ${stage.name}`);
      settings.onReport?.(report);
      return reportLine(report);
    },
  }));
}

/** `4,581 keys · versions 4,702 · 3.2 s`, or that there was nothing to do. */
export function reportLine(report: StageReport): string {
  if (report.keysFound === 0) return 'no work';
  const counts = Object.entries(report.counts).map(([name, count]) => `${name} ${formatCount(count)}`);
  const failed = report.keysFailed > 0 ? [`${formatCount(report.keysFailed)} failed`] : [];
  return [`${formatCount(report.keysFound)} keys`, ...failed, ...counts, formatSeconds(report.seconds)].join(
    ' · ',
  );
}
