import {Command, InvalidArgumentError} from 'commander';
import policy from '../../../raiz.config.ts';
import {openBoss} from '../../jobs/boss.ts';
import {
  registerSchedule,
  type ScheduledCrawl,
  type ScheduleHealth,
  scheduledCrawls,
  scheduleHealth,
  sendNow,
} from '../../jobs/schedule.ts';
import {type CommandContext, withDatabase} from '../context.ts';
import {formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly baseUrl?: string;
  readonly shards?: number;
  readonly cron?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function scheduleCommand(): Command {
  const schedule = new Command('schedule')
    .description('crawls at the times of raiz.config.ts, done by workers; each round ends with every stage')
    .addHelpText(
      'after',
      '\nNothing is sent or done without a worker: raiz worker\n\nExamples:\n  raiz schedule          # register what raiz.config.ts says\n' +
        '  raiz schedule once     # and send every crawl now\n  raiz schedule list     # next times, what waits, what was given up\n' +
        '  raiz schedule once --demo --base-url http://127.0.0.1:8080\n' +
        "  raiz schedule --demo --base-url http://127.0.0.1:8080 --cron '*/2 * * * *'",
    );
  schedule.addCommand(
    sending('register')
      .description('make the schedules those of raiz.config.ts (the default)')
      .action((flags: Flags) => withSchedule(flags, () => Promise.resolve())),
    {isDefault: true},
  );
  schedule.addCommand(
    sending('once')
      .description('register, and send every crawl now; one that waits already is not doubled')
      .action((flags: Flags) =>
        withSchedule(flags, async (boss, crawls) => {
          const sent = await sendNow(boss, crawls);
          if (flags.json !== true) print(`${sent} of ${crawls.length} crawls sent\n`);
        }),
      ),
  );
  schedule.addCommand(
    new Command('list')
      .description('next times, what waits, what runs, what was given up')
      .option('--demo', 'of the simulated installation')
      .option('--json', 'print as JSON')
      .action((flags: Flags) =>
        withDatabase({demo: flags.demo}, context => withBoss(context, () => printHealth(context, flags))),
      ),
  );
  return schedule;
}

/** A subcommand that sets schedules. */
function sending(name: string): Command {
  return new Command(name)
    .option('--base-url <address>', 'with --demo: a server on this machine that stands in for the portals')
    .option('--shards <n>', "parts of each crawl instead of the policy's number", wholeNumber)
    .option('--cron <fields>', "with --demo: times instead of the policy's, as */2 * * * *")
    .option('--demo', 'in the simulated installation')
    .option('--json', 'print as JSON');
}

function wholeNumber(text: string): number {
  if (!/^([1-9]|1[0-6])$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 1 to 16.');
  return Number(text);
}

type Boss = Awaited<ReturnType<typeof openBoss>>;

async function withSchedule(
  flags: Flags,
  then: (boss: Boss, crawls: readonly ScheduledCrawl[]) => Promise<void>,
): Promise<void> {
  const {baseUrl, shards, cron} = flags;
  const crawls = scheduledCrawls(policy, {isDemo: flags.demo === true, baseUrl, shards, cron});
  await withDatabase({demo: flags.demo}, context =>
    withBoss(context, async boss => {
      await registerSchedule(boss, context.database.orm, crawls);
      await then(boss, crawls);
      await printHealth(context, flags);
    }),
  );
}

async function withBoss({database, log}: CommandContext, work: (boss: Boss) => Promise<void>): Promise<void> {
  const boss = await openBoss(database, {isTimekeeper: false, onError: error => log.error(error)});
  try {
    await work(boss);
  } finally {
    await boss.close();
  }
}

async function printHealth({database}: CommandContext, flags: Flags): Promise<void> {
  const health = await scheduleHealth(database.orm, new Date());
  if (flags.json === true) printJson(health);
  else printTables(health);
}

function printTables({queues, dead}: ScheduleHealth): void {
  print(
    formatTable(queues, [
      {title: 'queue', value: row => row.queue},
      {title: 'cron', value: row => row.cron},
      {title: 'next, Bogotá', value: row => (row.nextAt === null ? null : bogotaTime(row.nextAt))},
      {title: 'waiting', align: 'right', value: row => row.waiting},
      {title: 'retrying', align: 'right', value: row => row.retrying},
      {title: 'running', align: 'right', value: row => row.active},
      {title: 'last ended', value: row => (row.doneAt === null ? null : bogotaTime(row.doneAt))},
      {title: 'with', value: row => outputLine(row.output)},
    ]),
  );
  if (dead.length === 0) return;
  print('\nGiven up after all attempts (repair the cause, then: raiz schedule once):');
  print(
    formatTable(dead, [
      {title: 'given up', value: row => bogotaTime(row.diedAt)},
      {title: 'job', value: row => outputLine(row.data)},
      {title: 'why', value: row => outputLine(row.output)},
    ]),
  );
}

/** `runId 7, verdict complete`; lines of a message are put together. */
export function outputLine(output: Readonly<Record<string, unknown>> | null): string {
  const parts = Object.entries(output ?? {}).map(([name, value]) =>
    name === 'message' ? value : `${name} ${value}`,
  );
  return parts.join(', ').replace(/\s+/g, ' ');
}

function bogotaTime(at: Date): string {
  return at.toLocaleString('sv-SE', {timeZone: 'America/Bogota', dateStyle: 'short', timeStyle: 'short'});
}
