import {eq} from 'drizzle-orm';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {listingLocation, listingPrice} from '../../../drizzle/schema/core.ts';
import {costHome, planGoals, resolvePlaces} from '../../../src/cli/journeys.ts';
import {selectHomesById} from '../../../src/db/access.ts';
import type {Database} from '../../../src/db/client.ts';
import {applyViews} from '../../../src/db/views.ts';
import {testDatabase} from '../../support/database.ts';
import {idOf, seedRows} from '../../support/release-rows.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await applyViews(database);
  await seedRows(database);
  await database.orm
    .update(listingPrice)
    .set({adminFeeCop: 300_000})
    .where(eq(listingPrice.listingId, idOf('both')));
});
afterAll(() => database.close());

const FLAGS = {days: 22, fare: 'frequent', downPayment: 30, rate: 12, years: 20, depart: 420} as const;

/** The one rental on offer, moved. */
async function move(place: {latitude: number | null; longitude: number | null; code: string | null}) {
  const {latitude, longitude, code: municipalityCode} = place;
  await database.orm
    .update(listingLocation)
    .set({latitude, longitude, municipalityCode, geoQuality: latitude === null ? 'missing' : 'exact'})
    .where(eq(listingLocation.listingId, idOf('both')));
}

describe('api.total_cost', () => {
  test.each([
    ['walk', 6.2018, -75.5775, '05001', 'eafit'],
    ['transit', 6.337, -75.545, '05088', 'eafit'],
    ['bus', 6.2, -75.553, '05001', 'eafit'],
    ['bus', 6.18, -75.568, '05266', 'iue'],
    ['bus', 6.15, -75.6, '05631', 'eia-zuniga'],
    ['bus_transit', 6.184, -75.656, '05001', 'eafit'],
    ['bus_transit', 6.43, -75.33, '05079', 'udea'],
    ['bus_transit', 6.43, -75.33, null, 'udea'],
  ])('says what the command says: %s from %d, %d (%s) to %s', async (mode, latitude, longitude, code, to) => {
    await move({latitude, longitude, code});
    const [goal] = planGoals(await resolvePlaces(database.orm, [to]));
    const [home] = (await selectHomesById(database.orm, [idOf('both')])).filter(
      ({operation}) => operation === 'rent',
    );
    if (goal === undefined || home === undefined) throw new Error('nothing to compare');
    const {journeys, cost} = costHome(home, [goal], {...FLAGS, to: [to]}, '2026-11-23');
    const [row] = await database.sql`select * from api.total_cost(${to}, 22)`;
    expect([row?.travel_mode, journeys[0]?.travel?.mode]).toEqual([mode, mode]);
    expect(row?.travel_minutes).toBeCloseTo(journeys[0]?.travel?.minutes ?? Number.NaN, 1);
    const numbers = [row?.rent_cop, row?.admin_fee_cop, row?.transport_cop, row?.total_cop];
    expect(numbers.map(value => (value === null ? null : Number(value)))).toEqual([
      cost.housingCop,
      cost.adminFeeCop,
      cost.transportCop,
      cost.totalCop,
    ]);
  });

  test('only rentals on offer; an unknown place leaves minutes and total unknown, and keeps the row', async () => {
    await move({latitude: null, longitude: null, code: null});
    const rows = await database.sql`select * from api.total_cost('eafit')`;
    expect([...rows]).toMatchObject([
      {
        listing_id: idOf('both'),
        transport_cop: null,
        total_cop: null,
        travel_minutes: null,
        travel_mode: null,
        travel_quality: null,
      },
    ]);
  });

  test.each([
    [`select * from api.total_cost('harvard', 22)`, /knows no destination "harvard"/],
    [`select * from api.total_cost(null)`, /knows no destination/],
    [`select * from api.total_cost('eafit', 40)`, /days must be 0 to 31, not 40/],
    [`select * from api.total_cost('eafit', 22, 'rich')`, /fare_profile must be one of frequent, student/],
  ])('%s is refused', async (query, message) => {
    await expect(database.sql.unsafe(query)).rejects.toThrow(message);
  });

  test('the reader may call it, and its comment says which destinations SQL answers for', async () => {
    const [found] = await database.sql`
      select has_function_privilege('raiz_reader', oid, 'execute') as allowed, obj_description(oid, 'pg_proc') as comment
      from pg_proc where pronamespace = 'api'::regnamespace and proname = 'total_cost'`;
    expect(found?.allowed).toBe(true);
    expect(found?.comment).toMatch(/SQL sólo responde por los destinos de api\.destination.*— EN: /s);
  });
});
