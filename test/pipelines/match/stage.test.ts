import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import {listing, listingPrice, listingVersion} from '../../../drizzle/schema/core.ts';
import {matchStage} from '../../../pipelines/match/stage.ts';
import {insertRows} from '../../../src/db/bulk.ts';
import type {Database} from '../../../src/db/client.ts';
import {loadPropertyAdverts, recordPropertyDecisions} from '../../../src/db/properties.ts';
import {testDatabase} from '../../support/database.ts';

const NOW = new Date('2026-01-31T12:00:00Z');
const TEXT =
  'Casa esquinera de dos niveles frente al parque, con solar de naranjos, horno de leña y taller de carpintería';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.sql`truncate core.listing, core.property, ops.stage_state, ops.property_decision cascade`;
});

async function addHouse(portal: string, id: string, areaM2: number, description: string): Promise<void> {
  const listingId = `${portal}:id:${id}`;
  await insertRows(database.orm, listing, [
    {
      listingId,
      portal,
      idSpace: 'id',
      portalListingId: id,
      firstSeenAt: NOW,
      lastSeenAt: NOW,
      status: 'active',
      isSynthetic: false,
    },
  ]);
  await insertRows(database.orm, listingVersion, [
    {
      listingId,
      validFrom: NOW,
      payloadHash: 'x',
      description,
      propertyType: 'house',
      municipality: 'Medellín',
      areaM2,
      bedrooms: 4,
      bathrooms: 3,
      stratum: 4,
      amenities: [],
      isProject: false,
      isOffPlan: false,
      isAuction: false,
      exclusions: [],
    },
  ]);
  await insertRows(database.orm, listingPrice, [
    {
      listingId,
      operation: 'sale',
      validFrom: NOW,
      currency: 'COP',
      priceStated: 640_000_000,
      priceCop: 640_000_000,
    },
  ]);
}

const run = () => matchStage.run(database, {now: () => NOW, dataDir: '/nowhere'});
const homeOf = async (id: string) => (await loadPropertyAdverts(database.orm, id)).map(row => row.listingId);

test('adverts of one home across portals; a second run finds no work; a third portal keeps the id', async () => {
  await addHouse('b', '1', 183, TEXT);
  await addHouse('c', '1', 183, TEXT);
  await addHouse('b', '2', 95, 'Otra casa, en otra parte');
  expect(await run()).toMatchObject({keysFound: 1, counts: {properties: 2, matched: 2}});
  expect(await run()).toMatchObject({keysFound: 0});
  const [before] = await loadPropertyAdverts(database.orm, 'b:id:1');
  await addHouse('a', '1', 183, TEXT);
  expect(await run()).toMatchObject({counts: {properties: 2, matched: 3}});
  const [after] = await loadPropertyAdverts(database.orm, 'a:id:1');
  expect(after?.propertyId).toBe(before?.propertyId);
  expect(after?.reason).toBe('same_text');
});

test('what a person decided is honoured by this run and later ones, and can be taken back', async () => {
  await addHouse('b', '1', 183, TEXT);
  await addHouse('c', '1', 183, TEXT);
  await run();
  const decision = {
    listingId: 'b:id:1',
    otherListingId: 'c:id:1',
    decidedAt: NOW,
    decidedBy: 'ana',
    note: 'two doors',
  };
  await recordPropertyDecisions(database.orm, [{...decision, verdict: 'split'}]);
  expect(await run()).toMatchObject({keysFound: 1});
  expect(await homeOf('b:id:1')).toEqual(['b:id:1']);
  await addHouse('d', '9', 60, 'Casa pequeña');
  await run();
  expect(await homeOf('b:id:1')).toEqual(['b:id:1']);
  await recordPropertyDecisions(database.orm, [{...decision, verdict: 'join'}]);
  await run();
  expect(await homeOf('b:id:1')).toEqual(['b:id:1', 'c:id:1']);
});
