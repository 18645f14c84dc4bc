import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi} from 'vitest';
import {dbCommand} from '../../../../src/cli/commands/db.ts';
import {stopEmbedded} from '../../../../src/db/embedded/server.ts';
import {ConfigError} from '../../../../src/domain/errors.ts';

let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-db-command-'));
});
afterAll(async () => {
  await stopEmbedded(dataDir);
  await rm(dataDir, {recursive: true});
});

beforeEach(() => {
  vi.stubEnv('DATABASE_URL', '');
  vi.stubEnv('RAIZ_DATA_DIR', dataDir);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What `raiz db …` prints, with the embedded server of this test. */
async function raizDb(...args: string[]): Promise<string> {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation(chunk => written.push(String(chunk)) > 0);
  await dbCommand().parseAsync(args, {from: 'user'});
  return written.join('');
}

describe('raiz db', () => {
  it('up starts the server and says where it answers, without the password', async () => {
    const facts = JSON.parse(await raizDb('up', '--json'));
    expect(facts).toMatchObject({embedded: true, notices: []});
    expect(facts.address).toMatch(/^127\.0\.0\.1:\d+, database "raiz"$/);
    expect(facts.migrations).toBeGreaterThan(0);
  });

  it('query prints a table, JSON or CSV', async () => {
    const select = `select 1 as number, 'a,b' as text, null as nothing, timestamptz '2026-01-02 03:04:05Z' as at`;
    expect(await raizDb('query', select)).toMatch(
      /number\s+text\s+nothing\s+at\n[─ ]+\n1\s+a,b\s+·\s+2026-01-02T03:04:05.000Z\n1 row/,
    );
    expect(JSON.parse(await raizDb('query', select, '--json'))).toEqual([
      {number: 1, text: 'a,b', nothing: null, at: '2026-01-02T03:04:05.000Z'},
    ]);
    expect(await raizDb('query', select, '--csv')).toBe(
      'number,text,nothing,at\n1,"a,b",,2026-01-02T03:04:05.000Z\n',
    );
  });

  it.each([
    ['a write', 'create table public.x (a int)', /read-only/],
    ['several statements', 'select 1; commit; create table public.x (a int)', /multiple commands/],
    ['a mistake', 'selec 1', /syntax error at or near "selec"/],
  ])('query refuses %s', async (_, statement, words) => {
    const failure = raizDb('query', statement);
    await expect(failure).rejects.toThrow(ConfigError);
    await expect(failure).rejects.toThrow(words);
  });

  it('url prints one address, of the owner or of the reader', async () => {
    const owner = new URL((await raizDb('url')).trim());
    const reader = new URL((await raizDb('url', '--reader')).trim());
    expect([owner.username, reader.username]).toEqual(['raiz', 'raiz_reader']);
    expect(reader.host).toBe(owner.host);
    expect(reader.password).not.toBe(owner.password);
  });

  it('stop says whether the server was up, and leaves a DATABASE_URL server alone', async () => {
    expect(JSON.parse(await raizDb('stop', '--json'))).toEqual({stopped: true});
    expect(await raizDb('stop')).toBe('The database server was not up.\n');
    vi.stubEnv('DATABASE_URL', 'postgres://ana:hunter2@127.0.0.1:5/casas');
    const failure = raizDb('stop');
    await expect(failure).rejects.toThrow(/127\.0\.0\.1:5, database "casas" is yours to stop/);
    await expect(failure).rejects.not.toThrow(/hunter2/);
  });

  it('names an unknown variable and the known ones', async () => {
    vi.stubEnv('RAIZ_DATADIR', '/x');
    await expect(raizDb('up')).rejects.toThrow(/RAIZ_DATADIR.*RAIZ_DATA_DIR/);
  });
});
