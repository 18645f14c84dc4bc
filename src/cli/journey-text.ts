/** Homes with minutes and costs as people read them (Spanish), as JSON and as CSV. */
import {stringify} from 'csv-stringify/sync';
import type {CostedHome, CostFlags, Journey, NamedGoal} from './journeys.ts';
import {print, printJson, type TableColumn} from './output.ts';

const PESOS = new Intl.NumberFormat('es-CO', {maximumFractionDigits: 0});
const MODES = {walk: 'a pie', transit: 'metro', bus: 'bus', bus_transit: 'bus + metro'} as const;

/** Pesos as Colombians write them; `?`: unknown. */
export function pesos(cop: number | null): string {
  return cop === null ? '?' : PESOS.format(cop);
}

/** A point that many adverts share, or the middle of a barrio: minutes from there are not those of the home. */
function isSharedPoint({home}: CostedHome): boolean {
  return home.geoQuality === 'shared_pin' || home.geoQuality === 'centroid';
}

function minutesText({travel}: Journey, isShared: boolean): string {
  if (travel === null) return '?';
  return `${isShared ? '~' : ''}${Math.round(travel.minutes)} ${MODES[travel.mode]}`;
}

/** Of all the minutes of a home together. */
function qualityText({journeys}: CostedHome): string {
  const qualities = new Set(journeys.map(({travel}) => travel?.quality ?? null));
  if (qualities.size > 1) return qualities.has(null) ? '?' : 'mixta';
  const [only] = qualities;
  return only === null || only === undefined ? '?' : only === 'exact' ? 'exacta' : 'estimada';
}

/** Columns of a table of homes: where, what, the three parts and their sum, minutes by destination, what is unknown. */
export function homeColumns(goals: readonly NamedGoal[]): TableColumn<CostedHome>[] {
  return [
    {title: 'aviso', value: ({home}) => home.listingId},
    {title: 'barrio', value: ({home}) => home.neighbourhood ?? home.municipality},
    {title: 'hab', align: 'right', value: ({home}) => home.bedrooms},
    {title: 'arriendo o cuota', align: 'right', value: ({cost}) => pesos(cost.housingCop)},
    {title: 'administración', align: 'right', value: ({cost}) => pesos(cost.adminFeeCop)},
    {title: 'transporte', align: 'right', value: ({cost}) => pesos(cost.transportCop)},
    {
      title: 'total al mes',
      align: 'right',
      value: ({cost}) => (cost.totalCop === null ? `≥ ${pesos(cost.atLeastCop)}` : pesos(cost.totalCop)),
    },
    ...goals.map(
      ({to}, index): TableColumn<CostedHome> => ({
        title: `min a ${to}`,
        align: 'right',
        value: home => {
          const journey = home.journeys[index];
          return journey === undefined ? '?' : minutesText(journey, isSharedPoint(home));
        },
      }),
    ),
    ...(goals.length < 2
      ? []
      : [
          {
            title: 'el peor',
            align: 'right' as const,
            value: ({worstMinutes}: CostedHome) =>
              worstMinutes === null ? '?' : String(Math.round(worstMinutes)),
          },
        ]),
    {title: 'calidad', value: qualityText},
  ];
}

const VEHICLES = {
  walk: 'a pie',
  bus: 'bus',
  metro: 'metro',
  cable: 'cable',
  tram: 'tranvía',
  brt: 'metroplús',
} as const;

/** Every trip of a home, leg by leg: `eafit: a pie 5 min a Floresta → metro B 9 min a San Antonio → …`. */
export function tripsText({home, journeys}: CostedHome): string {
  return journeys
    .map(({to, travel, fareCop}) => {
      if (travel === null) {
        return `${home.listingId} a ${to}: ${home.latitude === null ? 'no se sabe dónde queda' : 'no hay ruta conocida'}.`;
      }
      const legs = travel.legs.map(({mode, line, to: stop, minutes}) =>
        [VEHICLES[mode], line, `${Math.round(minutes)} min`, stop === null ? null : `a ${stop}`]
          .filter(word => word !== null)
          .join(' '),
      );
      return `${home.listingId} a ${to}: ${legs.join(' → ')}. Pasaje: ${pesos(fareCop)}.`;
    })
    .join('\n');
}

/** After the table: what is unknown, and what the numbers assume. */
export function notesText(
  goals: readonly NamedGoal[],
  homes: readonly CostedHome[],
  flags: CostFlags,
  travelNotes: readonly string[],
): string {
  const unknown = homes.filter(({unknown: parts}) => parts.length > 0).length;
  const shared = homes.filter(isSharedPoint).length;
  const isSale = homes.some(({home}) => home.operation === 'sale');
  return [
    `Destinos: ${goals.map(({to, name}) => (to === name ? to : `${to} (${name})`)).join(' · ')}. ${flags.days} días al mes, dos viajes por día, tarifa ${flags.fare}.`,
    ...travelNotes,
    ...(isSale
      ? [
          `Cuota supuesta: ${flags.downPayment} % de inicial, ${flags.rate} % efectivo anual, ${flags.years} años, sin seguros.`,
        ]
      : []),
    ...(unknown === 0
      ? []
      : [`? es desconocido, no cero: a ${unknown} de ${homes.length} avisos les falta algún dato.`]),
    ...(shared === 0
      ? []
      : [`~ en ${shared}: punto compartido por muchos avisos; sus minutos son aproximados.`]),
  ].join('\n');
}

/** @param rank place in the list, when the list is ranked. */
function flatten({home, journeys, worstMinutes, cost, unknown}: CostedHome, rank: number | null) {
  return {
    rank,
    ...home,
    ...cost,
    worstMinutes,
    unknown,
    journeys: journeys.map(({to, travel, fareCop, transportCop}) => ({
      to,
      minutes: travel?.minutes ?? null,
      mode: travel?.mode ?? null,
      quality: travel?.quality ?? null,
      legs: travel?.legs.map(leg => ({...leg, minutes: Math.round(leg.minutes * 10) / 10})) ?? null,
      fareCop,
      transportCop,
    })),
  };
}

export interface FormatFlags {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Prints homes as JSON, as CSV (four columns a destination), or as the text given. */
export function printHomes(
  homes: readonly CostedHome[],
  format: FormatFlags & {readonly isRanked: boolean},
  text: () => string,
): void {
  const flat = homes.map((home, index) => flatten(home, format.isRanked ? index + 1 : null));
  if (format.json === true) printJson(flat);
  else if (format.csv === true) {
    const rows = flat.map(({journeys, unknown, ...row}) => ({
      ...row,
      unknown: unknown.join(', '),
      ...Object.fromEntries(
        journeys.flatMap((journey, n) => [
          [`to${n + 1}`, journey.to],
          [`minutes${n + 1}`, journey.minutes],
          [`mode${n + 1}`, journey.mode],
          [`quality${n + 1}`, journey.quality],
        ]),
      ),
    }));
    process.stdout.write(stringify(rows, {header: true}));
  } else print(text());
}
