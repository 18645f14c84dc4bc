/** A new portal file, its test and its fixtures, written from the template beside this file. Pure: texts in, texts out. */
import {ConfigError} from '../domain/errors.ts';

export interface NewPortal {
  readonly id: string;
  readonly name: string;
  /** Origin, without a trailing slash. */
  readonly homepage: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
}

/** Where each file of the template goes, from the root of the repository. */
export const TEMPLATE_FILES: Readonly<Record<string, (id: string) => string>> = {
  'portal.ts.txt': id => `scrapers/${id}.ts`,
  'portal.test.ts.txt': id => `test/scrapers/${id}.test.ts`,
  'search.html': id => `test/scrapers/fixtures/${id}/search.html`,
  'search.expected.json': id => `test/scrapers/fixtures/${id}/search.expected.json`,
  'listing.html': id => `test/scrapers/fixtures/${id}/listing.html`,
  'listing.expected.json': id => `test/scrapers/fixtures/${id}/listing.expected.json`,
  'listing-removed.html': id => `test/scrapers/fixtures/${id}/listing-removed.html`,
};

/** An id is a name in TypeScript, a file and the first part of every listing's key. */
const ID = /^[a-z][a-z0-9]{2,29}$/;
const TAKEN = new Set(
  `index fixture portals scope page describe expect break case catch class const continue debugger default delete else enum
  export extends false finally for function import instanceof let new null package private protected public return static
  super switch this throw true try typeof var void while with yield await async`.split(/\s+/),
);

/** @throws ConfigError when the id or the address can't be a portal's. */
export function newPortal(
  given: {readonly id: string; readonly name?: string | undefined; readonly homepage: string},
  today: string,
  knownIds: readonly string[],
): NewPortal {
  const {id} = given;
  if (!ID.test(id) || TAKEN.has(id))
    throw new ConfigError(
      `"${id}" can't be a portal's id: 3 to 30 small letters and digits, a letter first, no word of TypeScript, as casafeliz`,
    );
  if (knownIds.includes(id))
    throw new ConfigError(`there is a portal "${id}" already: edit scrapers/${id}.ts`);
  const name = given.name?.trim() || id.charAt(0).toUpperCase() + id.slice(1);
  if (!/^[\p{L}\p{N} .&-]{2,60}$/u.test(name))
    throw new ConfigError(`--name "${name}": letters, digits, spaces and . & - only, at most 60`);
  return {id, name, homepage: originOf(given.homepage), today};
}

function originOf(homepage: string): string {
  const url = URL.canParse(homepage) ? new URL(homepage) : undefined;
  if (url?.protocol === 'https:' && url.pathname === '/' && url.search + url.hash + url.username === '')
    return url.origin;
  throw new ConfigError(
    `--homepage ${homepage}: give the portal's https address without a path, as https://www.casafeliz.example`,
  );
}

/** A text of the template with the new portal's words. */
export function fillTemplate(text: string, {id, name, homepage, today}: NewPortal): string {
  return text
    .replaceAll('%ID%', id)
    .replaceAll('%NAME%', name)
    .replaceAll('%HOMEPAGE%', homepage)
    .replaceAll('%TODAY%', today);
}

const LIST = /(export const portals: readonly Portal\[\] = \[)([^\]]*)(\];)/;
const LINE_WIDTH = 110;

/** `scrapers/index.ts` with the portal imported and listed. @throws ConfigError when it isn't built as expected. */
export function registerPortal(indexText: string, id: string): string {
  const imports = indexText.match(/^import \w+ from '\.\/[\w-]+\.ts';\n/gm) ?? [];
  const [, head = '', listed = '', tail = ''] = LIST.exec(indexText) ?? [];
  const first = imports[0];
  if (first === undefined || head === '')
    throw new ConfigError(
      `scrapers/index.ts isn't built as expected: import ./${id}.ts there and add it to "portals" by hand`,
    );
  const ids = [...(listed.match(/\w+/g) ?? []), id];
  const inOne = `${head}${ids.join(', ')}${tail}`;
  const list =
    inOne.length <= LINE_WIDTH ? inOne : `${head}\n${ids.map(each => `  ${each},\n`).join('')}${tail}`;
  const sorted = [...imports, `import ${id} from './${id}.ts';\n`].sort((left, right) =>
    pathOf(left) < pathOf(right) ? -1 : 1,
  );
  const without = imports.slice(1).reduce((text, line) => text.replace(line, ''), indexText);
  return without.replace(first, sorted.join('')).replace(LIST, list);
}

function pathOf(line: string): string {
  return /'(.*)'/.exec(line)?.[1] ?? '';
}

/** Lines for `raiz.config.ts`, for a person to paste. */
export function policyLines(id: string): string {
  return `    ${id}: {
      places: ['antioquia/medellin'],
      operations: ['sale'],
      propertyTypes: ['house'],
      maxPagesPerRun: 200,
    },`;
}
