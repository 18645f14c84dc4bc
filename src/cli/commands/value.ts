import {Command, Option} from 'commander';
import {ConfigError} from '../../domain/errors.ts';
import {OPERATIONS, type Operation} from '../../domain/vocabulary.ts';
import type {HomeWords} from '../../valuation/described-home.ts';
import {withDatabase} from '../context.ts';
import {print, printJson} from '../output.ts';

interface Flags extends HomeWords {
  readonly operation?: Operation;
  readonly file?: string;
  readonly out?: string;
  readonly map?: string;
  readonly shape?: string;
  readonly force?: boolean;
  readonly plot?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  raiz value fincaraiz:id:193349683
  raiz value https://www.fincaraiz.com.co/apartamento-en-venta/193349683     # looked up here, never fetched
  raiz value --type apartment --area 80 --stratum 4 --bedrooms 3 --bathrooms 2 --parking 1 --neighbourhood Laureles
  raiz value --type casa --area "140 m2" --lat 6.245 --lon -75.59 --asking "650 millones" --plot valor.svg
  raiz value --file homes.csv --out values.csv

The fair range holds 80 % of the asking prices of such homes. Fewer than eight comparables: insufficient data, and what
is missing. A file may have any shape that raiz import knows, a mapping (--map), or Raíz' own columns (property_type,
area_m2, stratum, …); each row keeps its columns and gets value_status, value_low_cop, value_mid_cop, value_high_cop and
its reasons, or what is wrong with it.`;

/** `raiz value`: what a home is worth to ask, with range, comparables and reasons. */
export function valueCommand(): Command {
  return new Command('value')
    .description(
      'fair range, comparables and reasons in pesos of a listing, a described home, or a file of homes',
    )
    .argument('[listing]', 'listing id, or the address of its page')
    .option('--type <word>', 'apartment, studio, house, country_house; Spanish words too')
    .option('--area <m2>', 'private or built area')
    .addOption(new Option('--operation <word>', 'to sell or to let').choices(OPERATIONS))
    .option('--municipality <name>', 'Medellín unless told')
    .option('--district <name>', 'comuna')
    .option('--neighbourhood <name>', 'barrio')
    .option('--lat <degrees>', 'latitude of its point')
    .option('--lon <degrees>', 'longitude of its point')
    .option('--stratum <1-6>', 'estrato')
    .option('--bedrooms <n>')
    .option('--bathrooms <n>')
    .option('--parking <n>', 'parking spaces')
    .option('--floor <n>')
    .option('--age <years>', 'as 12, or "9 a 15 años"')
    .option('--condition <word>', 'new, used, remodelled …')
    .option('--amenities <list>', 'words, parted by commas')
    .option('--description <text>', 'what the advert says')
    .option('--admin-fee <cop>', 'administration a month')
    .option('--asking <cop>', 'what is asked, as 450M: where it stands is said')
    .option('--file <table>', 'a whole file of homes')
    .option('--out <csv>', 'with --file: where the values go')
    .option('--map <file>', 'with --file: a mapping of columns to fields, JSON')
    .option('--shape <name>', 'with --file: a known shape by name')
    .option('--force', 'overwrite --out or --plot')
    .option('--plot <svg>', 'a picture of the reasons, the range and the comparables')
    .option('--demo', 'in the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(runValue);
}

async function runValue(listing: string | undefined, flags: Flags): Promise<void> {
  const {file, operation} = flags;
  const isDescribed = flags.type !== undefined || flags.area !== undefined;
  const asked = [listing, file, isDescribed ? 'home' : undefined].filter(each => each !== undefined);
  if (asked.length !== 1) {
    throw new ConfigError(
      asked.length === 0
        ? 'what is to be valued? Give a listing id or link, describe a home (--type, --area …), or --file with --out'
        : 'value one thing at a time: a listing, a described home (--type, --area …), or a --file',
    );
  }
  if (file !== undefined) {
    const {valueTable} = await import('../value-table.ts');
    await valueTable(file, flags);
    return;
  }
  if (flags.out !== undefined)
    throw new ConfigError('--out goes with --file; for a picture: --plot value.svg');
  // Only what an answer needs is loaded: the program's start is most of its time.
  const {valueDescribed, valueListing} = await import('../../valuation/value-one.ts');
  const {valueJson, valueText} = await import('../value-text.ts');
  await withDatabase({demo: flags.demo}, async ({database: {orm}, dataDir}) => {
    const settings = {dataDir, now: new Date(), operation};
    const answers =
      listing === undefined
        ? [await valueDescribed(orm, flags, settings)]
        : await valueListing(orm, await readListingId(listing), settings);
    if (flags.plot !== undefined) {
      const {writePlot} = await import('../value-plot-file.ts');
      await writePlot(flags.plot, answers, flags.force === true);
    }
    if (flags.json === true)
      printJson(answers.length === 1 ? answers.map(valueJson)[0] : answers.map(valueJson));
    else print(answers.map(valueText).join('\n\n'));
  });
}

async function readListingId(text: string): Promise<string> {
  if (!/^https?:\/\//i.test(text)) return text;
  const [{portals}, {listingIdAt}] = await Promise.all([
    import('../../../scrapers/index.ts'),
    import('../../valuation/find-listing.ts'),
  ]);
  return listingIdAt(text, portals);
}
