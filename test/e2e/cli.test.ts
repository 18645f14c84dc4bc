/** The command line as a person meets it: every bad input gets a clear error with what to do, and an exit code. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Database} from '../../src/db/client.ts';
import {withAdvisoryLock} from '../../src/db/locks.ts';
import {testDatabase} from '../support/database.ts';

const RAIZ = fileURLToPath(new URL('../../bin/raiz.js', import.meta.url));

let database: Database;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'raiz-cli-'));
});

afterAll(async () => {
  await database.close();
  await rm(folder, {recursive: true, force: true});
});

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `raiz` in a folder of its own, on the test's database. */
function raiz(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [RAIZ, ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: database.url,
      RAIZ_DATA_DIR: join(folder, 'data'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const read = {out: '', err: ''};
  child.stdout.setEncoding('utf8').on('data', text => (read.out += text));
  child.stderr.setEncoding('utf8').on('data', text => (read.err += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', code => resolve({code, ...read}));
  });
}

async function fileWith(name: string, content: string | Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

const observations = async () => (await database.sql`select count(*)::int as n from raw.observation`)[0]?.n;

const HEADER =
  'area,rooms,is_new,property_id,garages,stratum,property_type,baths,min_price,price,client_type,neighbourhood,city,latitude,longitude,zone';

describe('help', () => {
  test('says what there is, and how to begin', async () => {
    const {code, out} = await raiz(['--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/raiz demo/);
  });

  test.each([
    'demo',
    'run',
    'crawl',
    'import',
    'stage',
    'places import',
    'portal try',
    'portal review',
    'model leaderboard',
    'model glass-box',
    'value',
    'release build',
    'release verify',
    'status',
    'db url',
  ])('raiz %s --help has an example', async command => {
    const {code, out} = await raiz([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples?:/);
  });
});

describe('bad input', () => {
  test('an unknown command and an unknown flag are usage errors', async () => {
    expect(await raiz(['fly'])).toMatchObject({code: 2, err: expect.stringMatching(/unknown command 'fly'/)});
    expect(await raiz(['status', '--loud'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/unknown option/),
    });
  });

  test('an unknown place names the known ones', async () => {
    const {code, err} = await raiz(['crawl', 'fincaraiz', '--city', 'narnia']);
    expect(code).toBe(2);
    expect(err).toMatch(/unknown place "narnia".*antioquia\/medellin/s);
    expect(err).not.toMatch(/ at .*\.ts:/);
  });

  test('the real site is refused until a person has decided', async () => {
    const {code, err} = await raiz(['crawl', 'fincaraiz', '--city', 'barbosa', '--sample', '1']);
    expect(code).toBe(2);
    expect(err).toMatch(/raiz portal review fincaraiz/);
  });

  test('a base URL that is not this machine is refused', async () => {
    const {code, err} = await raiz(['crawl', 'fincaraiz', '--base-url', 'http://192.0.2.7:8080']);
    expect(code).toBe(2);
    expect(err).toMatch(/192\.0\.2\.7/);
  });

  test('a malformed page breaks its contract', async () => {
    const page = await fileWith(
      'cut.html',
      '<html><script id="__NEXT_DATA__" type="application/json">{"props":{"pag',
    );
    const {code, err} = await raiz(['portal', 'try', 'fincaraiz', page]);
    expect(code).toBe(4);
    expect(err).toMatch(/__NEXT_DATA__/);
  });

  test('a CSV of no known shape names the shapes and what is missing', async () => {
    const file = await fileWith('other.csv', 'a,b\n1,2\n');
    const {code, err} = await raiz(['import', file]);
    expect(code).toBe(2);
    expect(err).toMatch(/fincaraiz-2023/);
  });

  test('a known shape without some of its columns names them, and nothing is imported', async () => {
    const file = await fileWith('short.csv', `${HEADER.replace(',price,', ',')}\n`);
    const {code, err} = await raiz(['import', file, '--shape', 'fincaraiz-2023']);
    expect(code).toBe(2);
    expect(err).toMatch(/price/);
  });

  test('a truncated gzip is refused whole', async () => {
    const row = (id: number) =>
      `80,3,False,id-${id},1,Estrato 4,Apartamento,2,0,400000000,BROKER,Laureles,Medellín,-75.59,6.24,Occidente`;
    const text = [HEADER, ...Array.from({length: 3000}, (_, id) => row(id))].join('\n');
    const whole = gzipSync(text);
    const file = await fileWith('cut.csv.gz', whole.subarray(0, whole.length - 200));
    const before = await observations();
    const {code, err} = await raiz(['import', file]);
    expect(code).toBe(2);
    expect(err).toMatch(/cut\.csv\.gz/);
    expect(await observations()).toBe(before);
  });

  test('a missing file is named', async () => {
    const {code, err} = await raiz(['import', join(folder, 'nowhere.csv')]);
    expect(code).toBe(2);
    expect(err).toMatch(/nowhere\.csv/);
  });

  test('an unknown stage names the known ones', async () => {
    expect(await raiz(['stage', 'fry'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/parse, clean, match/),
    });
  });
});

test('the simulated portal is served to whoever wants to try a crawl, into the simulated installation only', async () => {
  const server = spawn(process.execPath, [RAIZ, 'demo', '--serve'], {
    cwd: folder,
    env: {PATH: process.env.PATH ?? '', RAIZ_DATA_DIR: join(folder, 'data')},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(server.stdout.setEncoding('utf8'), 'data');
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0] ?? '';
    const {code, err} = await raiz([
      'crawl',
      'fincaraiz',
      '--base-url',
      address,
      '--city',
      'barbosa',
      '--operation',
      'rent',
    ]);
    expect(code).toBe(2);
    expect(err).toMatch(/--demo/);
    const {out} = await raiz([
      'portal',
      'try',
      'fincaraiz',
      `${address}/venta/casas/medellin/antioquia`,
      '--json',
    ]);
    const trial = JSON.parse(out);
    expect(Object.keys(trial)).toEqual([
      'kind',
      'announcedTotal',
      'placeEcho',
      'listings',
      'links',
      'unread',
      'issues',
    ]);
    expect(trial).toMatchObject({kind: 'search', placeEcho: 'antioquia/medellin', unread: [], issues: []});
    expect(trial.listings).toHaveLength(21);
  } finally {
    server.kill('SIGINT');
    await once(server, 'close');
  }
});

describe('the machine', () => {
  test('a wrong DATABASE_URL says where nobody answers, without the password', async () => {
    const {code, err} = await raiz(['status'], {DATABASE_URL: 'postgres://ana:topsecret@127.0.0.1:1/raiz'});
    expect(code).toBe(2);
    expect(err).toMatch(/127\.0\.0\.1:1/);
    expect(err).not.toMatch(/topsecret/);
  });

  test('a DATABASE_URL that is none says what one looks like', async () => {
    const {code, err} = await raiz(['status'], {DATABASE_URL: 'mysql://x'});
    expect(code).toBe(2);
    expect(err).toMatch(/postgres:\/\//);
  });

  test('an unknown setting is an error, not ignored', async () => {
    const {code, err} = await raiz(['status'], {RAIZ_DATADIR: '/tmp'});
    expect(code).toBe(2);
    expect(err).toMatch(/RAIZ_DATADIR[\s\S]*RAIZ_DATA_DIR/);
  });

  test('a data folder that cannot be one says so', async () => {
    const file = await fileWith('a-file', 'x');
    const {code, err} = await raiz(['status'], {RAIZ_DATA_DIR: join(file, 'data')});
    expect(code).toBe(2);
    expect(err).toMatch(/data folder/);
  });

  test('a second process that wants the same stage is told who holds it', async () => {
    await withAdvisoryLock(database, 'stage:clean', async () => {
      const {code, err} = await raiz(['stage', 'clean']);
      expect(code).toBe(75);
      expect(err).toMatch(/stage:clean/);
    });
    expect(await raiz(['stage', 'clean'])).toMatchObject({code: 0});
  });

  test('--json turns an error into one object', async () => {
    const {code, err} = await raiz(['stage', 'fry', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(err)).toMatchObject({error: {code: 'CONFIG'}});
  });
});

test('with nothing collected, status and stages say how to begin', async () => {
  expect(await raiz(['status'])).toMatchObject({code: 0, out: expect.stringMatching(/raiz import <file>/)});
  const {code, out} = await raiz(['stage', 'all']);
  expect(code).toBe(0);
  expect(out).toMatch(/no work/);
});
