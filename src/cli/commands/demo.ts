import {once} from 'node:events';
import {Command, InvalidArgumentError} from 'commander';
import {ConfigError} from '../../domain/errors.ts';
import {BREAK_NAMES, type BreakName, isBreakName} from '../../simulator/site/breaks.ts';
import {withDatabase} from '../context.ts';
import {formatSeconds, print, printJson} from '../output.ts';
import {runSteps} from '../progress.ts';
import {collectSummary, printSummary} from '../summary.ts';

interface Flags {
  readonly json?: boolean;
  readonly serve?: boolean;
  readonly day: number;
  readonly port: number;
  readonly size: number;
  readonly break?: BreakName;
}

/** That of the demo's own market. */
const DEMO_SIZE = 2500;

export function demoCommand(): Command {
  return new Command('demo')
    .description('the whole pipeline, offline, on a simulated market with known truth (SIMULADO)')
    .option('--json', 'print the summary as JSON')
    .option(
      '--serve',
      'only serve the simulated portal on this machine, to try crawls against; Ctrl-C ends it',
    )
    .option('--day <n>', 'with --serve: day of the market, 1 to 7', wholeNumber, 1)
    .option('--size <n>', 'with --serve: adverts on the portal', wholeNumber, DEMO_SIZE)
    .option('--break <how>', `with --serve: how the portal is broken: ${BREAK_NAMES.join(', ')}`, breakName)
    .option('--port <n>', 'with --serve: port; 0 takes a free one', wholeNumber, 0)
    .addHelpText(
      'after',
      '\nExamples:\n  raiz demo\n  raiz demo --serve --port 8080    # then: raiz crawl fincaraiz --demo --base-url http://127.0.0.1:8080' +
        '\n\nWhile it is served, the simulator takes commands; GET /_simulator says how it is, any wrong one lists them:' +
        '\n  curl -X POST http://127.0.0.1:8080/_simulator/break/latitude    # or /mend, /day/2; docs/operate.md' +
        '\n\nTo start afresh: raiz db stop --demo, then delete the folder data/demo.',
    )
    .action(async (flags: Flags) => {
      if (flags.serve === true) return serve(flags);
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

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function breakName(text: string): BreakName {
  if (!isBreakName(text)) throw new InvalidArgumentError(`There are: ${BREAK_NAMES.join(', ')}.`);
  return text;
}

async function serve({day, port, size, break: broken}: Flags): Promise<void> {
  const {createMarket, DEMO_MARKET} = await import('../../simulator/market/market.ts');
  const {startSite} = await import('../../simulator/site/start-site.ts');
  const {CONTROL_PATH} = await import('../../simulator/site/control.ts');
  if (day < 1 || day > DEMO_MARKET.days) {
    throw new ConfigError(
      `--day ${day} is not in the simulated market: it has days 1 to ${DEMO_MARKET.days}`,
    );
  }
  if (size < 1) throw new ConfigError('--size 0: the simulated portal needs an advert');
  const market = createMarket({...DEMO_MARKET, size});
  const site = await startSite(market, {day: day - 1, port, broken}).catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `port ${port} can't be used (${cause.code ?? cause.message}): choose another, or 0`,
      {cause},
    );
  });
  print(`SIMULADO · a simulated Finca Raíz, day ${day}, at ${site.baseUrl} · Ctrl-C ends it`);
  print(`How it is, and how to break it: curl ${site.baseUrl}${CONTROL_PATH}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  print(`${site.requests.length} requests answered`);
  await site.close();
}
