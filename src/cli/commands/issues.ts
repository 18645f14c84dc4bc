import {Command, InvalidArgumentError} from 'commander';
import {listIssues} from '../../db/status.ts';
import {withDatabase} from '../context.ts';
import {formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly portal?: string;
  readonly code?: string;
  readonly limit: number;
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function issuesCommand(): Command {
  return new Command('issues')
    .description(
      'oddities of the data, once each, counted: unknown words, keys nobody reads, impossible values',
    )
    .option('--portal <id>', 'of this portal or import shape')
    .option('--code <code>', 'of this code, as unread_key')
    .option('--limit <n>', 'at most n', count, 40)
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  raiz issues --portal fincaraiz --code unread_key')
    .action((flags: Flags) =>
      withDatabase(flags, async ({database}) => {
        const {portal: source, code, limit} = flags;
        const issues = await listIssues(database.orm, {source, code, limit});
        if (flags.json === true) return printJson(issues);
        if (issues.length === 0) return print('No issues.');
        print(
          formatTable(issues, [
            {title: 'times', align: 'right', value: row => row.occurrences},
            {title: 'source', value: row => row.source},
            {title: 'code', value: row => row.code},
            {title: 'path', value: row => row.path ?? ''},
            {title: 'value', value: row => row.value ?? ''},
            {title: 'first', value: row => row.firstSeenAt.toISOString().slice(0, 10)},
            {title: 'last', value: row => row.lastSeenAt.toISOString().slice(0, 10)},
            {title: 'what', value: row => row.message},
          ]),
        );
      }),
    );
}

function count(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return n;
}
