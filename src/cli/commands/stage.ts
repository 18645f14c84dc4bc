import {Command, Option} from 'commander';
import {ConfigError} from '../../domain/errors.ts';
import {EFFORTS, type Effort} from '../../domain/vocabulary.ts';
import type {StageOptions, StageReport} from '../../stage/define-stage.ts';
import {withDatabase} from '../context.ts';
import {printJson} from '../output.ts';
import {runSteps} from '../progress.ts';

interface Flags {
  readonly portal?: string;
  readonly rebuild?: boolean;
  readonly dryRun?: boolean;
  readonly effort?: Effort;
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function stageCommand(): Command {
  return new Command('stage')
    .description('run one stage of the pipeline, or all of them; only what changed is done')
    .argument('<name>', 'parse, clean, match, enrich, train, score, release, or all')
    .option('--portal <id>', 'only listings of this portal')
    .option('--rebuild', 'take every key, changed or not')
    .option('--dry-run', 'do the work and roll it back')
    .addOption(
      new Option('--effort <effort>', 'with train: what it may cost; trains again, changed or not').choices(
        EFFORTS,
      ),
    )
    .option('--demo', 'on the simulated installation')
    .option('--json', 'print the reports as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  raiz stage clean --dry-run\n  raiz stage parse --rebuild     # re-reads the archive, no network\n  raiz stage train --effort full     # the best models, for several times the seconds',
    )
    .action(async (name: string, flags: Flags) => {
      // The models take a second to load: only where a stage runs.
      const {stagesNamed, stageSteps} = await import('../pipeline.ts');
      const chosen = stagesNamed(name);
      if (flags.effort !== undefined && name !== 'train')
        throw new ConfigError(
          `--effort goes with train, not with "${name}": \`raiz stage train --effort ${flags.effort}\`, or models.effort in raiz.config.ts.`,
        );
      const options: StageOptions = {
        ...(flags.portal === undefined ? {} : {portal: flags.portal}),
        rebuild: flags.rebuild === true || flags.effort !== undefined,
        dryRun: flags.dryRun === true,
        ...(flags.effort === undefined ? {} : {effort: flags.effort}),
      };
      await withDatabase({demo: flags.demo}, async context => {
        const reports: StageReport[] = [];
        const settings = {
          now: () => new Date(),
          options,
          onReport: (report: StageReport) => reports.push(report),
        };
        await runSteps(stageSteps(context, chosen, settings), {quiet: flags.json === true});
        if (flags.json === true) printJson(reports);
      });
    });
}
