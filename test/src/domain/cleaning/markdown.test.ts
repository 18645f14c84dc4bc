import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {cleaningMarkdown} from '../../../../src/domain/cleaning/markdown.ts';
import {CLEANING_RULES} from '../../../../src/domain/cleaning-rules.ts';

const page = readFileSync(new URL('../../../../docs/cleaning.md', import.meta.url), 'utf8');

test('docs/cleaning.md is the table; make it anew with: npm run -s raiz -- rules --markdown > docs/cleaning.md', () => {
  expect(page).toBe(cleaningMarkdown());
});

test('every rule has one line there, with as many cells as the header', () => {
  const lines = page.split('\n').filter(line => line.startsWith('| `'));
  expect(lines.map(line => line.split('`')[1]).sort()).toEqual(Object.keys(CLEANING_RULES).sort());
  for (const line of lines) expect(line.split('|'), line).toHaveLength(8);
});
