import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Command} from 'commander';
import policy from '../../../raiz.config.ts';
import {findPortal} from '../../../scrapers/index.ts';
import {PROGRAM_DIR} from '../../config/env.ts';
import {codeOf} from '../../db/explain.ts';
import {ConfigError, EXIT} from '../../domain/errors.ts';
import {checkPortal, type PortalEvidence} from '../../portal/check.ts';
import type {Fixture} from '../../portal/check-pages.ts';
import {print, printJson} from '../output.ts';

/** `raiz portal check`: what can be known of a portal file without a network. */
export function checkCommand(): Command {
  return new Command('check')
    .description('check a portal file against its fixtures: what is missing, and what to do')
    .argument('<portal>', 'id of the portal')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nNothing is requested and nothing is written.\n\nExample:\n  raiz portal check fincaraiz\n\n' +
        'Exit codes: 0 all passed, 2 no such portal or no fixtures, 4 a check failed.',
    )
    .action(async (id: string, flags: {json?: boolean}) => {
      const portal = findPortal(id);
      const checks = checkPortal(portal, await readEvidence(id));
      if (flags.json === true) printJson(checks);
      else {
        const width = Math.max(...checks.map(({name}) => name.length));
        for (const {name, isPassed, found, remedy} of checks) {
          print(`${isPassed ? '✔' : '✖'} ${name.padEnd(width)}  ${found}`);
          if (!isPassed) print(`  ${' '.repeat(width)}  → ${remedy}`);
        }
      }
      process.exitCode = checks.every(({isPassed}) => isPassed) ? EXIT.ok : EXIT.contract;
    });
}

const DEFAULT_PLACE = 'antioquia/medellin';

async function readEvidence(id: string): Promise<PortalEvidence> {
  const scrapers = join(PROGRAM_DIR, 'scrapers');
  const names = (await readdir(scrapers)).filter(name => name === `${id}.ts` || name.startsWith(`${id}-`));
  const sources = await Promise.all(
    names.map(async name => ({
      file: `scrapers/${name}`,
      text: await readFile(join(scrapers, name), 'utf8'),
    })),
  );
  return {
    sources,
    fixtures: await readFixtures(join(PROGRAM_DIR, 'test/scrapers/fixtures', id)),
    place: policy.portals[id]?.places[0] ?? DEFAULT_PLACE,
  };
}

async function readFixtures(folder: string): Promise<Fixture[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new ConfigError(`there are no fixtures at ${folder}: run this in a clone of the repository`);
  });
  const pages = names.filter(name => name.endsWith('.html')).map(name => name.slice(0, -'.html'.length));
  return Promise.all(
    pages.map(async name => {
      const expectation = `${name}.expected.json`;
      const expected = names.includes(expectation)
        ? JSON.parse(await readFile(join(folder, expectation), 'utf8'))
        : undefined;
      return {name, body: await readFile(join(folder, `${name}.html`), 'utf8'), expected};
    }),
  );
}
