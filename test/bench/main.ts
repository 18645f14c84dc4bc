/**
 * `npm run bench -- [name…] [--pages n] [--listings n] [--folder path]`: throughput beside a peer or a limit, measured in this very
 * run. Never part of the tests: machines differ and are shared, so read ratios and CPU seconds before wall time.
 */
import {cpus, loadavg} from 'node:os';
import {parseArgs} from 'node:util';
import {formatTable} from '../../src/cli/output.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<readonly BenchRow[]>>> = {
  crawl: async () => (await import('./crawl.ts')).benchCrawl(),
  frontier: async () => (await import('./frontier.ts')).benchFrontier(),
  scrapy: async options => (await import('./scrapy.ts')).benchScrapy(options),
  import: async () => (await import('./import.ts')).benchImport(),
  clean: async options => (await import('./clean.ts')).benchClean(options),
  enrich: async options => (await import('./enrich.ts')).benchEnrich(options),
  stratum: async () => (await import('./stratum.ts')).benchStratum(),
  match: async options => (await import('./match.ts')).benchMatch(options),
  model: async () => (await import('./model.ts')).benchModel(),
  training: async options => (await import('./training.ts')).benchTraining(options),
  anomaly: async options => (await import('./anomaly.ts')).benchAnomaly(options),
  value: async options => (await import('./value.ts')).benchValue(options),
  coverage: async options => (await import('./coverage.ts')).benchCoverage(options),
  freshness: async () => (await import('./freshness.ts')).benchFreshness(),
  soak: async options => (await import('./soak.ts')).benchSoak(options),
};

const {values: given, positionals: asked} = parseArgs({
  allowPositionals: true,
  options: {
    pages: {type: 'string'},
    rounds: {type: 'string'},
    scrapy: {type: 'string', multiple: true},
    listings: {type: 'string'},
    postgis: {type: 'string'},
    folder: {type: 'string'},
  },
});
const options: BenchOptions = {
  pages: countIn('pages', given.pages),
  rounds: countIn('rounds', given.rounds),
  scrapy: given.scrapy,
  listings: countIn('listings', given.listings),
  postgis: given.postgis,
  folder: given.folder,
};
const unknown = asked.filter(name => BENCHES[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `unknown bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}

const model = cpus()[0]?.model ?? 'unknown';
process.stdout.write(`${cpus().length} × ${model} · node ${process.version}\n`);
for (const [name, bench] of Object.entries(BENCHES)) {
  // The soak takes hours: only when it is asked for.
  if (asked.length > 0 ? !asked.includes(name) : name === 'soak') continue;
  process.stdout.write(`\n${name} (load ${(loadavg()[0] ?? 0).toFixed(1)} at the start)\n`);
  const rows = await bench(options);
  const table = formatTable(rows, [
    {title: 'what', value: row => row.name},
    {title: 'value', align: 'right', value: row => row.value},
    {title: 'unit', value: row => row.unit},
    {title: 'note', value: row => row.note ?? ''},
  ]);
  process.stdout.write(`${table}\n`);
}

function countIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  process.stderr.write(`--${name} must be a whole number above 0, not "${text}"\n`);
  process.exit(2);
}
