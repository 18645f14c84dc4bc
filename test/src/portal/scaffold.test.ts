import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ConfigError} from '../../../src/domain/errors.ts';
import {newPortal, registerPortal} from '../../../src/portal/scaffold.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const INDEX = readFileSync(join(ROOT, 'scrapers/index.ts'), 'utf8');

describe('newPortal', () => {
  const make = (id: string, homepage = 'https://www.casafeliz.example/', name?: string) =>
    newPortal({id, homepage, name}, '2026-03-01', ['fincaraiz']);

  test('a portal', () => {
    expect(make('casafeliz')).toEqual({
      ...{id: 'casafeliz', name: 'Casafeliz', today: '2026-03-01'},
      homepage: 'https://www.casafeliz.example',
    });
  });

  test.each([
    'ab',
    'Casa',
    'casa-feliz',
    'casa_feliz',
    '1casa',
    'índice',
    'index',
    'class',
    'portals',
    '../x',
  ])('the id %s is refused', id => {
    expect(() => make(id)).toThrow(ConfigError);
    expect(() => make(id)).toThrow(/can't be a portal's id: 3 to 30 small letters/);
  });

  test('a portal that is there already is refused', () => {
    expect(() => make('fincaraiz')).toThrow('there is a portal "fincaraiz" already');
  });

  test.each([
    'http://www.casa.example',
    'https://casa.example/venta',
    'casa.example',
    'https://u@casa.example',
  ])('the homepage %s is refused', homepage => {
    expect(() => make('casafeliz', homepage)).toThrow(/give the portal's https address without a path/);
  });

  test('a name that could end a text of the program is refused', () => {
    expect(() => make('casafeliz', undefined, "Casa '); evil('")).toThrow(ConfigError);
  });
});

describe('registerPortal', () => {
  test('adds the portal, in order, and breaks a line that grows too long', () => {
    let text = INDEX;
    const ids = Array.from({length: 8}, (_, n) => `casanumero${n}`);
    for (const id of ids) text = registerPortal(text, id);
    expect(text.indexOf("from './casanumero0.ts'")).toBeLessThan(text.indexOf("from './ciencuadras.ts'"));
    for (const id of ids) expect(text.split(`  ${id},\n`)).toHaveLength(2);
    expect(registerPortal(INDEX, 'casafeliz')).toContain('ciencuadras, casafeliz];');
    expect(
      text
        .replace(/import casanumero.*\n/g, '')
        .split('\n')
        .slice(0, 8),
    ).toEqual(INDEX.split('\n').slice(0, 8));
  });

  test('an index it does not know is left alone', () => {
    expect(() => registerPortal('export const portals = [];', 'casafeliz')).toThrow(
      /add it to "portals" by hand/,
    );
  });
});

describe('raiz portal new, in a copy of the repository', () => {
  const copy = mkdtempSync(join(tmpdir(), 'raiz-new-portal-'));
  const run = (file: string, ...args: string[]) => {
    const {status, stdout, stderr} = spawnSync(process.execPath, [join(copy, file), ...args], {
      ...{cwd: copy, encoding: 'utf8'},
      env: {PATH: process.env.PATH, HOME: process.env.HOME, RAIZ_DATA_DIR: join(copy, 'data')},
    });
    return {status, output: stdout + stderr};
  };
  const raiz = (...args: string[]) => run('bin/raiz.js', 'portal', ...args);

  beforeAll(() => {
    for (const part of ['bin', 'src', 'scrapers', 'pipelines', 'drizzle', 'test/scrapers', 'test/support'])
      cpSync(join(ROOT, part), join(copy, part), {recursive: true});
    for (const file of ['package.json', 'tsconfig.json', 'biome.json', 'vitest.config.ts', 'raiz.config.ts'])
      cpSync(join(ROOT, file), join(copy, file));
    // Biome asks git what to ignore.
    writeFileSync(join(copy, '.gitignore'), 'node_modules\n');
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rmSync(copy, {recursive: true, force: true}));

  test.each([
    ['casafeliz', 'https://www.casafeliz.example'],
    ['unportaldenombrebastantelargo1', 'https://www.un-portal-de-nombre-bastante-largo.example'],
  ])('%s is in style, passes its tests and is registered', (id, homepage) => {
    expect(raiz('new', id, '--homepage', homepage)).toMatchObject({status: 0});
    expect(readFileSync(join(copy, `scrapers/${id}.ts`), 'utf8').split('\n').length).toBeLessThanOrEqual(151);
    const files = [`scrapers/${id}.ts`, `test/scrapers/${id}.test.ts`, 'scrapers/index.ts'];
    const modules = 'node_modules';
    expect(
      run(`${modules}/@biomejs/biome/bin/biome`, 'check', '--vcs-enabled=false', ...files),
    ).toMatchObject({
      status: 0,
    });
    expect(run(`${modules}/vitest/vitest.mjs`, 'run', files[1] ?? '')).toMatchObject({status: 0});
    expect(raiz('list').output).toContain(`${id}  `);
    expect(raiz('new', id, '--homepage', homepage)).toMatchObject({
      ...{status: 2, output: expect.stringContaining(`there is a portal "${id}" already`)},
    });
  });

  test('a new portal compiles', () => {
    // The portals, their toolkit and one test: the rest of the program doesn't know of it.
    const include = ['scrapers/index.ts', 'test/scrapers/casafeliz.test.ts'];
    writeFileSync(join(copy, 'tsconfig.new.json'), JSON.stringify({extends: './tsconfig.json', include}));
    const told = run('node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.new.json');
    expect(told).toEqual({status: 0, output: ''});
  });

  test('what stands there already is not overwritten', () => {
    writeFileSync(join(copy, 'scrapers/casaotra.ts'), 'mine');
    const {status, output} = raiz('new', 'casaotra', '--homepage', 'https://www.casaotra.example');
    expect(status).toBe(2);
    expect(output).toContain('scrapers/casaotra.ts exists already and is not overwritten');
    expect(readFileSync(join(copy, 'scrapers/casaotra.ts'), 'utf8')).toBe('mine');
    expect(readFileSync(join(copy, 'scrapers/index.ts'), 'utf8')).not.toContain('casaotra');
    rmSync(join(copy, 'scrapers/casaotra.ts'));
  });

  test('check: a new portal lacks two things, and passes when they are there', () => {
    const fresh = raiz('check', 'casafeliz');
    expect(fresh.status).toBe(4);
    expect(fresh.output.match(/^✖ .*/gm)).toEqual([
      expect.stringMatching(
        /^✖ written for this portal +\d+ lines marked ✎, the first at scrapers\/casafeliz\.ts:1$/,
      ),
      expect.stringMatching(/^✖ policy +the decision is pending$/),
    ]);
    const file = join(copy, 'scrapers/casafeliz.ts');
    const written = readFileSync(file, 'utf8')
      .replaceAll('✎', '')
      .replace(
        /Decision pending[^']*/,
        'robots.txt (2026-03-01) allows all; terms (2026-03-01) say nothing.',
      );
    writeFileSync(file, written);
    expect(raiz('check', 'casafeliz')).toMatchObject({status: 0, output: expect.not.stringContaining('✖')});
  });
});
