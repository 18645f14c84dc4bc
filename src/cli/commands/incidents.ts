import {userInfo} from 'node:os';
import {Command, InvalidArgumentError} from 'commander';
import {incidentById, newestIncidents} from '../../db/health.ts';
import {doubtedRuns, recordAbsenceDecisions, refreshSurges} from '../../db/surges.ts';
import {ConfigError} from '../../domain/errors.ts';
import {withDatabase} from '../context.ts';
import {incidentsTable} from '../health.ts';
import {print, printJson} from '../output.ts';

interface Flags {
  readonly by?: string;
  readonly note: string;
  readonly last: number;
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** `raiz incidents`: what was not as it was, and a person's word on adverts that vanished. */
export function incidentsCommand(): Command {
  return new Command('incidents')
    .description('what was not as it was, open and over; accept adverts that vanished as gone')
    .addHelpText('after', '\nExample:\n  raiz incidents\n\nWhat to do about each: docs/runbook.md')
    .addCommand(
      new Command('list')
        .description('the newest incidents, open or over (the default)')
        .option('--last <n>', 'how many', wholeNumber, 20)
        .option('--demo', 'of the simulated installation')
        .option('--json', 'print as JSON')
        .addHelpText('after', '\nExample:\n  raiz incidents list --last 50')
        .action(list),
      {isDefault: true},
    )
    .addCommand(
      new Command('accept')
        .description('the adverts that a gone_rate incident speaks of have left: their spells may end')
        .argument('<number>', 'of the incident', wholeNumber)
        .requiredOption('--note <text>', 'why: what you looked at')
        .option('--by <name>', 'who decides (default: the user of this machine)')
        .option('--demo', 'of the simulated installation')
        .option('--json', 'print as JSON')
        .addHelpText(
          'after',
          '\nThe decision is kept for ever. Without it those absences end nothing until three more complete runs confirm them.' +
            '\n\nExample:\n  raiz incidents accept 7 --note "opened ten of them: all say no longer available"',
        )
        .action(accept),
    );
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

async function list(flags: Flags): Promise<void> {
  await withDatabase({demo: flags.demo}, async ({database}) => {
    const incidents = await newestIncidents(database.orm, flags.last);
    if (flags.json === true) printJson(incidents);
    else if (incidents.length === 0) print('No incident so far.');
    else print(`${incidentsTable(incidents)}\nWhat to do about each: docs/runbook.md`);
  });
}

async function accept(incidentId: number, flags: Flags): Promise<void> {
  await withDatabase({demo: flags.demo}, async ({database: {orm}}) => {
    const incident = await incidentById(orm, incidentId);
    if (incident?.kind !== 'gone_rate') {
      const what = incident === undefined ? 'there is no such incident' : `it is of kind ${incident.kind}`;
      throw new ConfigError(
        `incident ${incidentId} can't be accepted: ${what}. Only gone_rate can; see raiz incidents`,
      );
    }
    await refreshSurges(orm);
    const decidedAt = new Date();
    const {portal, since, closedAt} = incident;
    const runs = await doubtedRuns(orm, portal, {from: since, to: closedAt ?? decidedAt});
    if (runs.length === 0)
      throw new ConfigError(
        `incident ${incidentId}: no run of ${portal} is doubted any more; nothing to accept`,
      );
    const decision = {decidedAt, decidedBy: flags.by ?? userInfo().username, note: flags.note};
    await recordAbsenceDecisions(
      orm,
      runs.map(({runId}) => ({...decision, runId})),
    );
    if (flags.json === true) return printJson({...decision, runs});
    const demo = flags.demo === true ? ' --demo' : '';
    for (const {runId, absent} of runs)
      print(`Recorded: the ${absent} adverts that run ${runId} of ${portal} misses have left.`);
    print(`It takes effect with the next clean: raiz stage clean${demo}`);
  });
}
