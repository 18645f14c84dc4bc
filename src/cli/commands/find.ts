import {Command, Option} from 'commander';
import {selectOfferedHomes} from '../../db/access.ts';
import {OPERATIONS, type Operation} from '../../domain/vocabulary.ts';
import {bogotaDay} from '../../lib/bogota-day.ts';
import {rankHomes} from '../../lib/total-cost.ts';
import {withDatabase} from '../context.ts';
import {type FormatFlags, homeColumns, notesText, pesos, printHomes} from '../journey-text.ts';
import {
  type CostedHome,
  type CostFlags,
  costHome,
  numberIn,
  planTravel,
  resolvePlaces,
  type TravelPlan,
  withCostOptions,
} from '../journeys.ts';
import {formatTable, type TableColumn} from '../output.ts';

interface Flags extends CostFlags, FormatFlags {
  readonly budget: number;
  readonly maxMinutes?: number;
  readonly operation: Operation;
  readonly bedrooms?: number;
  readonly limit: number;
  readonly demo?: boolean;
}

const EXAMPLES = `
Examples:
  raiz find --budget 2500000 --to eafit --max-minutes 45 --bedrooms 2
  raiz find --operation sale --budget 450000000 --to upb --to "6.2087,-75.5710@medellin" --rate 11.5 --csv

The best come first: by the mean of three places, total a month, worst minutes, and asking price against the model's
normal price. An unknown part takes the last place. To rent, the budget is for rent + administration + fares a month;
to buy, for the asking price.`;

export function findCommand(): Command {
  return withCostOptions(new Command('find'))
    .description(
      'homes within budget and minutes, best first: rent, administration, fares, time and fair price',
    )
    .requiredOption('--budget <cop>', 'rent: all a month; sale: asking price', numberIn(1, 1e12))
    .option('--max-minutes <n>', 'longest trip, door to door', numberIn(1, 1000))
    .addOption(new Option('--operation <word>', 'rent or buy').choices(OPERATIONS).default('rent'))
    .option('--bedrooms <n>', 'at least so many', numberIn(0, 50))
    .option('--limit <n>', 'how many homes to show', numberIn(1, 1_000_000), 20)
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON, with the legs of every trip')
    .option('--csv', 'print as CSV')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      await withDatabase({demo: flags.demo}, async ({database: {orm}, env}) => {
        const places = await resolvePlaces(orm, flags.to);
        const today = bogotaDay(new Date());
        const offered = await selectOfferedHomes(orm, {
          operation: flags.operation,
          maxPriceCop: flags.budget,
          minBedrooms: flags.bedrooms,
        });
        const plan = await planTravel(env.dataDir, offered, places, flags.depart);
        const affordable = offered
          .map(home => costHome(home, plan.goals, flags, today))
          .filter(({cost}) => flags.operation === 'sale' || cost.atLeastCop <= flags.budget);
        const near = affordable.filter(home => isNear(home, flags.maxMinutes));
        const untimed = flags.maxMinutes === undefined ? 0 : affordable.filter(isUntimed).length;
        const ranked = rankHomes(near.map(home => ({...home, ...weigh(home)})));
        const shown = ranked.slice(0, flags.limit);
        printHomes(shown, {...flags, isRanked: true}, () =>
          [
            resultText(shown, ranked.length, plan, flags),
            ...(untimed === 0
              ? []
              : [`${untimed} avisos dentro del presupuesto no se pudieron ubicar y quedaron por fuera.`]),
          ].join('\n'),
        );
      });
    });
}

function isUntimed({worstMinutes}: CostedHome): boolean {
  return worstMinutes === null;
}

function isNear({worstMinutes}: CostedHome, maxMinutes: number | undefined): boolean {
  return maxMinutes === undefined || (worstMinutes !== null && worstMinutes <= maxMinutes);
}

function weigh({cost, worstMinutes, home}: CostedHome) {
  return {totalCop: cost.totalCop, minutes: worstMinutes, gapPct: home.gapPct};
}

function resultText(
  shown: readonly CostedHome[],
  found: number,
  {goals, notes}: TravelPlan,
  flags: CostFlags,
): string {
  if (shown.length === 0) {
    return 'Ninguna vivienda en oferta cumple. Pruebe con más presupuesto (--budget), más minutos (--max-minutes) o menos habitaciones (--bedrooms).';
  }
  const columns: TableColumn<CostedHome>[] = [
    {title: '#', align: 'right', value: home => String(shown.indexOf(home) + 1)},
    ...homeColumns(goals),
    {title: 'precio pedido', align: 'right', value: ({home}) => pesos(home.priceCop)},
    {title: 'precio normal', align: 'right', value: ({home}) => pesos(home.midCop)},
    {
      title: 'diferencia',
      align: 'right',
      value: ({home: {gapPct}}) => (gapPct === null ? '?' : `${gapPct > 0 ? '+' : ''}${gapPct.toFixed(0)} %`),
    },
  ];
  return [
    formatTable(shown, columns),
    '',
    `${found} viviendas cumplen; se muestran ${shown.length}. Orden: promedio de los puestos en total, minutos y diferencia con el precio normal.`,
    notesText(goals, shown, flags, notes),
  ].join('\n');
}
