import {afterAll, beforeAll, expect, test} from 'vitest';
import {
  listing,
  listingPrice,
  listingSpell,
  listingVersion,
  property,
  propertyMember,
} from '../../../drizzle/schema/core.ts';
import {model, score} from '../../../drizzle/schema/ml.ts';
import type {Database} from '../../../src/db/client.ts';
import {applyViews} from '../../../src/db/views.ts';
import {testDatabase} from '../../support/database.ts';
import {day} from '../../support/release-rows.ts';

interface Advert {
  readonly id: string;
  readonly advertiser: string | null;
  readonly home: string;
  /** Days of January 2026 on which it was first and last seen. */
  readonly from: number;
  readonly to: number;
  readonly isOver?: boolean;
  /** Prices by the day they began, million pesos. */
  readonly prices?: readonly (readonly [number, number])[];
  /** Low end of the model's range, million pesos. */
  readonly low?: number;
}

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await applyViews(database);
  await database.orm.transaction(async tx => {
    const championId = 'champion';
    await tx.insert(model).values({
      ...{modelId: championId, trainingId: 't', algorithm: 'ridge', operation: 'sale', trainedAt: day(1)},
      ...{trainingRows: 1, datasetHash: 'd', splitId: 's', seed: 1, backend: 'cpu', fitSeconds: 1, card: {}},
      metrics: {mdape: 0.1, maeCop: 1, within10: 0.5, within20: 0.9, r2Log: 0.8, coverage80: 0.8},
      ...{isChampion: true, isSynthetic: false},
    });
    await tx
      .insert(property)
      .values([...new Set(ADVERTS.map(({home}) => home))].map(propertyId => ({propertyId, adverts: 1})));
    for (const {id, advertiser, home, from, to, isOver = false, prices = [[from, 500]], low} of ADVERTS) {
      const listingId = idOf(id);
      await tx.insert(listing).values({
        ...{listingId, portal: 'fincaraiz', idSpace: 'id', portalListingId: id, isSynthetic: false},
        ...{firstSeenAt: day(from), lastSeenAt: day(to), status: isOver ? 'delisted' : 'active'},
      });
      await tx.insert(listingVersion).values({
        ...{listingId, validFrom: day(from), payloadHash: id, amenities: [], exclusions: []},
        ...{advertiserKey: advertiser, advertiserKind: 'agency'},
        ...{isProject: false, isOffPlan: false, isAuction: false},
      });
      await tx.insert(listingSpell).values({
        ...{listingId, startedAt: day(from), lastSeenAt: day(to)},
        ...(isOver ? {endedAt: day(to + 1), endedReason: 'withdrawn' as const} : {}),
      });
      await tx.insert(propertyMember).values({listingId, propertyId: home, reason: 'same_text', score: 1});
      await tx.insert(listingPrice).values(
        prices.map(([since, million], at) => {
          const next = prices[at + 1]?.[0];
          return {
            ...{listingId, operation: 'sale' as const, currency: 'COP' as const, validFrom: day(since)},
            validTo: next === undefined ? null : day(next),
            ...{priceStated: million * 1e6, priceCop: million * 1e6},
          };
        }),
      );
      if (low === undefined) continue;
      const priceCop = (prices.at(-1)?.[1] ?? 0) * 1e6;
      await tx.insert(score).values({
        ...{listingId, operation: 'sale', modelId: championId, validFrom: day(from), priceCop},
        ...{lowCop: low * 1e6, midCop: 600e6, highCop: 700e6, gapPct: 0, residualZ: 0, isOutOfFold: true},
        ...{anomaly: 'none', comparables: 9, reasons: []},
      });
    }
  });
});
afterAll(() => database.close());

const idOf = (id: string) => `fincaraiz:id:${id}`;

/** Forty plain adverts of as many advertisers; beside them one advertiser for each oddity, four adverts each. */
const ADVERTS: readonly Advert[] = [
  ...Array.from({length: 40}, (_, n) => plain(`m${n}`, `market${n}`)),
  ...[0, 1, 2, 3].flatMap((n): Advert[] => [
    {...plain(`old${n}`, 'reposter', `again${n}`), from: 1, to: 5, isOver: true},
    {...plain(`new${n}`, 'reposter', `again${n}`), from: 9, to: 20},
    {...plain(`left${n}`, 'doubler', `twice${n}`), from: 1, to: 20},
    {...plain(`right${n}`, 'doubler', `twice${n}`), from: 3, to: 20},
    {...plain(`cheap${n}`, 'baiter'), low: 550},
    {
      ...plain(`raised${n}`, 'raiser'),
      prices: [
        [1, 500],
        [12, 560],
      ],
    },
  ]),
  // Near misses: a home that another advertiser takes over, a changeover of a day, a small and a late rise.
  {...plain('before', 'loser', 'moved'), to: 5, isOver: true},
  {...plain('after', 'winner', 'moved'), from: 8},
  {...plain('shift-a', 'shifter', 'shift'), to: 9, isOver: true},
  {...plain('shift-b', 'shifter', 'shift'), from: 8},
  {
    ...plain('small', 'cautious'),
    prices: [
      [1, 500],
      [12, 520],
    ],
  },
  {
    ...plain('late', 'patient'),
    prices: [
      [1, 500],
      [40, 600],
    ],
  },
  // One case is no habit, and nobody is judged without a pseudonym.
  {...plain('once', 'seldom'), low: 550},
  {...plain('nobody', null), low: 550},
];

function plain(id: string, advertiser: string | null, home = id): Advert {
  return {id, advertiser, home, from: 1, to: 20};
}

test('each advertiser is odd in what it does, and in nothing else', async () => {
  const odd = await database.sql`
    select advertiser_key, advertiser_oddity, advertiser_adverts, oddity_cases, example_listing_ids
    from api.advertiser_oddity where is_odd order by 1, 2`;
  expect([...odd]).toEqual([
    {
      advertiser_key: 'baiter',
      advertiser_oddity: 'low_price',
      advertiser_adverts: 4,
      oddity_cases: 4,
      example_listing_ids: ['cheap0', 'cheap1', 'cheap2', 'cheap3'].map(idOf),
    },
    {
      advertiser_key: 'doubler',
      advertiser_oddity: 'parallel',
      advertiser_adverts: 8,
      oddity_cases: 4,
      example_listing_ids: ['right0', 'right1', 'right2', 'right3'].map(idOf),
    },
    {
      advertiser_key: 'raiser',
      advertiser_oddity: 'raised_price',
      advertiser_adverts: 4,
      oddity_cases: 4,
      example_listing_ids: ['raised0', 'raised1', 'raised2', 'raised3'].map(idOf),
    },
    {
      advertiser_key: 'reposter',
      advertiser_oddity: 'repost',
      advertiser_adverts: 8,
      oddity_cases: 4,
      example_listing_ids: ['new0', 'new1', 'new2', 'new3'].map(idOf),
    },
  ]);
});

test('a single case is shown and not called odd; near misses are no cases', async () => {
  const rest = await database.sql`
    select advertiser_key, advertiser_oddity, oddity_cases, oddity_share_pct, oddity_market_share_pct
    from api.advertiser_oddity where not is_odd`;
  expect([...rest]).toEqual([
    {
      advertiser_key: 'seldom',
      advertiser_oddity: 'low_price',
      oddity_cases: 1,
      oddity_share_pct: 100,
      // Five of the 71 adverts that have an advertiser.
      oddity_market_share_pct: 7,
    },
  ]);
});
