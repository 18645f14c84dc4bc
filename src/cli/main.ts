import {Command, CommanderError} from 'commander';
import {outliveClosedConnections} from '../db/closed-connection.ts';
import {EXIT, RaizError} from '../domain/errors.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import {printError} from './output.ts';

/** By name, in the order of the help. A command's modules are loaded when it is called: all of them take most of a second. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map(
  Object.entries({
    demo: async () => (await import('./commands/demo.ts')).demoCommand(),
    run: async () => (await import('./commands/run.ts')).runCommand(),
    crawl: async () => (await import('./commands/crawl.ts')).crawlCommand(),
    import: async () => (await import('./commands/import.ts')).importCommand(),
    archive: async () => (await import('./commands/archive.ts')).archiveCommand(),
    stage: async () => (await import('./commands/stage.ts')).stageCommand(),
    places: async () => (await import('./commands/places.ts')).placesCommand(),
    access: async () => (await import('./commands/access.ts')).accessCommand(),
    find: async () => (await import('./commands/find.ts')).findCommand(),
    value: async () => (await import('./commands/value.ts')).valueCommand(),
    trace: async () => (await import('./commands/trace.ts')).traceCommand(),
    property: async () => (await import('./commands/property.ts')).propertyCommand(),
    advertisers: async () => (await import('./commands/advertisers.ts')).advertisersCommand(),
    portal: async () => (await import('./commands/portal.ts')).portalCommand(),
    anomaly: async () => (await import('./commands/anomaly.ts')).anomalyCommand(),
    train: async () => (await import('./commands/train.ts')).trainCommand(),
    model: async () => (await import('./commands/model.ts')).modelCommand(),
    release: async () => (await import('./commands/release.ts')).releaseCommand(),
    schedule: async () => (await import('./commands/schedule.ts')).scheduleCommand(),
    worker: async () => (await import('./commands/worker.ts')).workerCommand(),
    status: async () => (await import('./commands/status.ts')).statusCommand(),
    incidents: async () => (await import('./commands/incidents.ts')).incidentsCommand(),
    issues: async () => (await import('./commands/issues.ts')).issuesCommand(),
    quality: async () => (await import('./commands/quality.ts')).qualityCommand(),
    rules: async () => (await import('./commands/rules.ts')).rulesCommand(),
    doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
    db: async () => (await import('./commands/db.ts')).dbCommand(),
  }),
);

/** @param name of the command that is called; anything else loads all, for the help or a suggestion. */
async function buildProgram(name: string | undefined): Promise<Command> {
  const program = new Command('raiz')
    .description('Open housing-data pipeline of Medellín: crawl, history, places, price models, releases.')
    .version(RAIZ_VERSION)
    .showHelpAfterError('Add --help to see what is possible.')
    .addHelpText(
      'after',
      '\nFirst steps:\n  raiz demo              the whole pipeline, offline, on a simulated market\n' +
        '  raiz import file.csv   a file of real listings\n  raiz status            what ran and how it ended\n',
    );
  const called = COMMANDS.get(name ?? '');
  const commands = await Promise.all(
    (called === undefined ? [...COMMANDS.values()] : [called]).map(load => load()),
  );
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
  const program = await buildProgram(argv[2]);
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
