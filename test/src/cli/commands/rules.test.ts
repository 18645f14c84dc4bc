import {expect, test, vi} from 'vitest';
import {rulesCommand} from '../../../../src/cli/commands/rules.ts';
import {cleaningMarkdown} from '../../../../src/domain/cleaning/markdown.ts';
import {CLEANING_RULES} from '../../../../src/domain/cleaning-rules.ts';

async function run(...args: string[]): Promise<string> {
  let output = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += String(text);
    return true;
  });
  try {
    await rulesCommand().exitOverride().parseAsync(args, {from: 'user'});
  } finally {
    write.mockRestore();
  }
  return output;
}

test('one rule as text', async () => {
  expect(await run('stratum_range')).toBe(
    [
      'stratum_range (nulled)',
      '  sees     an estrato that is not 1 to 6: 0, 7, 100, 110, −5',
      '  does     empties the field',
      `  why      ${CLEANING_RULES.stratum_range.why}`,
      '  example  stratum: 110 → null',
      '',
    ].join('\n'),
  );
});

test('all rules, as JSON and as the page', async () => {
  const rules: {name: string}[] = JSON.parse(await run('--json'));
  expect(rules.map(({name}) => name)).toEqual(Object.keys(CLEANING_RULES));
  expect(await run('--markdown')).toBe(cleaningMarkdown());
});

test('an unknown rule is a usage error that lists the known ones', async () => {
  await expect(run('nonsense')).rejects.toThrow(/no rule "nonsense".*price_in_thousands/s);
});
