import {Command} from 'commander';
import policy from '../../../raiz.config.ts';
import {portals} from '../../../scrapers/index.ts';
import {openDatabase} from '../../db/open.ts';
import {EXIT} from '../../domain/errors.ts';
import {examine} from '../../health/doctor.ts';
import {installationOf} from '../context.ts';
import {print, printJson} from '../output.ts';

const MARKS = {ok: '✔', warning: '!', failed: '✖'} as const;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check what this installation needs: program, folder, database, archive, browser, reviews')
    .option('--demo', 'the simulated installation')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nNothing is changed but a small file that is written and removed.\n\nExample:\n  raiz doctor\n\nExit codes: 0 well, warnings or not; 4 a check failed.',
    )
    .action(async (flags: {demo?: boolean; json?: boolean}) => {
      const {dataDir, databaseName, env} = installationOf(flags);
      const configured = flags.demo === true ? [] : Object.keys(policy.portals);
      const checks = await examine({
        dataDir,
        nodeVersion: process.version,
        contact: env.contact,
        portals: configured,
        browserPortals: configured.filter(id =>
          portals.some(portal => portal.id === id && portal.politeness.transport === 'browser'),
        ),
        chromium: env.chromium,
        openDatabase: () => openDatabase({env, dataDir, databaseName, migrate: false, max: 2}),
        now: new Date(),
      });
      if (flags.json === true) printJson(checks);
      else {
        for (const {name, status, found, remedy} of checks)
          print(`${MARKS[status]} ${name}: ${found}${remedy === '' ? '' : `\n    → ${remedy}`}`);
      }
      process.exitCode = checks.some(check => check.status === 'failed') ? EXIT.contract : EXIT.ok;
    });
}
