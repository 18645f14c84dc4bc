import {Command, Option} from 'commander';
import type {CrawlReport} from '../../crawl/crawl.ts';
import {OPERATIONS, PROPERTY_TYPES} from '../../domain/vocabulary.ts';
import {withDatabase} from '../context.ts';
import {reviewRun} from '../health.ts';
import {printJson} from '../output.ts';
import {runSteps} from '../progress.ts';
import {collectSummary, printSummary} from '../summary.ts';
import {type CrawlFlags, crawlStep, exitCodeOf, planCrawls, withInterrupt} from './crawl.ts';

interface Flags extends CrawlFlags {
  readonly portal: string[];
}

/** `raiz run`: collect, then every stage. An incomplete crawl doesn't stop the stages: what was seen is kept. */
export function runCommand(): Command {
  return new Command('run')
    .description('crawl the portals of raiz.config.ts, then run every stage')
    .option('--portal <id...>', 'only these portals', ['all'])
    .option('--city <slug...>', 'only these places')
    .addOption(new Option('--operation <operation...>', 'only these operations').choices(OPERATIONS))
    .addOption(new Option('--type <type...>', 'only these property types').choices(PROPERTY_TYPES))
    .option('--resume', 'go on with the newest unfinished crawl')
    .option('--base-url <address>', 'a server on this machine that stands in for the portal')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', '\nExample:\n  raiz run --city medellin envigado --operation sale')
    .action(async (flags: Flags) => {
      const plans = planCrawls(flags.portal, flags);
      await withInterrupt(signal =>
        withDatabase({}, async context => {
          const crawls: CrawlReport[] = [];
          const quiet = flags.json === true;
          await runSteps(
            plans.map(plan => crawlStep(context, plan, flags, signal, crawls)),
            {quiet},
          );
          if (!signal.aborted) {
            const {stages, stageSteps} = await import('../pipeline.ts');
            await runSteps(stageSteps(context, stages, {now: () => new Date()}), {quiet});
          }
          await reviewRun(context, new Date());
          const summary = await collectSummary(context);
          if (quiet) printJson({...summary, crawls});
          else printSummary(summary, context);
          process.exitCode = exitCodeOf(crawls);
        }),
      );
    });
}
