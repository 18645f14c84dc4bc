import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {Command} from 'commander';
import {findPortal} from '../../../scrapers/index.ts';
import {ConfigError} from '../../domain/errors.ts';
import {type Capture, capturePage} from '../../portal/capture.ts';
import type {Portal} from '../../portal/define-portal.ts';
import type {TriedPage} from '../../portal/try.ts';
import {installationOf, withDatabase} from '../context.ts';
import {formatCount, print, printJson} from '../output.ts';

interface Flags {
  readonly as?: string;
  readonly url?: string;
  readonly json?: boolean;
}

const WARNING =
  "These are still a real page's words and numbers. Never commit them: invent others of the same shape, in\n" +
  'test/scrapers/fixtures, and put invented personal data where the real page had some.';

/** `raiz portal capture`: a saved page, kept and redacted, below the data folder. */
export function captureCommand(): Command {
  return new Command('capture')
    .description('keep and redact one page as a crawl would, as a model for a fixture, below the data folder')
    .argument('<portal>', 'id of the portal')
    .argument('<page>', 'HTML file, an address on this machine, or one of the real portal (needs a review)')
    .option('--as <name>', 'name of the files (default: that of the page)')
    .option('--url <address>', "the portal's own address of a saved page, where the page doesn't say it")
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nWhat redaction drops is named, never shown. A real site is asked once, by robots.txt and pace, and only after:\n' +
        '  raiz portal review <portal>\n\nExample:\n  raiz portal capture fincaraiz saved-page.html --as search',
    )
    .action(async (id: string, source: string, flags: Flags) => {
      const portal = findPortal(id);
      const name = flags.as ?? nameOf(source);
      if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(name))
        throw new ConfigError(
          `"${name}" is no name for files: small letters, digits and -; say another with --as`,
        );
      // Nobody needs its pseudonyms to agree with those of the installation.
      const capture = capturePage(portal, await openPage(portal, source, flags.url), 'capture');
      const files = await save(capture, join(installationOf({}).dataDir, 'captures', id), name);
      if (flags.json === true) printJson({files, ...capture.report});
      else printCapture(capture, files, id);
    });
}

function nameOf(source: string): string {
  const last = basename(source.replace(/[?#].*$/, ''));
  return last
    .replace(/\.html?$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
}

async function openPage(portal: Portal, source: string, url: string | undefined): Promise<TriedPage> {
  if (URL.canParse(source) && /^https?:$/.test(new URL(source).protocol)) return fetchPage(portal, source);
  const body = await readFile(source, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(`can't read ${source} (${cause.code ?? cause.message}): give a saved HTML page`, {
      cause,
    });
  });
  return url === undefined ? {body} : {body, url};
}

async function fetchPage(portal: Portal, url: string): Promise<TriedPage> {
  const {fetchOnePage} = await import('../../crawl/fetch-one.ts');
  return withDatabase({}, async ({database, env: {contact, chromium}}) => {
    const now = () => new Date();
    const {body, finalUrl, status} = await fetchOnePage({database, portal, url, contact, chromium, now});
    return {body, url: finalUrl, status};
  });
}

async function save({content, html}: Capture, folder: string, name: string): Promise<string[]> {
  const texts = {
    ...(html === null ? {} : {[`${name}.html`]: html}),
    [`${name}.content.json`]: `${JSON.stringify(content, null, 1)}\n`,
  };
  await mkdir(folder, {recursive: true});
  for (const [file, text] of Object.entries(texts)) await writeFile(join(folder, file), text);
  return Object.keys(texts).map(file => join(folder, file));
}

function printCapture({html, report}: Capture, files: readonly string[], id: string): void {
  const {charactersBefore, charactersAfter, droppedPaths, changedPaths, tokens} = report;
  print(`kept     ${formatCount(charactersAfter)} of ${formatCount(charactersBefore)} characters`);
  print(`dropped  ${droppedPaths.join(', ') || 'no field'}`);
  print(`changed  ${changedPaths.join(', ') || 'no field'}`);
  const marks = Object.entries(tokens).map(([token, n]) => `${token} × ${n}`);
  print(`tokens   ${marks.join(', ') || 'none'}`);
  for (const file of files) print(`written  ${file}`);
  if (html === null) print('No script of the page carries this state alone: model the fixture by hand.');
  else print(`Try it:  raiz portal try ${id} ${files[0]}`);
  if (report.unusedRules.length > 0)
    print(
      `\n! Not in this page: ${report.unusedRules.join(', ')}. Adapt "redact" in scrapers/${id}.ts first.`,
    );
  print(`\n! ${WARNING}`);
}
