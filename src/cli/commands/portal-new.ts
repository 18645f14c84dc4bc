import {existsSync} from 'node:fs';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {Command} from 'commander';
import {declinedPortals, portals} from '../../../scrapers/index.ts';
import {PROGRAM_DIR} from '../../config/env.ts';
import {ConfigError} from '../../domain/errors.ts';
import {bogotaDay} from '../../lib/bogota-day.ts';
import {
  fillTemplate,
  type NewPortal,
  newPortal,
  policyLines,
  registerPortal,
  TEMPLATE_FILES,
} from '../../portal/scaffold.ts';
import {print, printJson} from '../output.ts';

const TEMPLATE = join(PROGRAM_DIR, 'src/portal/template');
const INDEX = 'scrapers/index.ts';

interface Flags {
  readonly homepage: string;
  readonly name?: string;
  readonly json?: boolean;
}

/** `raiz portal new`: portal file, test and fixtures from the template, registered. */
export function newCommand(): Command {
  return new Command('new')
    .description('write a portal file, its test and its fixtures from the template, and register it')
    .argument('<id>', 'id of the portal: small letters and digits')
    .requiredOption('--homepage <address>', "the portal's https address, without a path")
    .option('--name <name>', 'name for people (default: the id)')
    .option('--json', 'print the files as JSON')
    .addHelpText(
      'after',
      "\nNothing is overwritten.\n\nExample:\n  raiz portal new casafeliz --homepage https://www.casafeliz.example --name 'Casa Feliz'",
    )
    .action(async (id: string, flags: Flags) => {
      const known = [...portals, ...declinedPortals].map(portal => portal.id);
      const files = await writePortal(newPortal({id, ...flags}, bogotaDay(new Date()), known));
      if (flags.json === true) printJson({id, files, policy: policyLines(id)});
      else printNext(id, files);
    });
}

/** @returns the files, from the root of the repository. @throws ConfigError when one of them is there already. */
async function writePortal(portal: NewPortal): Promise<string[]> {
  const files = Object.entries(TEMPLATE_FILES).map(([from, to]) => ({from, to: to(portal.id)}));
  const standing = files.map(({to}) => to).filter(to => existsSync(join(PROGRAM_DIR, to)));
  if (standing.length > 0)
    throw new ConfigError(`${standing.join(', ')} exists already and is not overwritten: move it away`);
  // Before anything is written: it may refuse.
  const index = registerPortal(await readFile(join(PROGRAM_DIR, INDEX), 'utf8'), portal.id);
  for (const {from, to} of files) {
    const text = fillTemplate(await readFile(join(TEMPLATE, from), 'utf8'), portal);
    await mkdir(dirname(join(PROGRAM_DIR, to)), {recursive: true});
    await writeFile(join(PROGRAM_DIR, to), text, {flag: 'wx'});
  }
  await writeFile(join(PROGRAM_DIR, INDEX), index);
  return [...files.map(({to}) => to), INDEX];
}

function printNext(id: string, files: readonly string[]): void {
  for (const file of files) print(`${file === INDEX ? 'changed' : 'written'}  ${file}`);
  print(`\nFor raiz.config.ts, under "portals":\n\n${policyLines(id)}\n`);
  print(`Next, what is marked ✎ in scrapers/${id}.ts; see CONTRIBUTING.md, "Add a portal in 15 minutes":`);
  print(`  raiz portal capture ${id} saved-page.html\n  raiz portal check ${id}`);
}
