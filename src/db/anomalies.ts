/** What may explain a price, anomalies as people read them, and members' word on them. */
import {and, desc, eq, type SQL, sql} from 'drizzle-orm';
import {anomalyDecision} from '../../drizzle/schema/ops.ts';
import type {CautionFacts} from '../domain/model.ts';
import type {AnomalyKind, AnomalyVerdict, Operation, PropertyType} from '../domain/vocabulary.ts';
import {insertRows} from './bulk.ts';
import type {Db} from './client.ts';

/** One row an open price: what the other stages found about the advert and its home. */
export const cautionFacts: SQL = sql`
  select l.listing_id, p.operation, v.title, v.is_auction, v.is_project, v.is_off_plan, g.geo_quality,
    coalesce(g.conflicts, '{}') as conflicts, g.estimated_stratum, p.price_stated, p.correction as price_correction,
    array(select distinct q.rule from core.quarantine q
      where q.listing_id = v.listing_id and q.payload_hash = v.payload_hash and q.field in ('areaM2', 'builtAreaM2', 'privateAreaM2')
        and q.effect in ('corrected', 'flagged') order by 1) as area_rules,
    coalesce(s.adverts, 0) as sibling_adverts, s.lowest_cop as sibling_lowest_cop, s.highest_cop as sibling_highest_cop
  from core.listing l
  join core.listing_version v on v.listing_id = l.listing_id and v.valid_to is null
  join core.listing_price p on p.listing_id = l.listing_id and p.valid_to is null
  left join core.listing_location g on g.listing_id = l.listing_id
  left join core.property_member m on m.listing_id = l.listing_id
  left join lateral (
    select count(*)::int as adverts, min(o.price_cop) as lowest_cop, max(o.price_cop) as highest_cop
    from core.property_member n
    join core.listing k on k.listing_id = n.listing_id and k.status = 'active'
    join core.listing_price o on o.listing_id = n.listing_id and o.operation = p.operation and o.valid_to is null
    where n.property_id = m.property_id and n.listing_id <> l.listing_id
  ) s on true`;

type RawFacts = {
  readonly listing_id: string;
  readonly operation: Operation;
  readonly title: string | null;
  readonly is_auction: boolean;
  readonly is_project: boolean;
  readonly is_off_plan: boolean;
  readonly geo_quality: CautionFacts['geoQuality'];
  readonly conflicts: CautionFacts['conflicts'];
  readonly estimated_stratum: number | null;
  readonly price_stated: number | null;
  readonly price_correction: string | null;
  readonly area_rules: readonly string[];
  readonly sibling_adverts: number;
  readonly sibling_lowest_cop: number | null;
  readonly sibling_highest_cop: number | null;
};

/** Facts by `listing|operation`. */
export async function selectCautionFacts(
  db: Db,
  listingIds: readonly string[],
): Promise<ReadonlyMap<string, CautionFacts>> {
  const rows = await db.execute<RawFacts>(
    sql`select * from (${cautionFacts}) f where listing_id in ${listingIds}`,
  );
  return new Map(
    rows.map(row => [
      `${row.listing_id}|${row.operation}`,
      {
        title: row.title,
        isAuction: row.is_auction,
        isProject: row.is_project,
        isOffPlan: row.is_off_plan,
        geoQuality: row.geo_quality,
        conflicts: row.conflicts,
        estimatedStratum: row.estimated_stratum,
        priceStated: row.price_stated,
        priceCorrection: row.price_correction,
        areaRules: row.area_rules,
        siblings: {
          adverts: row.sibling_adverts,
          lowestCop: row.sibling_lowest_cop,
          highestCop: row.sibling_highest_cop,
        },
      },
    ]),
  );
}

/** A line of `api.anomaly`. */
export interface AnomalyRow {
  readonly listingId: string;
  readonly operation: Operation;
  readonly anomaly: AnomalyKind;
  readonly rank: number;
  readonly propertyType: PropertyType | null;
  readonly municipality: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
  readonly areaM2: number | null;
  readonly priceCop: number;
  readonly lowCop: number;
  readonly midCop: number;
  readonly highCop: number;
  readonly gapPct: number;
  readonly residualZ: number;
  readonly comparables: number;
  readonly reasons: readonly string[];
  readonly redFlags: readonly string[];
  readonly warnings: readonly string[];
  readonly verdict: AnomalyVerdict | null;
  readonly verdictWhy: string | null;
  readonly modelId: string;
  readonly title: string | null;
  readonly url: string | null;
  readonly isSynthetic: boolean;
}

export interface AnomalyFilter {
  readonly operation?: Operation | undefined;
  readonly kind?: AnomalyKind | undefined;
  readonly listingId?: string | undefined;
  /** Of each operation and kind. */
  readonly limit?: number | undefined;
}

/** Anomalies on offer now, by operation and kind, the most remarkable first. Reads schema `api`, as analysts do. */
export async function selectAnomalies(db: Db, filter: AnomalyFilter): Promise<AnomalyRow[]> {
  const {operation, kind, listingId, limit} = filter;
  const rows = await db.execute<{[Key in keyof AnomalyRow]: AnomalyRow[Key]}>(sql`
    select listing_id as "listingId", operation, anomaly, rank, property_type as "propertyType", municipality,
      neighbourhood, stratum, area_m2 as "areaM2", scored_price_cop as "priceCop", low_cop as "lowCop",
      mid_cop as "midCop", high_cop as "highCop", gap_pct as "gapPct", residual_z as "residualZ", comparables, reasons,
      red_flags as "redFlags", warnings, anomaly_verdict as verdict,
      anomaly_verdict_why as "verdictWhy", model_id as "modelId", title, url,
      is_synthetic as "isSynthetic"
    from (
      select a.*, row_number() over (partition by operation, anomaly order by rank) as place
      from api.anomaly a where is_current
    ) a
    where ${operation === undefined ? sql`true` : sql`operation = ${operation}`}
      and ${kind === undefined ? sql`true` : sql`anomaly = ${kind}`}
      and ${listingId === undefined ? sql`true` : sql`listing_id = ${listingId}`}
      and ${limit === undefined ? sql`true` : sql`place <= ${limit}`}
    order by anomaly, operation, rank`);
  return [...rows];
}

export type AnomalyDecision = Omit<typeof anomalyDecision.$inferSelect, 'anomalyDecisionId'>;

export async function recordAnomalyDecision(db: Db, decision: AnomalyDecision): Promise<void> {
  await insertRows(db, anomalyDecision, [decision]);
}

/** Every word on a listing, newest first. */
export function anomalyDecisions(
  db: Db,
  listingId: string,
  operation: Operation,
): Promise<AnomalyDecision[]> {
  return db
    .select()
    .from(anomalyDecision)
    .where(and(eq(anomalyDecision.listingId, listingId), eq(anomalyDecision.operation, operation)))
    .orderBy(desc(anomalyDecision.anomalyDecisionId));
}

/** What was ever decided by kind: the newest word on each listing, operation, price and kind. */
export async function countVerdicts(db: Db): Promise<
  {
    readonly anomaly: AnomalyKind;
    readonly operation: Operation;
    readonly judged: number;
    readonly real: number;
  }[]
> {
  const rows = await db.execute<{
    anomaly: AnomalyKind;
    operation: Operation;
    judged: number;
    real: number;
  }>(sql`
    select anomaly, operation, count(*)::int as judged, (count(*) filter (where verdict = 'real'))::int as real
    from (
      select distinct on (listing_id, operation, price_cop, anomaly) anomaly, operation, verdict
      from ops.anomaly_decision
      order by listing_id, operation, price_cop, anomaly, anomaly_decision_id desc
    ) newest
    group by anomaly, operation order by anomaly, operation`);
  return [...rows];
}

/** Asking price, expected price and type of every scored advert on offer: what the plots show. */
export interface ScoredPoint {
  readonly operation: Operation;
  readonly propertyType: PropertyType;
  readonly priceCop: number;
  readonly midCop: number;
  readonly anomaly: AnomalyKind;
}

export async function selectScoredPoints(db: Db): Promise<ScoredPoint[]> {
  const rows = await db.execute<{[Key in keyof ScoredPoint]: ScoredPoint[Key]}>(sql`
    select v.operation, l.property_type as "propertyType", v.scored_price_cop as "priceCop", v.mid_cop as "midCop", v.anomaly
    from api.listing_valuation v join api.listing l using (listing_id, operation)
    where l.is_current and l.property_type is not null
    order by v.listing_id, v.operation`);
  return [...rows];
}
