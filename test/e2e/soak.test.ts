/** A small soak: three days of the simulated portal with processes and the database server killed on the way. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {soak} from '../support/soak.ts';

test('nothing is lost, doubled or wrong after kills of the crawl and of the database server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'raiz-soak-'));
  try {
    const report = await soak({
      ...{folder, seed: 'small', pages: 400, size: 150, days: 3},
      ...{killsADay: 1, serverShare: 0.34},
    });
    expect(report).toMatchObject({
      ...{unfinished: 0, doubledPages: 0, lost: 0, invented: 0, wrongSpells: 0, wrongPrices: 0},
      examples: [],
    });
    expect(report.kills).toBeGreaterThanOrEqual(3);
    expect(report.serverKills).toBeGreaterThanOrEqual(1);
    expect(report.faults).toBeGreaterThan(0);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}, 600_000);
