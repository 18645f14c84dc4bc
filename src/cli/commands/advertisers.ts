import {Command} from 'commander';
import {listOddAdvertisers} from '../../db/advertisers.ts';
import type {AdvertiserOddity} from '../../domain/vocabulary.ts';
import {withDatabase} from '../context.ts';
import {formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly all?: boolean;
  readonly demo?: boolean;
  readonly json?: boolean;
}

const SHOWN = 40;

const MEANING: Readonly<Record<AdvertiserOddity, string>> = {
  repost: 'posts the same home again after its advert ended',
  parallel: 'has two adverts of one home at once',
  low_price: 'asks below the model’s range',
  raised_price: 'raises the price by 10 % or more within 30 days',
};

export function advertisersCommand(): Command {
  return new Command('advertisers')
    .description('advertisers, by pseudonym, that do something far more often than their market')
    .option('--all', 'also those of which it is not sure')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nSigns to look at, not accusations: an agency that sells a whole building repeats itself rightly.\n' +
        '\nExample:\n  raiz advertisers --demo\n  raiz trace fincaraiz:id:193349683   one of the examples it names',
    )
    .action((flags: Flags) =>
      withDatabase(flags, async ({database}) => {
        const found = await listOddAdvertisers(database.orm, flags.all === true, SHOWN);
        if (flags.json === true) return printJson(found);
        if (found.length === 0) return print('No advertiser does anything far more often than its market.');
        print(
          formatTable(found, [
            {title: 'advertiser', value: row => row.advertiserKey},
            {title: 'portal', value: row => row.portal},
            {title: '', value: row => row.operation},
            {title: 'adverts', align: 'right', value: row => row.adverts},
            {title: 'cases', align: 'right', value: row => row.cases},
            {title: 'share', align: 'right', value: row => `${row.sharePct} %`},
            {title: 'market', align: 'right', value: row => `${row.marketSharePct} %`},
            {title: 'sure', value: row => (row.isOdd ? 'yes' : 'no')},
            {title: 'what it does', value: row => MEANING[row.oddity]},
            {title: 'for instance', value: row => row.exampleListingIds[0] ?? ''},
          ]),
        );
      }),
    );
}
