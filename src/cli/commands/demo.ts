import {Command} from 'commander';
import {withDatabase} from '../context.ts';
import {formatSeconds, print, printJson} from '../output.ts';
import {runSteps} from '../progress.ts';
import {collectSummary, printSummary} from '../summary.ts';

interface Flags {
  readonly json?: boolean;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('the whole pipeline, offline, on a simulated market with known truth (SIMULADO)')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  raiz demo\n\nTo start afresh: raiz db stop --demo, then delete the folder data/demo.',
    )
    .action(async (flags: Flags) => {
      const began = performance.now();
      await withDatabase({demo: true}, async context => {
        if (flags.json !== true) {
          print('SIMULADO · a simulated Finca Raíz on this machine; nothing here is a real advert.\n');
        }
        const {DEMO_MARKET, prepareDemo} = await import('../demo.ts');
        const demo = await prepareDemo(context, DEMO_MARKET);
        try {
          await runSteps(demo.steps, {quiet: flags.json === true});
        } finally {
          await demo.close();
        }
        const summary = await collectSummary(context);
        if (flags.json === true) {
          printJson({...summary, crawls: demo.result.crawls, stages: demo.result.stages});
          return;
        }
        printSummary(summary, context);
        print(
          `\nTook ${formatSeconds((performance.now() - began) / 1000)}. Run it again: it finds nothing to do.`,
        );
      });
    });
}
