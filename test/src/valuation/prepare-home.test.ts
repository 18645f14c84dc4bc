import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {enrichStage, readReference} from '../../../pipelines/enrich/stage.ts';
import type {Database} from '../../../src/db/client.ts';
import {selectFeatureRows} from '../../../src/db/models.ts';
import type {StagedListing} from '../../../src/domain/listing.ts';
import {loadReferenceData} from '../../../src/imports/reference.ts';
import {prepareHome} from '../../../src/valuation/prepare-home.ts';
import {testDatabase} from '../../support/database.ts';
import {knownWorld} from '../../support/housing-world.ts';
import {saveWorld, WORLD_SEEN_AT} from '../../support/saved-world.ts';
import {stagedListing} from '../../support/staged-listing.ts';

const [home] = knownWorld({homes: 1, seed: 3});
const wanted = {
  ...({operation: 'sale', listingId: home!.listingId, groupId: home!.listingId} as const),
  isSynthetic: true,
  now: WORLD_SEEN_AT,
};

/** The saved home as a portal would state it. */
function staged(changes: Partial<StagedListing> = {}): StagedListing {
  const {priceCop, areaM2, neighbourhood, stratum, bedrooms, bathrooms, parkingSpaces} = home!;
  return stagedListing({
    ...{neighbourhood, stratum, bedrooms, bathrooms, parkingSpaces},
    ...{latitude: home!.latitude, longitude: home!.longitude, amenities: home!.amenities},
    offers: [{operation: 'sale', price: priceCop, currency: 'COP', adminFeeCop: null}],
    builtAreaM2: areaM2,
    ...{
      department: null,
      description: null,
      floor: null,
      condition: null,
      ageYearsMin: null,
      ageYearsMax: null,
    },
    ...changes,
  });
}

describe('prepareHome', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase();
    await loadReferenceData(database);
    await saveWorld(database, [home!]);
    await enrichStage.run(database, {now: () => WORLD_SEEN_AT, dataDir: '/nowhere'});
  }, 60_000);
  afterAll(() => database.close());
  const prepare = async (changes: Partial<StagedListing> = {}) =>
    prepareHome(staged(changes), wanted, await readReference(database.orm));

  it('gives a described home the row that the tables give an advert of the same facts', async () => {
    const [fromTables] = await selectFeatureRows(database.orm, [home!.listingId]);
    const prepared = await prepare();
    if (prepared.kind !== 'home') throw new Error(prepared.kind);
    expect(prepared.row).toEqual(fromTables);
    expect(Object.keys(prepared.row.nearestM).length).toBeGreaterThan(3);
    expect(prepared.row.district).not.toBeNull();
    expect(prepared.notes).toEqual([]);
  });

  it('needs no price', async () => {
    const offers = [
      {operation: 'sale' as const, price: null, currency: 'COP' as const, adminFeeCop: 300_000},
    ];
    const prepared = await prepare({offers});
    if (prepared.kind !== 'home') throw new Error(prepared.kind);
    expect(prepared.row).toMatchObject({priceCop: Number.NaN, adminFeeCop: 300_000});
    expect(prepared.notes).toEqual([]);
  });

  it('says what was not believed', async () => {
    const prepared = await prepare({bedrooms: 253, stratum: null, isAuction: true});
    if (prepared.kind !== 'home') throw new Error(prepared.kind);
    expect(prepared.row).toMatchObject({bedrooms: null, stratum: null});
    expect(prepared.notes).toEqual([
      'alcobas 253 no se usó (regla count_range)',
      'No es una oferta corriente (regla auction): el valor supone que lo fuera',
      'No se dijo el estrato: con él el valor es más exacto',
    ]);
  });

  it('tells types without a model from homes that cannot be', async () => {
    expect(await prepare({propertyType: 'land'})).toEqual({kind: 'no_model', propertyType: 'land'});
    expect(await prepare({builtAreaM2: 0})).toMatchObject({
      kind: 'impossible',
      message: expect.stringContaining("an area of 0 m² can't be"),
    });
    expect(await prepare({builtAreaM2: null})).toEqual({kind: 'impossible', message: 'no area is stated'});
    expect(await prepare({propertyType: null})).toMatchObject({
      message: expect.stringContaining('the type of home is not known'),
    });
  });
});
