import {spawnSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)));
}

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

test('imports go one way (dependency-cruiser)', () => {
  const binary = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const folders = ['src', 'scrapers', 'pipelines', 'drizzle/schema'];
  const {stdout} = spawnSync(process.execPath, [binary, '--output-type', 'json', ...folders], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const {summary}: {summary: CruiseSummary} = JSON.parse(stdout);
  // A parser that can't read this TypeScript would cruise nothing and call it clean.
  expect(summary.totalCruised).toBeGreaterThan(folders.flatMap(sourceFiles).length - 1);
  expect(summary.violations.map(({rule, from, to}) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
});

interface CruiseSummary {
  readonly totalCruised: number;
  readonly violations: readonly {
    readonly rule: {readonly name: string};
    readonly from: string;
    readonly to: string;
  }[];
}

test('only src/config/env.ts reads process.env', () => {
  const readers = ['src', 'scrapers', 'pipelines', 'drizzle']
    .flatMap(sourceFiles)
    .filter(file => file !== 'src/config/env.ts' && /process\.env\b/.test(read(file)));
  expect(readers).toEqual([]);
});

test('pure code takes time and chance as arguments', () => {
  const pure = [
    ...['src/domain', 'src/lib', 'src/portal', 'src/ml', 'scrapers'].flatMap(sourceFiles),
    ...sourceFiles('pipelines').filter(file => !file.endsWith('stage.ts')),
  ];
  const impure = pure.filter(file => /Date\.now\(|Math\.random\(|new Date\(\)/.test(read(file)));
  expect(impure).toEqual([]);
});

test('every test file mirrors a source file', () => {
  const sources = new Set(['src', 'scrapers', 'pipelines'].flatMap(sourceFiles));
  const orphans = ['test/src', 'test/scrapers', 'test/pipelines']
    .flatMap(sourceFiles)
    .filter(
      file =>
        file.endsWith('.test.ts') && !sources.has(file.replace(/^test\//, '').replace('.test.ts', '.ts')),
    );
  expect(orphans).toEqual([]);
});
