/**
 * `npm run bench [name…]`: throughput beside a peer or a limit, measured in this very run. Never part of the tests:
 * machines differ and are shared, so read ratios and CPU seconds before wall time.
 */
import {cpus, loadavg} from 'node:os';
import {formatTable} from '../../src/cli/output.ts';
import type {BenchRow} from './bench-row.ts';

const BENCHES: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  crawl: async () => (await import('./crawl.ts')).benchCrawl(),
  import: async () => (await import('./import.ts')).benchImport(),
  clean: async () => (await import('./clean.ts')).benchClean(),
  enrich: async () => (await import('./enrich.ts')).benchEnrich(),
  match: async () => (await import('./match.ts')).benchMatch(),
  model: async () => (await import('./model.ts')).benchModel(),
};

const asked = process.argv.slice(2);
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
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stdout.write(`\n${name} (load ${(loadavg()[0] ?? 0).toFixed(1)} at the start)\n`);
  const rows = await bench();
  const table = formatTable(rows, [
    {title: 'what', value: row => row.name},
    {title: 'value', align: 'right', value: row => row.value},
    {title: 'unit', value: row => row.unit},
    {title: 'note', value: row => row.note ?? ''},
  ]);
  process.stdout.write(`${table}\n`);
}
