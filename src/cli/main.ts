import {Command, CommanderError} from 'commander';
import {outliveClosedConnections} from '../db/closed-connection.ts';
import {EXIT, RaizError} from '../domain/errors.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import {accessCommand} from './commands/access.ts';
import {advertisersCommand} from './commands/advertisers.ts';
import {archiveCommand} from './commands/archive.ts';
import {crawlCommand} from './commands/crawl.ts';
import {dbCommand} from './commands/db.ts';
import {demoCommand} from './commands/demo.ts';
import {doctorCommand} from './commands/doctor.ts';
import {findCommand} from './commands/find.ts';
import {importCommand} from './commands/import.ts';
import {incidentsCommand} from './commands/incidents.ts';
import {issuesCommand} from './commands/issues.ts';
import {modelCommand} from './commands/model.ts';
import {placesCommand} from './commands/places.ts';
import {portalCommand} from './commands/portal.ts';
import {propertyCommand} from './commands/property.ts';
import {qualityCommand} from './commands/quality.ts';
import {releaseCommand} from './commands/release.ts';
import {rulesCommand} from './commands/rules.ts';
import {runCommand} from './commands/run.ts';
import {scheduleCommand} from './commands/schedule.ts';
import {stageCommand} from './commands/stage.ts';
import {statusCommand} from './commands/status.ts';
import {traceCommand} from './commands/trace.ts';
import {valueCommand} from './commands/value.ts';
import {workerCommand} from './commands/worker.ts';
import {printError} from './output.ts';

export function buildProgram(): Command {
  const program = new Command('raiz')
    .description('Open housing-data pipeline of Medellín: crawl, history, places, price models, releases.')
    .version(RAIZ_VERSION)
    .showHelpAfterError('Add --help to see what is possible.')
    .addHelpText(
      'after',
      '\nFirst steps:\n  raiz demo              the whole pipeline, offline, on a simulated market\n' +
        '  raiz import file.csv   a file of real listings\n  raiz status            what ran and how it ended\n',
    );
  const commands = [
    demoCommand(),
    runCommand(),
    crawlCommand(),
    importCommand(),
    archiveCommand(),
    stageCommand(),
    placesCommand(),
    accessCommand(),
    findCommand(),
    valueCommand(),
    traceCommand(),
    propertyCommand(),
    advertisersCommand(),
    portalCommand(),
    modelCommand(),
    releaseCommand(),
    scheduleCommand(),
    workerCommand(),
    statusCommand(),
    incidentsCommand(),
    issuesCommand(),
    qualityCommand(),
    rulesCommand(),
    doctorCommand(),
    dbCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  return program;
}

/** Runs one command line and sets the exit code; nothing else in the program ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // `raiz … | head` closes the pipe early: not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
  outliveClosedConnections(error => {
    printError(error, argv.includes('--json'));
    process.exit(EXIT.bug);
  });
  const program = buildProgram();
  exitByThrowing(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    printError(error, argv.includes('--json'));
    process.exitCode = error instanceof RaizError ? error.exitCode : EXIT.bug;
  }
}

function exitByThrowing(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByThrowing(child);
}
