import {Command} from 'commander';
import {openIncidents} from '../../db/health.ts';
import {portalHealth, stageHealth} from '../../db/status.ts';
import {detailPagesOf, savedPagesOf} from '../../domain/detail-plan.ts';
import {withDatabase} from '../context.ts';
import {incidentsTable} from '../health.ts';
import {formatSeconds, formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly demo?: boolean;
  readonly json?: boolean;
  readonly runs: string;
}

export function statusCommand(): Command {
  return new Command('status')
    .description('what ran, how it ended, and what it saw')
    .option('--runs <n>', 'how many of the newest runs to show', '8')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  raiz status --demo')
    .action(async (flags: Flags) => {
      await withDatabase({demo: flags.demo}, async ({database}) => {
        const incidents = await openIncidents(database.orm);
        const runs = await portalHealth(database.orm, Number.parseInt(flags.runs, 10));
        const stages = await stageHealth(database.orm);
        if (flags.json === true) {
          printJson({incidents, runs, stages});
          return;
        }
        if (runs.length === 0) {
          print('Nothing has been collected yet. Begin with: raiz import <file>, or raiz demo');
          return;
        }
        if (incidents.length === 0) print('No open incidents.\n');
        else print(`${incidentsTable(incidents)}\nWhat to do about each: docs/runbook.md\n`);
        print(runsTable(runs));
        print();
        print(
          formatTable(stages, [
            {title: 'stage', value: row => row.stage},
            {title: 'status', value: row => row.status},
            {
              title: 'finished',
              value: row => row.finishedAt?.toISOString().slice(0, 16).replace('T', ' ') ?? null,
            },
            {title: 'keys', align: 'right', value: row => row.keysDone},
            {title: 'failed', align: 'right', value: row => row.keysFailed},
            {
              title: 'took',
              align: 'right',
              value: row => (row.seconds === null ? null : formatSeconds(row.seconds)),
            },
            {title: 'message', value: row => row.message ?? ''},
          ]),
        );
      });
    });
}

export type RunRow = Awaited<ReturnType<typeof portalHealth>>[number];

/** Runs with pages, listings and scopes by verdict, newest last. */
export function runsTable(runs: readonly RunRow[]): string {
  return formatTable(runs, [
    {title: 'run', align: 'right', value: row => String(row.runId)},
    {title: 'portal', value: row => row.portal},
    {title: 'day', value: row => row.observedOn},
    {title: 'kind', value: row => row.kind},
    {title: 'verdict', value: row => row.verdict ?? 'running'},
    {title: 'pages', align: 'right', value: row => row.pages},
    {
      title: 'details',
      align: 'right',
      value: row => (row.detailPlan === null ? null : detailPagesOf(row.detailPlan)),
    },
    {
      title: 'saved',
      align: 'right',
      value: row => (row.detailPlan === null ? null : savedPagesOf(row.detailPlan)),
    },
    {title: 'listings', align: 'right', value: row => row.listings},
    {title: 'announced', align: 'right', value: row => row.announced},
    {title: 'scopes', value: row => row.scopes},
    {title: 'why', value: row => row.reason ?? ''},
  ]);
}
