import {mkdtempSync, rmSync} from 'node:fs';
import {readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parse} from 'csv-parse/sync';
import {afterAll, afterEach, describe, expect, it, vi} from 'vitest';
import {trainCommand} from '../../../../src/cli/commands/train.ts';
import {createRandom} from '../../../../src/lib/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-table-'));
const file = join(folder, 'homes.csv');
const out = join(folder, 'out');
afterAll(() => rmSync(folder, {recursive: true}));
afterEach(() => vi.restoreAllMocks());

interface Line {
  readonly algorithm: string;
  readonly settings: unknown;
  readonly mdape: number;
  readonly coverage80: number;
  readonly comparison: {low: number; high: number} | null;
}

async function writeHomes(): Promise<void> {
  const random = createRandom('homes');
  const lines = Array.from({length: 300}, (_, row) => {
    const area = random.int(40, 200);
    const zone = random.int(0, 5);
    const pool = random.chance(0.3);
    const price = area * 3e6 * (1 + 0.2 * zone) * (pool ? 1.15 : 1) * Math.exp(0.05 * random.normal());
    // The last ones want a prediction.
    return [
      `home-${row >> 1}`,
      area,
      `z${zone}`,
      pool ? 'si' : 'no',
      row < 290 ? Math.round(price) : '',
    ].join(',');
  });
  await writeFile(file, `home,area,zone,pool,price\n${lines.join('\n')}\n`);
}

async function train(...more: string[]): Promise<{board: Line[]; skipped: unknown[]; trials: unknown[]}> {
  let output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += String(text);
    return true;
  });
  const args = [
    '--data',
    file,
    '--target',
    'price',
    '--group',
    'home',
    '--out',
    out,
    '--rounds',
    '0',
    '--json',
  ];
  await trainCommand()
    .exitOverride()
    .parseAsync([...args, ...more], {from: 'user'});
  return JSON.parse(output);
}

describe('raiz train --data', () => {
  it('puts every rung on a leaderboard, without a database', async () => {
    await writeHomes();
    vi.stubEnv('DATABASE_URL', 'postgres://nobody@127.0.0.1:1/none');
    const {board} = await train();
    vi.unstubAllEnvs();
    const mdape = (algorithm: string) => board.find(line => line.algorithm === algorithm)!.mdape;
    expect(board.map(({algorithm}) => algorithm).sort()).toEqual([
      'blend',
      'forest',
      'gbdt',
      'naive_group_median',
      'naive_median',
      'nearest',
      'network',
      'ridge_hedonic',
      'tree',
    ]);
    expect(mdape('ridge_hedonic')).toBeLessThan(0.3 * mdape('naive_median'));
    expect(mdape('gbdt')).toBeLessThan(0.5 * mdape('naive_median'));
    expect(mdape('forest')).toBeLessThan(mdape('naive_median'));
    expect(board[0]!.comparison).toBeNull();
    expect(board.at(-1)!.comparison!.low).toBeGreaterThan(0);
    for (const {coverage80, algorithm} of board) {
      expect(coverage80, algorithm).toBeGreaterThan(0.75);
      expect(coverage80, algorithm).toBeLessThan(0.85);
    }
  }, 120_000);

  it('writes a report and a prediction for every row, those without a target too', async () => {
    const report = await readFile(join(out, 'report.md'), 'utf8');
    expect(report).toMatch(/# price, predicted from homes\.csv/);
    expect(report).toMatch(/290 rows with a target \(10 without\) in 145 groups/);
    const lines: Record<string, string>[] = parse(await readFile(join(out, 'predictions.csv')), {
      columns: true,
    });
    expect(lines).toHaveLength(300);
    expect(lines.map(({row}) => Number(row))).toEqual(Array.from({length: 300}, (_, row) => row + 1));
    for (const line of lines) {
      expect(Number(line.low80)).toBeLessThan(Number(line.predicted));
      expect(Number(line.high80)).toBeGreaterThan(Number(line.predicted));
    }
    expect(lines[295]).toMatchObject({actual: '', fold: ''});
    // Two rows a home: one fold.
    for (let row = 0; row < 290; row += 2) expect(lines[row]!.fold).toBe(lines[row + 1]!.fold);
  });

  it('run again, fits nothing twice and says the same', async () => {
    const [run = ''] = await readdir(join(out, 'work'));
    const folds = join(out, 'work', run, 'folds');
    const times = async () =>
      Promise.all((await readdir(folds)).map(async name => (await stat(join(folds, name))).mtimeMs));
    const before = {report: await readFile(join(out, 'report.md'), 'utf8'), times: await times()};
    await train();
    expect(await readFile(join(out, 'report.md'), 'utf8')).toBe(before.report);
    expect(await times()).toEqual(before.times);
  }, 60_000);

  it('ends with the time: what was skipped says why', async () => {
    const {board, skipped} = await train('--budget', '0.001s', '--seed', '9');
    expect(board.map(({algorithm}) => algorithm)).toContain('naive_median');
    expect(skipped).toContainEqual({
      algorithm: 'network',
      reason: expect.stringMatching(/^the time budget of [\d.]+ s ended before fold \d of 5$/),
    });
  }, 60_000);

  it('refuses what is no table', async () => {
    await writeFile(join(folder, 'ragged.csv'), 'a,b,c\n1,2\n3,4,5,6\n');
    const run = (...args: string[]) => trainCommand().exitOverride().parseAsync(args, {from: 'user'});
    await expect(run('--data', join(folder, 'ragged.csv'), '--target', 'a')).rejects.toThrow(
      /2 of 2 rows don't have the header's columns/,
    );
    await expect(run('--data', file)).rejects.toThrow(/--data needs --target/);
    await expect(run('--target', 'price')).rejects.toThrow(/--target goes with --data/);
  });
});
