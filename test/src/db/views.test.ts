import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {sqlType} from '../../../src/db/view-queries.ts';
import {applyViews, dropViews} from '../../../src/db/views.ts';
import {columnMeaning, VIEWS} from '../../../src/domain/dictionary.ts';
import {testDatabase} from '../../support/database.ts';
import {day, idOf, SALES, seedRows} from '../../support/release-rows.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await applyViews(database);
  await seedRows(database);
});
afterAll(() => database.close());

const rows = (query: string) => database.sql.unsafe<Record<string, unknown>[]>(query);

describe('definition', () => {
  test('views have the columns, order and types of the dictionary', async () => {
    const found = await rows(`
      select c.relname as view, array_agg(a.attname::text order by a.attnum) as columns,
        array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) as types
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where c.relnamespace = 'api'::regnamespace and c.relkind = 'v' group by 1 order by 1`);
    const named = (type: string) => (type === 'timestamptz' ? 'timestamp with time zone' : type);
    const expected = VIEWS.map(view => ({
      view: view.name,
      columns: [...view.columns],
      types: view.columns.map(column => named(sqlType(column))),
    }));
    expect(found).toEqual(expected.sort((a, b) => (a.view < b.view ? -1 : 1)));
  });

  test('schema, every view and every column have a comment in both languages', async () => {
    const bare = await rows(`
      select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where c.relnamespace = 'api'::regnamespace and coalesce(col_description(c.oid, a.attnum), '') not like '%— EN: %'
      union all
      select c.relname, null from pg_class c
      where c.relnamespace = 'api'::regnamespace and coalesce(obj_description(c.oid, 'pg_class'), '') not like '%— EN: %'
      union all
      select 'schema api', null where coalesce(obj_description('api'::regnamespace, 'pg_namespace'), '') not like '%— EN: %'`);
    expect([...bare]).toEqual([]);
  });

  test('api.column_dictionary holds every column of every view', async () => {
    const listed = await rows(
      `select table_name, column_name from api.column_dictionary where table_name like 'api.%'`,
    );
    expect(listed).toHaveLength(VIEWS.reduce((sum, view) => sum + view.columns.length, 0));
    const [price] = await rows(
      `select unit, is_calculated, null_es from api.column_dictionary where table_name = 'api.listing' and column_name = 'price_cop'`,
    );
    expect(price).toEqual({
      unit: 'COP (al mes en arriendos)',
      is_calculated: true,
      null_es: 'sin precio, en otra moneda o no creíble',
    });
  });

  test('a second application makes nothing; a dropped or foreign definition is made again', async () => {
    expect(await applyViews(database)).toBe(false);
    const own = await testDatabase();
    await applyViews(own);
    await own.sql`create view api.old_view as select 1 as x`;
    await own.orm.transaction(tx => dropViews(tx));
    const left = await own.sql`select from pg_views where schemaname = 'api'`;
    expect(left).toHaveLength(0);
    expect(await applyViews(own)).toBe(true);
    await own.close();
  });

  test('processes that start together agree on one definition', async () => {
    const own = await testDatabase();
    await own.sql`drop schema if exists api cascade`;
    const made = await Promise.all([applyViews(own), applyViews(own), applyViews(own)]);
    expect(made.filter(Boolean)).toHaveLength(1);
    await own.close();
  });

  test('the reader may read every view and nothing beneath', async () => {
    const denied = await rows(`
      select relname from pg_class where relnamespace = 'api'::regnamespace and not has_table_privilege('raiz_reader', oid, 'select')
      union all
      select relname from pg_class where relnamespace in ('core'::regnamespace, 'raw'::regnamespace)
        and relkind = 'r' and has_table_privilege('raiz_reader', oid, 'select')`);
    expect([...denied]).toEqual([]);
  });
});

describe('adverts', () => {
  test('listing has a row per advert and operation, also for an advert without an offer', async () => {
    const found = await rows(
      'select listing_key, status, is_current from api.listing order by listing_key collate "C"',
    );
    expect([...found]).toEqual([
      {listing_key: idOf('bare'), status: 'active', is_current: true},
      {listing_key: `${idOf('both')}:rent`, status: 'active', is_current: true},
      {listing_key: `${idOf('both')}:sale`, status: 'active', is_current: true},
      {listing_key: `${idOf('cut')}:sale`, status: 'active', is_current: true},
      {listing_key: `${idOf('gone')}:sale`, status: 'delisted', is_current: false},
      {listing_key: `${idOf('mended')}:sale`, status: 'active', is_current: true},
      {listing_key: `${idOf('stale')}:rent`, status: 'active', is_current: false},
    ]);
  });

  test('listing_current wants a complete run of the advert’s own search within 14 days of the newest run', async () => {
    const current = () =>
      rows(`select count(*)::int as n from api.listing_current where listing_id = '${idOf('stale')}'`);
    expect((await current())[0]?.n).toBe(0);
    await database.sql`update ops.run_scope set observed_at = ${day(3)} where observed_at = ${day(1)}`;
    expect((await current())[0]?.n).toBe(1);
    await database.sql`update ops.run_scope set observed_at = ${day(1)} where observed_at = ${day(3)}`;
  });

  test('the newest attributes, price and place stand in one row', async () => {
    const [row] = await rows(`select * from api.listing_current where listing_id = '${idOf('cut')}'`);
    expect(row).toMatchObject({
      operation: 'sale',
      price_cop: 430e6,
      price_stated: 430e6,
      price_since: day(5),
      price_per_m2_cop: 5041032,
      area_m2: 85.3,
      bedrooms: 4,
      stratum: null,
      amenities: ['ascensor', 'balcón'],
      geo_quality: 'shared_pin',
      municipality_code: '05001',
      property_id: 'p1',
      property_adverts: 2,
      is_synthetic: false,
    });
  });

  test('listing_history tells attributes, prices and status in one timeline', async () => {
    const cut =
      await rows(`select changed_at, change_kind, changed_field, old_value, new_value, seen_in_run_id is not null as has_run
      from api.listing_history where listing_id = '${idOf('cut')}' and changed_at > '${day(1).toISOString()}' and changed_field <> 'description'
      order by changed_at, change_kind, changed_field`);
    expect([...cut]).toEqual([
      {
        changed_at: day(5),
        change_kind: 'attribute',
        changed_field: 'bedrooms',
        old_value: '3',
        new_value: '4',
        has_run: true,
      },
      {
        changed_at: day(5),
        change_kind: 'price',
        changed_field: 'price_cop',
        old_value: '450000000',
        new_value: '430000000',
        has_run: true,
      },
      {
        changed_at: day(5),
        change_kind: 'price',
        changed_field: 'price_stated',
        old_value: '450000000',
        new_value: '430000000',
        has_run: true,
      },
    ]);
    const gone = await rows(`select changed_at, old_value, new_value, change_reason from api.listing_history
      where listing_id = '${idOf('gone')}' and change_kind = 'status' order by changed_at`);
    expect([...gone]).toEqual([
      {changed_at: day(1), old_value: null, new_value: 'active', change_reason: 'seen'},
      {
        changed_at: day(11),
        old_value: 'active',
        new_value: 'delisted',
        change_reason: 'absent from two complete runs',
      },
    ]);
  });

  test('listing_history shows that a text changed, not the text', async () => {
    const found = await rows(
      `select old_value, new_value from api.listing_history where changed_field = 'description'`,
    );
    expect(found).toHaveLength(1);
    expect(String(found[0]?.new_value)).toMatch(/^22 letras, huella [0-9a-f]{8}$/);
    expect(JSON.stringify(found)).not.toContain('Amplia');
  });
});

describe('prices and spells', () => {
  test('price_change tells a cut from a correction', async () => {
    const found =
      await rows(`select listing_id, changed_at, old_price_stated, new_price_stated, stated_change_pct, old_price_cop, new_price_cop,
      price_change_pct, is_correction from api.price_change order by listing_id`);
    expect([...found]).toEqual([
      {
        listing_id: idOf('cut'),
        changed_at: day(5),
        old_price_stated: 450e6,
        new_price_stated: 430e6,
        stated_change_pct: -4.44,
        old_price_cop: 450e6,
        new_price_cop: 430e6,
        price_change_pct: -4.44,
        is_correction: false,
      },
      {
        listing_id: idOf('mended'),
        changed_at: day(5),
        old_price_stated: 350e3,
        new_price_stated: 350e6,
        stated_change_pct: 99900,
        old_price_cop: 350e6,
        new_price_cop: 350e6,
        price_change_pct: 0,
        is_correction: true,
      },
    ]);
  });

  test('listing_spell says how long and whether the end is known', async () => {
    const found =
      await rows(`select listing_id, spell_number, days_online, ended_reason, is_censored from api.listing_spell
      where listing_id in ('${idOf('cut')}', '${idOf('gone')}') order by 1`);
    expect([...found]).toEqual([
      {listing_id: idOf('cut'), spell_number: 1, days_online: 10, ended_reason: null, is_censored: true},
      {
        listing_id: idOf('gone'),
        spell_number: 1,
        days_online: 0,
        ended_reason: 'withdrawn',
        is_censored: false,
      },
    ]);
  });

  test('property counts adverts', async () => {
    const [home] = await rows(`select * from api.property where property_id = 'p1'`);
    expect(home).toMatchObject({
      property_adverts: 2,
      active_adverts: 1,
      portals: ['fincaraiz'],
      listing_ids: [idOf('cut'), idOf('gone')],
      match_reasons: ['exact_twin'],
      first_seen_at: day(1),
      last_seen_at: day(11),
    });
  });
});

describe('surroundings and models', () => {
  test('listing_access: unknown category and missing point are null, none near is zero', async () => {
    const found =
      await rows(`select listing_id, nearest_school_m, school_within_500_m, school_within_2000_m, nearest_mall_m,
      mall_within_500_m, nearest_prison_m, prison_within_500_m from api.listing_access order by listing_id`);
    expect([...found]).toEqual([
      {
        listing_id: idOf('both'),
        nearest_school_m: null,
        school_within_500_m: null,
        school_within_2000_m: null,
        nearest_mall_m: null,
        mall_within_500_m: null,
        nearest_prison_m: null,
        prison_within_500_m: null,
      },
      {
        listing_id: idOf('cut'),
        nearest_school_m: 310,
        school_within_500_m: 1,
        school_within_2000_m: 9,
        nearest_mall_m: null,
        mall_within_500_m: 0,
        nearest_prison_m: null,
        prison_within_500_m: null,
      },
    ]);
  });

  test('listing_valuation shows the champion only', async () => {
    const found = await rows(
      'select listing_id, model_id, price_position, is_price_current, gap_pct, reasons from api.listing_valuation order by 1',
    );
    expect(
      found.map(row => [row.listing_id, row.model_id, row.price_position, row.is_price_current, row.gap_pct]),
    ).toEqual([
      [idOf('both'), 'champion', 'above', true, 15.4],
      [idOf('cut'), 'champion', 'below', true, -17.3],
      [idOf('gone'), 'champion', 'within', true, -17.3],
    ]);
    expect(found[1]?.reasons).toEqual(['17 % por debajo de lo esperado', 'Más habitaciones de lo usual']);
  });

  test('below_normal ranks active candidates and names what to be careful about', async () => {
    const found = await rows(
      'select rank, listing_id, red_flags, warnings, is_current, anomaly_verdict from api.below_normal',
    );
    expect([...found]).toEqual([
      {
        rank: 1,
        listing_id: idOf('cut'),
        red_flags: ['shared_pin', 'few_comparables'],
        warnings: ['Muchos avisos comparten su punto', 'Solo 5 inmuebles parecidos'],
        is_current: true,
        anomaly_verdict: null,
      },
    ]);
  });
});

describe('trust', () => {
  test('freshness tells the newest complete search from the newest search', async () => {
    const found = await rows(
      'select portal, operation, last_run_at, last_run_verdict, last_complete_at, active_listings, current_listings from api.freshness order by 2',
    );
    expect([...found]).toEqual([
      {
        portal: 'fincaraiz',
        operation: 'rent',
        last_run_at: day(17),
        last_run_verdict: 'incomplete',
        last_complete_at: day(1),
        active_listings: 2,
        current_listings: 1,
      },
      {
        portal: 'fincaraiz',
        operation: 'sale',
        last_run_at: day(11),
        last_run_verdict: 'complete',
        last_complete_at: day(11),
        active_listings: 3,
        current_listings: 3,
      },
    ]);
  });

  test('portal_health has a row per run and search', async () => {
    const found =
      await rows(`select run_observed_on::text as day, verdict, coverage_pct, new_listings, duration_seconds from api.portal_health
      where scope_key = '${SALES}' order by run_id`);
    expect([...found]).toEqual([
      {day: '2026-01-01', verdict: 'complete', coverage_pct: 100, new_listings: 4, duration_seconds: 90},
      {day: '2026-01-05', verdict: 'complete', coverage_pct: 100, new_listings: 0, duration_seconds: 90},
      {day: '2026-01-11', verdict: 'complete', coverage_pct: 100, new_listings: 1, duration_seconds: 90},
    ]);
  });

  test('quality_rule counts what cleaning did and what could not be read', async () => {
    const found = await rows(
      'select rule, rule_field, effect, cases, listings_affected, cases_share_pct, example_value from api.quality_rule order by rule',
    );
    expect([...found]).toEqual([
      {
        rule: 'record_shape',
        rule_field: null,
        effect: 'rejected',
        cases: 2,
        listings_affected: null,
        cases_share_pct: 50,
        example_value: null,
      },
      {
        rule: 'stratum_out_of_range',
        rule_field: 'stratum',
        effect: 'nulled',
        cases: 2,
        listings_affected: 2,
        cases_share_pct: 50,
        example_value: '110',
      },
    ]);
  });

  test('every view but release shows the seeded rows, and keeps its promise of columns that are never empty', async () => {
    for (const view of VIEWS.filter(({name}) => name !== 'release')) {
      const promised = view.columns.filter(column => columnMeaning(column).whenNull === null);
      const broken = promised.map(column => `count(*) filter (where ${column} is null)::int as ${column}`);
      const [found] = await rows(
        `select count(*)::int as n_rows, ${broken.join(', ')} from api.${view.name}`,
      );
      const {n_rows, ...nulls} = found ?? {};
      expect(n_rows, view.name).toBeGreaterThan(0);
      expect(
        Object.entries(nulls).filter(([, n]) => n !== 0),
        view.name,
      ).toEqual([]);
    }
  });
});
