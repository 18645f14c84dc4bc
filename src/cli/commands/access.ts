import {Command, Option} from 'commander';
import {type OfferedHome, selectHomesById, selectOfferedHomes} from '../../db/access.ts';
import type {Db} from '../../db/client.ts';
import {ConfigError} from '../../domain/errors.ts';
import {OPERATIONS, type Operation} from '../../domain/vocabulary.ts';
import {bogotaDay} from '../../lib/bogota-day.ts';
import {withDatabase} from '../context.ts';
import {type FormatFlags, homeColumns, notesText, printHomes, tripsText} from '../journey-text.ts';
import {
  type CostedHome,
  type CostFlags,
  costHome,
  numberIn,
  planTravel,
  resolvePlaces,
  withCostOptions,
} from '../journeys.ts';
import {formatTable} from '../output.ts';

const ORDERS = ['total', 'minutes'] as const;
type Order = (typeof ORDERS)[number];

interface Flags extends CostFlags, FormatFlags {
  readonly listing?: readonly string[];
  readonly operation: Operation;
  readonly sort: Order;
  readonly limit: number;
  readonly demo?: boolean;
}

const EXAMPLES = `
Examples:
  raiz access --to eafit --days 22
  raiz access --to udea --to "6.2087,-75.5710@medellin" --operation rent --limit 10
  raiz access --to unal --sort minutes --depart 05:30
  raiz access --to upb --listing fincaraiz:id:193349683 --fare student

Cheapest month first, adverts whose total is not known after them; --sort minutes: nearest first, with several --to by the
worse of the times. Minutes are door to door; "calidad" says whether they are those of a street network (raiz places
network) or estimates, ~ that the point is shared by many adverts. Unknown is "?" and never 0.
SQL answers for one known destination: select * from api.total_cost('eafit', 22)`;

export function accessCommand(): Command {
  return withCostOptions(new Command('access'))
    .description('minutes to where you study or work, and what a home costs a month with the fares')
    .option('--listing <id...>', 'only these adverts, on offer or not')
    .addOption(new Option('--operation <word>', 'of the homes on offer').choices(OPERATIONS).default('rent'))
    .addOption(new Option('--sort <word>', 'what comes first').choices(ORDERS).default('total'))
    .option('--limit <n>', 'how many homes to show', numberIn(1, 1_000_000), 20)
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON, with the legs of every trip')
    .option('--csv', 'print as CSV')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      await withDatabase({demo: flags.demo}, async ({database: {orm}, env}) => {
        const places = await resolvePlaces(orm, flags.to);
        const asked = await askedHomes(orm, flags);
        const {goals, notes} = await planTravel(env.dataDir, asked, places, flags.depart);
        const today = bogotaDay(new Date());
        const homes = asked
          .map(home => costHome(home, goals, flags, today))
          .sort(flags.sort === 'total' ? byTotal : byWorstMinutes)
          .slice(0, flags.limit);
        printHomes(homes, {...flags, isRanked: false}, () =>
          homes.length === 0
            ? 'No hay viviendas en oferta. Empiece con: raiz import <archivo>, o raiz demo'
            : [
                formatTable(homes, homeColumns(goals)),
                '',
                ...(flags.listing === undefined ? [] : homes.map(tripsText)),
                notesText(goals, homes, flags, notes),
              ].join('\n'),
        );
      });
    });
}

async function askedHomes(db: Db, {listing, operation}: Flags): Promise<OfferedHome[]> {
  if (listing === undefined) return selectOfferedHomes(db, {operation});
  const homes = await selectHomesById(db, listing);
  const missing = listing.filter(id => !homes.some(({listingId}) => listingId === id));
  if (missing.length === 0) return homes;
  throw new ConfigError(
    `No advert with an offer has the id ${missing.join(', ')}. Ids look like fincaraiz:id:193349683: raiz db query "select listing_id from api.listing limit 5"`,
  );
}

/** Cheapest first; where the total isn't known, after all others by what it costs at least. */
function byTotal(a: CostedHome, b: CostedHome): number {
  const [first, second] = [a.cost.totalCop, b.cost.totalCop];
  if (first !== null && second !== null) return first - second || byWorstMinutes(a, b);
  if (first !== null || second !== null) return first === null ? 1 : -1;
  return a.cost.atLeastCop - b.cost.atLeastCop || byWorstMinutes(a, b);
}

function byWorstMinutes(a: CostedHome, b: CostedHome): number {
  return (a.worstMinutes ?? Number.MAX_VALUE) - (b.worstMinutes ?? Number.MAX_VALUE);
}
