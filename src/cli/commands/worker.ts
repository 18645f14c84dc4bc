import {hostname} from 'node:os';
import {Command} from 'commander';
import policy from '../../../raiz.config.ts';
import {findPortal} from '../../../scrapers/index.ts';
import {EXIT} from '../../domain/errors.ts';
import {announceHost} from '../../health/hosts.ts';
import {openBoss} from '../../jobs/boss.ts';
import {crawlShard} from '../../jobs/crawl-shard.ts';
import {type JobResult, runWorker, type WorkerEvent} from '../../jobs/worker.ts';
import {type CommandContext, withDatabase} from '../context.ts';
import {reviewRun} from '../health.ts';
import {print} from '../output.ts';
import {withInterrupt} from './crawl.ts';
import {outputLine} from './schedule.ts';

interface Flags {
  readonly once?: boolean;
  readonly portals?: string[];
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function workerCommand(): Command {
  return new Command('worker')
    .description('do scheduled crawls and the stages after them, one job at a time, until stopped')
    .option('--once', 'end when nothing can be done now')
    .option('--portals <id...>', 'only crawls of these portals (and the stages)')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print each event as a line of JSON')
    .addHelpText(
      'after',
      '\nAny number of workers may run, on any number of machines with the same DATABASE_URL and the same data folder.\n' +
        'The pace of each host holds for all of them together. SIGTERM gives the job in hand back; kill -9 loses nothing.\n\n' +
        'Examples:\n  raiz worker\n  raiz worker --once --portals fincaraiz\n\n' +
        'Exit codes: 0 stopped or nothing left, 3 with --once when a job failed.',
    )
    .action(async (flags: Flags) => {
      for (const portal of flags.portals ?? []) findPortal(portal);
      await withInterrupt(signal =>
        withDatabase({demo: flags.demo}, context => work(context, flags, signal)),
      );
    });
}

async function work(context: CommandContext, flags: Flags, signal: AbortSignal): Promise<void> {
  const {database, dataDir, hashKey, env, log, isDemo} = context;
  const boss = await openBoss(database, {isTimekeeper: true, onError: error => log.error(error)});
  try {
    await announceHost(database, {dataDir, host: hostname(), now: new Date()});
    const {failed} = await runWorker({
      ...{database, boss, isDemo, signal},
      portals: flags.portals,
      once: flags.once === true,
      crawl: (job, jobId, stop) =>
        reviewed(context, () =>
          crawlShard(job, {
            ...{database, dataDir, hashKey, policy, jobId, signal: stop, isSynthetic: isDemo},
            portal: findPortal(job.portal),
            contact: env.contact,
            chromium: env.chromium,
            now: () => new Date(),
          }),
        ),
      pipeline: stop => reviewed(context, () => runPipeline(context, stop)),
      onEvent: event => report(event, context, flags),
    });
    if (failed > 0 && flags.once === true) process.exitCode = EXIT.incomplete;
  } finally {
    await boss.close();
  }
}

/** What a job collected or made is in the health page and the alarms before the job ends. */
async function reviewed(context: CommandContext, work: () => Promise<JobResult>): Promise<JobResult> {
  const {database, dataDir} = context;
  await announceHost(database, {dataDir, host: hostname(), now: new Date()});
  const result = await work();
  if (!result.isInterrupted) await reviewRun(context, new Date());
  return result;
}

/** Every stage in turn; a stage that has begun is ended, those after it wait for the next worker. */
async function runPipeline(context: CommandContext, signal: AbortSignal): Promise<JobResult> {
  const {stageSteps, stages} = await import('../pipeline.ts');
  const output: Record<string, string> = {};
  for (const step of stageSteps(context, stages, {now: () => new Date()})) {
    if (signal.aborted) return {isInterrupted: true, output};
    output[step.title] = await step.run(() => undefined);
  }
  return {isInterrupted: false, output};
}

function report({queue, jobId, what, output}: WorkerEvent, {log}: CommandContext, {json}: Flags): void {
  const at = new Date().toISOString();
  log[what === 'failed' ? 'error' : 'info']({queue, jobId, output}, `job ${what}`);
  print(
    json === true
      ? JSON.stringify({at, queue, jobId, what, output})
      : [at, queue, what, outputLine(output ?? null)].filter(part => part !== '').join(' · '),
  );
}
