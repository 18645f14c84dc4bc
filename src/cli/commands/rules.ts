import {Command} from 'commander';
import {cleaningMarkdown} from '../../domain/cleaning/markdown.ts';
import {CLEANING_RULES, cleaningRules} from '../../domain/cleaning-rules.ts';
import {ConfigError} from '../../domain/errors.ts';
import {print, printJson} from '../output.ts';

interface Flags {
  readonly markdown?: boolean;
  readonly json?: boolean;
}

/** `raiz rules`: the table of cleaning rules. */
export function rulesCommand(): Command {
  return new Command('rules')
    .description('what each cleaning rule sees, what it does, and why')
    .argument('[name]', 'only this rule, as stratum_range')
    .option('--markdown', 'print docs/cleaning.md')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz rules\n  raiz rules price_in_thousands\n  raiz rules --markdown > docs/cleaning.md',
    )
    .action((name: string | undefined, flags: Flags) => {
      const chosen = cleaningRules().filter(each => name === undefined || each.name === name);
      if (chosen.length === 0)
        throw new ConfigError(`no rule "${name}". There are: ${Object.keys(CLEANING_RULES).join(', ')}`);
      if (flags.json === true) printJson(chosen.map(each => ({name: each.name, ...each.rule})));
      else if (flags.markdown === true) process.stdout.write(cleaningMarkdown());
      else print(chosen.map(describeRule).join('\n\n'));
    });
}

function describeRule({name, rule}: ReturnType<typeof cleaningRules>[number]): string {
  const {effects, sees, does, why, example} = rule;
  return [
    `${name} (${effects.join(', ')})`,
    `  sees     ${sees}`,
    `  does     ${does}`,
    `  why      ${why}`,
    `  example  ${example.field}: ${example.value === '' ? 'nothing' : example.value} → ${example.result}`,
  ].join('\n');
}
