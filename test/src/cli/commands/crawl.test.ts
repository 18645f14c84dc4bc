import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {crawlCommand, exitCodeOf} from '../../../../src/cli/commands/crawl.ts';
import type {ScopeReport} from '../../../../src/crawl/crawl.ts';
import {ConfigError} from '../../../../src/domain/errors.ts';
import type {Verdict} from '../../../../src/domain/vocabulary.ts';

let output: string;
beforeEach(() => {
  output = '';
  // No installation: what another one of this machine holds must not show in the figures.
  vi.stubEnv('DATABASE_URL', undefined);
  vi.stubEnv('RAIZ_DATA_DIR', join(tmpdir(), 'raiz-no-installation'));
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += String(text);
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const run = (...args: string[]) => crawlCommand().exitOverride().parseAsync(args, {from: 'user'});

describe('raiz crawl --dry-run', () => {
  test('prints searches, robots decision, budget and hours, and asks the real site nothing', async () => {
    await run(
      'fincaraiz',
      '--city',
      'bello',
      '--operation',
      'rent',
      '--type',
      'house',
      'apartment',
      '--dry-run',
    );
    expect(output).toContain('fincaraiz: 2 searches, nothing visited');
    expect(output).toContain('https://www.fincaraiz.com.co/arriendo/casas/bello/antioquia');
    expect(output).toContain('robots.txt: read when the crawl begins');
    expect(output).toContain('up to 4,000 pages, one page in 2 s: up to 2.2 hours');
  });

  test('prints the sitemaps of a portal that is walked by them, once for all searches', async () => {
    await run('ciencuadras', '--city', 'bello', '--operation', 'rent', '--dry-run');
    expect(output).toContain('ciencuadras: 8 searches, nothing visited');
    expect(output.match(/https:.*/g)).toEqual([
      'https://www.ciencuadras.com/sitemap-index-detalles-inmuebles-arriendo.xml',
    ]);
  });

  test('--json gives the same as one value; flags narrow the budget', async () => {
    await run('fincaraiz', '--city', 'bello', '--max-pages', '90', '--dry-run', '--json');
    expect(JSON.parse(output)).toMatchObject([
      {portal: 'fincaraiz', maxPages: 90, delayMs: 2000, hours: 0.05},
    ]);
    output = '';
    await run('all', '--max-pages', '999999', '--dry-run', '--json');
    expect(JSON.parse(output)[0].maxPages).toBe(4000);
  });
});

describe('bad input', () => {
  test.each([
    [['nowhere', '--dry-run'], /there is no portal "nowhere"; known portals: fincaraiz/],
    [['fincaraiz', '--city', 'belo', '--dry-run'], /unknown place "belo".*antioquia\/bello/],
    [['fincaraiz', '--base-url', 'http://example.com', '--dry-run'], /loopback/],
    [['fincaraiz', '--demo', '--dry-run'], /--base-url/],
  ])('%j', async (args, message) => {
    const failed = run(...args);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toBeInstanceOf(ConfigError);
  });

  test.each([
    [['fincaraiz', '--operation', 'swap']],
    [['fincaraiz', '--sample', '0']],
    [['fincaraiz', '--max-pages', 'many']],
    [[]],
  ])('%j is a usage error', async args => {
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await expect(run(...args)).rejects.toMatchObject({code: expect.stringContaining('commander.')});
  });
});

test.each([
  [['complete', 'complete'], 0],
  [['complete', 'incomplete'], 3],
  [['failed'], 3],
  [['incomplete', 'blocked'], 5],
  [[null], 3],
] as const)('exit code of %j is %d', (verdicts, code) => {
  expect(exitCodeOf(verdicts.map(verdict => ({verdict, scopes: [scopeReport(verdict, false)]})))).toBe(code);
});

test('a crawl that left links for a later run did what it was to do', () => {
  const scopes = [scopeReport('complete', false), scopeReport('incomplete', true)];
  expect(exitCodeOf([{verdict: 'incomplete', scopes}])).toBe(0);
  expect(exitCodeOf([{verdict: 'incomplete', scopes: [...scopes, scopeReport('incomplete', false)]}])).toBe(
    3,
  );
});

function scopeReport(verdict: Verdict | null, isByPlan: boolean): ScopeReport {
  return {
    ...{scope: 'toy/sale/house/antioquia/bello', verdict, reason: null, isByPlan},
    ...{announcedTotal: 1, listingsSeen: 1, pagesDone: 1, pagesFailed: 0},
  };
}
