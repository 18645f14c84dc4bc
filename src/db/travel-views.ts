/** What schema `api` says about travel: the queries of three views, and the function `api.total_cost`. */
import {POINTED_QUALITIES} from '../domain/vocabulary.ts';
import {eastM, northM, VALLE_DE_ABURRA} from '../lib/geo.ts';
import {FARE_PROFILES, MEDELLIN, TRIPS_A_DAY} from '../lib/total-cost.ts';
import {BUS_KMH, BUS_STOP_WALK_MINUTES, BUS_WAIT_MINUTES, planGoal} from '../lib/travel.ts';
import {DEFAULT_DEPARTURE_MINUTE, linesAt, writeClock} from '../lib/travel-hours.ts';
import {MAX_STOP_WALK_M, TransitNetwork} from '../lib/travel-network.ts';
import {BUS_DETOUR, walkMinutes} from '../lib/travel-ways.ts';
import {readTravelFacts} from './travel-facts.ts';

type Cell = string | number | null;

/** Rows as a query. @param literal writes one value as SQL. */
function valuesQuery(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  literal: (value: Cell) => string,
): string {
  const lines = rows.map(row => `(${row.map(literal).join(', ')})`);
  return `select * from (values\n${lines.join(',\n')}) as t(${columns.join(', ')})`;
}

/** Query by view name: `destination`, `destination_stop`, `fare`. */
export function travelQueries(literal: (value: Cell) => string): Readonly<Record<string, string>> {
  const {lines, fares, destinations} = readTravelFacts();
  const network = new TransitNetwork(linesAt(lines, DEFAULT_DEPARTURE_MINUTE));
  const stops = destinations.flatMap(goal =>
    planGoal(network, goal).stops.map(({station, line, minutes}) => [
      goal.destination,
      station.stationId,
      line,
      station.latitude,
      station.longitude,
      minutes,
    ]),
  );
  return {
    destination: valuesQuery(
      [
        'destination',
        'destination_name',
        'destination_latitude',
        'destination_longitude',
        'destination_municipality_code',
        'fact_source',
        'fact_licence',
        'fact_as_of',
      ],
      destinations.map(row => [
        row.destination,
        row.name,
        row.latitude,
        row.longitude,
        row.municipalityCode,
        row.source,
        row.licence,
        row.asOf,
      ]),
      literal,
    ),
    destination_stop: valuesQuery(
      ['destination', 'stop_id', 'stop_line', 'stop_latitude', 'stop_longitude', 'stop_minutes'],
      stops,
      literal,
    ),
    fare: valuesQuery(
      [
        'fare_service',
        'fare_profile',
        'fare_municipality_code',
        'fare_cop',
        'fare_valid_from',
        'fact_source',
        'fact_url',
      ],
      fares.map(row => [
        row.service,
        row.profile,
        row.municipalityCode,
        row.fareCop,
        row.validFrom,
        row.source,
        row.url,
      ]),
      literal,
    ),
  };
}

/** How the function is named where it is dropped. */
export const TOTAL_COST_SIGNATURE = 'api.total_cost(text, integer, text)';

const COMMENT =
  'Arriendo + administración + pasajes al mes de cada aviso de arriendo de hoy, para un destino de api.destination y unos días al mes (dos viajes por día): ' +
  'select * from api.total_cost($$eafit$$, 22). Perfil de tarifa: frequent, student, senior, disability u occasional. ' +
  `Minutos estimados de puerta a puerta (travel_quality = estimated), saliendo a las ${writeClock(DEFAULT_DEPARTURE_MINUTE)} de un día hábil, en línea recta con rodeo y sin relieve: con red de calles, relieve u otra hora, raiz access. ` +
  'Vacío quiere decir desconocido, nunca cero: sin administración conocida no hay total. ' +
  'El SQL sólo responde por los destinos de api.destination; cualquier otro punto, varios a la vez o la compra a crédito: raiz access --to "6.21,-75.57".\n' +
  '— EN: Monthly rent + administration + fares of each rental on offer today, for a destination of api.destination and days a month (two trips a day). ' +
  `Minutes are door-to-door estimates, leaving at ${writeClock(DEFAULT_DEPARTURE_MINUTE)} of a working day, straight lines with a detour and no relief: with a street network, relief or another hour, raiz access. ` +
  'Null means unknown, never zero. SQL alone answers for api.destination only; any other point, several at once or buying: raiz access.';

const distance = (latitude: string, longitude: string) =>
  `sqrt(((h.longitude - ${longitude}) * ${eastM(1) - eastM(0)}) ^ 2 + ((h.latitude - ${latitude}) * ${northM(1) - northM(0)}) ^ 2)`;
const walk = (metres: string) => `${metres} * ${walkMinutes(1)}`;
const bus = (metres: string) =>
  `${BUS_STOP_WALK_MINUTES + BUS_WAIT_MINUTES} + ${metres} * ${(BUS_DETOUR * 60) / (BUS_KMH * 1000)}`;

/** The same model as `src/lib/travel.ts` and `src/lib/total-cost.ts`; a test holds both to the same results. */
export function totalCostFunction(literal: (value: Cell) => string): string {
  const {south, north, west, east} = VALLE_DE_ABURRA;
  return `
create function api.total_cost(destination text, days integer default 22, fare_profile text default 'frequent')
returns table (listing_id text, rent_cop bigint, admin_fee_cop bigint, transport_cop bigint, total_cop bigint,
  travel_minutes double precision, travel_mode text, travel_quality text)
language plpgsql stable as $body$
#variable_conflict use_column
declare
  goal record;
  today constant date := (now() at time zone 'America/Bogota')::date;
begin
  select d.* into goal from api.destination d where d.destination = total_cost.destination;
  if not found then
    raise exception 'api.total_cost knows no destination "%"', total_cost.destination
      using hint = 'SQL alone answers for: ' || (select string_agg(d.destination, ', ' order by d.destination) from api.destination d)
        || '. For any other point: raiz access --to "6.21,-75.57"';
  end if;
  if days is null or days not between 0 and 31 then raise exception 'days must be 0 to 31, not %', days; end if;
  if coalesce(total_cost.fare_profile not in (${FARE_PROFILES.map(literal).join(', ')}), true) then
    raise exception 'fare_profile must be one of ${FARE_PROFILES.join(', ')}, not "%"', total_cost.fare_profile;
  end if;
  return query
  with home as (
    select l.listing_id, l.price_cop, l.admin_fee_cop, l.municipality_code, l.latitude, l.longitude,
      l.geo_quality in (${POINTED_QUALITIES.map(literal).join(', ')}) and l.latitude between ${south} and ${north}
        and l.longitude between ${west} and ${east} as is_placed
    from api.listing_current l where l.operation = 'rent'
  ), direct as (
    select h.listing_id, ${distance('goal.destination_latitude', 'goal.destination_longitude')} as metres
    from home h where h.is_placed
  ), stop as (
    select h.listing_id, s.stop_minutes, ${distance('s.stop_latitude', 's.stop_longitude')} as metres
    from home h cross join api.destination_stop s where h.is_placed and s.destination = goal.destination
  ), way as (
    select d.listing_id, 'walk' as mode, 1 as place, ${walk('d.metres')} as minutes from direct d
    union all
    select d.listing_id, 'bus', 2, ${bus('d.metres')} + ${BUS_STOP_WALK_MINUTES} from direct d
    union all
    select s.listing_id, 'transit', 3, s.stop_minutes + ${walk('s.metres')} from stop s where s.metres <= ${MAX_STOP_WALK_M}
    union all
    select s.listing_id, 'bus_transit', 3, s.stop_minutes + ${bus('s.metres')} from stop s where s.metres > ${MAX_STOP_WALK_M}
  ), best as (
    select distinct on (w.listing_id) w.listing_id, w.mode, w.minutes from way w order by w.listing_id, w.minutes, w.place
  ), tariff as (
    select distinct on (f.fare_service, f.fare_municipality_code) f.fare_service, f.fare_municipality_code as code, f.fare_cop
    from api.fare f
    where f.fare_valid_from <= today and coalesce(f.fare_profile = total_cost.fare_profile, true)
    order by f.fare_service, f.fare_municipality_code, f.fare_valid_from desc
  ), bus_code as (
    select h.listing_id, code from home h
    cross join lateral unnest(array[h.municipality_code, goal.destination_municipality_code]) code
    where code is distinct from '${MEDELLIN}' or (h.municipality_code, goal.destination_municipality_code) = ('${MEDELLIN}', '${MEDELLIN}')
  ), bus_fare as (
    select c.listing_id, case when count(*) = count(t.fare_cop) then max(t.fare_cop) end as fare_cop
    from bus_code c left join tariff t on t.fare_service = 'bus' and t.code = c.code
    group by c.listing_id
  ), cost as (
    select h.listing_id, h.price_cop, h.admin_fee_cop, b.mode, b.minutes, ${TRIPS_A_DAY} * days * case b.mode
      when 'walk' then 0
      when 'transit' then (select t.fare_cop from tariff t where t.fare_service = 'transit')
      when 'bus_transit' then (select t.fare_cop from tariff t where t.fare_service = 'bus_transit' and t.code = h.municipality_code)
      else u.fare_cop end as transport_cop
    from home h left join best b using (listing_id) left join bus_fare u using (listing_id)
  )
  select c.listing_id, c.price_cop, c.admin_fee_cop, c.transport_cop::bigint, (c.price_cop + c.admin_fee_cop + c.transport_cop)::bigint,
    round(c.minutes::numeric, 1)::double precision, c.mode, case when c.minutes is not null then 'estimated' end
  from cost c;
end
$body$;
comment on function ${TOTAL_COST_SIGNATURE} is ${literal(COMMENT)}`;
}
