import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {findChromium} from '../../../src/crawl/chromium.ts';
import {ConfigError} from '../../../src/domain/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-chromium-'));
afterAll(() => rmSync(folder, {recursive: true}));

const [program, text, absent] = ['program', 'text', 'absent'].map(name => join(folder, name)) as [
  string,
  string,
  string,
];
writeFileSync(program, '', {mode: 0o755});
writeFileSync(text, '', {mode: 0o644});

test('the configured program, and no other', () => {
  expect(findChromium(program, [])).toBe(program);
  expect(() => findChromium(absent, [program])).toThrow(ConfigError);
  expect(() => findChromium(absent, [program])).toThrow(`RAIZ_CHROMIUM is ${absent}, which can't be run`);
});

test('else the first of the usual places that can be run', () => {
  expect(findChromium(undefined, [absent, program])).toBe(program);
  expect(() => findChromium(undefined, [absent])).toThrow(ConfigError);
  expect(() => findChromium(undefined, [absent])).toThrow(
    /no Chromium at .*absent\. Install Chromium \(Debian/,
  );
});

// Root may run what nobody may: the rest of the rule is the system's.
test.skipIf(process.getuid?.() === 0)('a file that is no program is passed over (skipped for root)', () => {
  expect(findChromium(undefined, [text, program])).toBe(program);
});
