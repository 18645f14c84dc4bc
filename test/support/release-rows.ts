/** A small known set of rows, put straight into the tables: what views and releases are tested on. */
import {
  listing,
  listingLocation,
  listingPrice,
  listingSpell,
  listingStatus,
  listingVersion,
  poi,
  property,
  propertyMember,
  quarantine,
} from '../../drizzle/schema/core.ts';
import {model, score} from '../../drizzle/schema/ml.ts';
import {run, runScope} from '../../drizzle/schema/ops.ts';
import {observation, rejectedRecord, sighting} from '../../drizzle/schema/raw.ts';
import type {Database} from '../../src/db/client.ts';
import {accessOf} from './access.ts';

/** Noon in Bogotá of a day of January 2026. */
export function day(number: number): Date {
  return new Date(Date.UTC(2026, 0, number, 17));
}

export const SALES = 'fincaraiz/sale/house/antioquia/medellin';
export const RENTS = 'fincaraiz/rent/apartment/antioquia/bello';

/** Searches by day: sales complete on 1, 5 and 11; rents complete on 1, incomplete on 17, the portal's newest day. */
const SEARCHES = [
  {key: SALES, on: 1, verdict: 'complete'},
  {key: RENTS, on: 1, verdict: 'complete'},
  {key: SALES, on: 5, verdict: 'complete'},
  {key: SALES, on: 11, verdict: 'complete'},
  {key: RENTS, on: 17, verdict: 'incomplete'},
] as const;

/**
 * | advert | what it is |
 * |---|---|
 * | cut | sale, price cut from 450 to 430 million on day 5, below normal, two adverts of one home |
 * | mended | sale, 350,000 corrected to 350 million on day 1, stated right on day 5 |
 * | both | sale and rent |
 * | gone | sale, withdrawn on day 11 |
 * | stale | rent in Bello: active, its search was last complete 16 days before the newest run |
 * | bare | no offer at all |
 */
export const ADVERTS = ['cut', 'mended', 'both', 'gone', 'stale', 'bare'] as const;

export function idOf(advert: (typeof ADVERTS)[number]): string {
  return `fincaraiz:id:${advert}`;
}

export async function seedRows(
  {orm}: Database,
  options: {isSynthetic?: boolean; neighbourhood?: string} = {},
): Promise<void> {
  const isSynthetic = options.isSynthetic ?? false;
  await orm.transaction(async tx => {
    const scopeIds: number[] = [];
    for (const search of SEARCHES) {
      const [, operation, propertyType] = search.key.split('/') as [
        string,
        'sale' | 'rent',
        'house' | 'apartment',
      ];
      const at = day(search.on);
      const [opened] = await tx
        .insert(run)
        .values({
          kind: 'crawl',
          portal: 'fincaraiz',
          observedOn: at.toISOString().slice(0, 10),
          startedAt: at,
          finishedAt: at,
          verdict: search.verdict,
          codeVersion: 'test',
          isSynthetic,
        })
        .returning({runId: run.runId});
      const [scope] = await tx
        .insert(runScope)
        .values({
          runId: opened!.runId,
          scopeKey: search.key,
          portal: 'fincaraiz',
          operation,
          propertyType,
          place: search.key.split('/').slice(3).join('/'),
          observedAt: at,
          verdict: search.verdict,
          verdictReason: search.verdict === 'complete' ? null : 'seen 50 % of 2 announced',
          announcedTotal: 2,
          listingsSeen: search.verdict === 'complete' ? 2 : 1,
          pagesDone: 1,
          startedAt: at,
          closedAt: new Date(at.getTime() + 90_000),
        })
        .returning({id: runScope.runScopeId});
      scopeIds.push(scope!.id);
    }
    const seenOn = {
      cut: [1, 5, 11],
      mended: [1, 5, 11],
      both: [1, 5, 11],
      gone: [1],
      stale: [1, 17],
      bare: [11],
    };
    for (const advert of ADVERTS) {
      const days = seenOn[advert];
      const listingId = idOf(advert);
      const status = advert === 'gone' ? 'delisted' : 'active';
      const first = day(days[0]!);
      const last = day(days.at(-1)!);
      await tx.insert(listing).values({
        listingId,
        portal: 'fincaraiz',
        idSpace: 'id',
        portalListingId: advert,
        url: `https://www.fincaraiz.com.co/x/${advert}`,
        firstSeenAt: first,
        lastSeenAt: last,
        status,
        isSynthetic,
      });
      await tx.insert(sighting).values(
        SEARCHES.flatMap((search, index) =>
          days.includes(search.on) && (search.key === RENTS) === (advert === 'stale')
            ? [
                {
                  runScopeId: scopeIds[index]!,
                  listingId,
                  observedAt: day(search.on),
                  payloadHash: `h-${advert}`,
                },
              ]
            : [],
        ),
      );
      await tx.insert(listingVersion).values(versionOf(advert, first, options.neighbourhood));
      await tx.insert(listingStatus).values({
        listingId,
        validFrom: first,
        validTo: status === 'active' ? null : day(11),
        status: 'active',
        reason: 'seen',
      });
      await tx.insert(listingSpell).values({
        listingId,
        startedAt: first,
        lastSeenAt: last,
        ...(advert === 'gone'
          ? {firstAbsentAt: day(5), endedAt: day(11), endedReason: 'withdrawn' as const}
          : {}),
      });
    }
    await tx.insert(listingStatus).values({
      listingId: idOf('gone'),
      validFrom: day(11),
      status: 'delisted',
      reason: 'absent from two complete runs',
    });
    await seedChanges(tx);
    await seedHomes(tx);
    await seedScores(tx, isSynthetic);
    await tx.insert(observation).values(
      ['h-cut', 'h-mended'].map(payloadHash => ({
        listingId: `fincaraiz:id:${payloadHash.slice(2)}`,
        payloadHash,
        portal: 'fincaraiz',
        sourceKind: 'crawl' as const,
        payload: {} as never,
        stagedVersion: 1,
        isSynthetic,
      })),
    );
    await tx.insert(quarantine).values([
      {
        listingId: idOf('cut'),
        payloadHash: 'h-cut',
        rule: 'stratum_out_of_range',
        field: 'stratum',
        effect: 'nulled',
        value: '110',
        message: 'stratum 110 is not 1–6',
      },
      {
        listingId: idOf('mended'),
        payloadHash: 'h-mended',
        rule: 'stratum_out_of_range',
        field: 'stratum',
        effect: 'nulled',
        value: '0',
        message: 'stratum 0 is not 1–6',
      },
    ]);
    await tx.insert(rejectedRecord).values(
      [1, 2].map(n => ({
        runScopeId: scopeIds[0]!,
        sourceRef: `page:1$.data[${n}]`,
        rule: 'record_shape',
        message: '$.id: expected number',
      })),
    );
  });
}

type Transaction = Parameters<Parameters<Database['orm']['transaction']>[0]>[0];

function versionOf(advert: (typeof ADVERTS)[number], validFrom: Date, neighbourhood = 'Laureles') {
  return {
    listingId: idOf(advert),
    validFrom,
    validTo: advert === 'cut' ? day(5) : null,
    payloadHash: `h-${advert}`,
    title: 'Casa en venta',
    description: 'Amplia casa',
    propertyType: 'house' as const,
    department: 'Antioquia',
    municipality: 'Medellín',
    neighbourhood,
    areaM2: 85.3,
    builtAreaM2: 85.3,
    bedrooms: 3,
    bathrooms: 2,
    stratum: advert === 'cut' ? null : 4,
    amenities: ['ascensor', 'balcón'],
    advertiserKind: 'agency' as const,
    advertiserKey: 'fr_0f72380746',
    agencyName: 'Inmobiliaria Ejemplo',
    isProject: false,
    isOffPlan: false,
    isAuction: false,
    photosCount: 8,
    exclusions: [],
  };
}

async function seedChanges(tx: Transaction): Promise<void> {
  await tx
    .insert(listingVersion)
    .values({...versionOf('cut', day(5)), validTo: null, bedrooms: 4, description: 'Amplia casa remodelada'});
  const sale = (
    advert: (typeof ADVERTS)[number],
    from: number,
    to: number | null,
    stated: number,
    cop: number,
    correction: string | null = null,
  ) => ({
    listingId: idOf(advert),
    operation: 'sale' as const,
    validFrom: day(from),
    validTo: to === null ? null : day(to),
    priceStated: stated,
    currency: 'COP' as const,
    priceCop: cop,
    adminFeeCop: null,
    correction,
  });
  await tx
    .insert(listingPrice)
    .values([
      sale('cut', 1, 5, 450e6, 450e6),
      sale('cut', 5, null, 430e6, 430e6),
      sale('mended', 1, 5, 350e3, 350e6, 'price_in_thousands'),
      sale('mended', 5, null, 350e6, 350e6),
      sale('both', 1, null, 600e6, 600e6),
      {...sale('both', 1, null, 2.5e6, 2.5e6), operation: 'rent'},
      sale('gone', 1, null, 500e6, 500e6),
      {...sale('stale', 1, null, 1.8e6, 1.8e6), operation: 'rent', adminFeeCop: 210e3},
    ]);
}

async function seedHomes(tx: Transaction): Promise<void> {
  await tx.insert(property).values([
    {propertyId: 'p1', adverts: 2},
    {propertyId: 'p2', adverts: 1},
  ]);
  await tx.insert(propertyMember).values([
    {listingId: idOf('cut'), propertyId: 'p1', reason: 'exact_twin', score: 1},
    {listingId: idOf('gone'), propertyId: 'p1', reason: 'exact_twin', score: 1},
    {listingId: idOf('both'), propertyId: 'p2', reason: 'single', score: 1},
  ]);
  const [school] = await tx
    .insert(poi)
    .values({
      ...{poiId: 'school/osm:node/1', category: 'school', name: null, latitude: 6.2451, longitude: -75.5876},
      ...{source: 'OpenStreetMap', sourceId: 'node/1', licence: 'ODbL 1.0', asOf: '2026-01-01'},
    })
    .onConflictDoUpdate({target: poi.poiId, set: {category: 'school'}})
    .returning({number: poi.poiNumber});
  await tx.insert(listingLocation).values([
    {
      listingId: idOf('cut'),
      latitude: 6.2451,
      longitude: -75.5904,
      geoQuality: 'shared_pin',
      municipalityCode: '05001',
      ...accessOf({
        school: {nearest: [[school?.number ?? 0, 310]], within: [1, 4, 9], gravity: 2.5},
        mall: {nearest: [], within: [0, 0, 0], gravity: 0},
      }),
    },
    {listingId: idOf('both'), geoQuality: 'missing'},
  ]);
}

async function seedScores(tx: Transaction, isSynthetic: boolean): Promise<void> {
  const candidate = (modelId: string, isChampion: boolean) => ({
    modelId,
    trainingId: 't1',
    algorithm: 'mlp',
    operation: 'sale' as const,
    trainedAt: day(12),
    trainingRows: 4,
    datasetHash: 'd',
    splitId: 's',
    seed: 1,
    backend: 'cpu',
    fitSeconds: 1,
    metrics: {mdape: 0.1, maeCop: 1, within10: 0.5, within20: 0.9, r2Log: 0.8, coverage80: 0.8},
    card: {},
    isChampion,
    isSynthetic,
  });
  await tx.insert(model).values([candidate('champion', true), candidate('other', false)]);
  const line = (advert: (typeof ADVERTS)[number], modelId: string, from: number, priceCop: number) => ({
    listingId: idOf(advert),
    operation: 'sale' as const,
    modelId,
    validFrom: day(from),
    priceCop,
    lowCop: 480e6,
    midCop: 520e6,
    highCop: 570e6,
    gapPct: -17.3,
    residualZ: -2.4,
    isOutOfFold: true,
    anomaly: 'below_normal' as const,
    comparables: 5,
    oddity: 2.4,
    redFlags: [
      {code: 'shared_pin' as const, text: 'Muchos avisos comparten su punto'},
      {code: 'few_comparables' as const, text: 'Solo 5 inmuebles parecidos'},
    ],
    reasons: [
      {code: 'below_range', text: '17 % por debajo de lo esperado'},
      {code: 'many_rooms', text: 'Más habitaciones de lo usual'},
    ],
  });
  await tx
    .insert(score)
    .values([
      line('cut', 'champion', 5, 430e6),
      line('gone', 'champion', 1, 500e6),
      {...line('both', 'champion', 1, 600e6), anomaly: 'none', gapPct: 15.4, residualZ: 1.1},
      line('mended', 'other', 5, 350e6),
    ]);
}
