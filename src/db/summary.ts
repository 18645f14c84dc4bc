/** What a summary of an installation shows. Reads only schema `api`, as any analyst could. */
import {sql} from 'drizzle-orm';
import type {Operation, PropertyType, RuleEffect} from '../domain/vocabulary.ts';
import type {Db} from './client.ts';

export interface RuleCount {
  readonly rule: string;
  readonly effect: RuleEffect | 'rejected';
  readonly cases: number;
  readonly exampleValue: string | null;
  readonly exampleMessage: string;
}

/** Cleaning rules by how often they struck, most frequent first. */
export async function ruleCounts(db: Db): Promise<RuleCount[]> {
  const rows = await db.execute<{[Key in keyof RuleCount]: RuleCount[Key]}>(sql`
    select rule, effect, sum(cases)::int as cases, min(example_value) as "exampleValue",
      min(example_message) as "exampleMessage"
    from api.quality_rule group by rule, effect order by cases desc, rule`);
  return [...rows];
}

export interface Candidate {
  readonly listingId: string;
  readonly operation: Operation;
  readonly propertyType: PropertyType | null;
  readonly municipality: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
  readonly areaM2: number | null;
  readonly priceCop: number;
  readonly midCop: number;
  readonly lowCop: number;
  readonly highCop: number;
  readonly gapPct: number;
  readonly reasons: readonly string[];
  readonly redFlags: readonly string[];
}

/** The live adverts furthest below normal, both operations together. */
export async function furthestBelowNormal(db: Db, limit: number): Promise<Candidate[]> {
  const rows = await db.execute<{[Key in keyof Candidate]: Candidate[Key]}>(sql`
    select listing_id as "listingId", operation, property_type as "propertyType", municipality, neighbourhood, stratum,
      area_m2 as "areaM2", price_cop as "priceCop", mid_cop as "midCop", low_cop as "lowCop", high_cop as "highCop",
      gap_pct as "gapPct", reasons, red_flags as "redFlags"
    from api.below_normal where is_current
    order by residual_z, listing_id limit ${limit}`);
  return [...rows];
}

export interface NewestRelease {
  readonly version: string;
  readonly tier: string;
  readonly listings: number;
  readonly folder: string;
}

export async function newestRelease(db: Db): Promise<NewestRelease | undefined> {
  const [row] = await db.execute<{[Key in keyof NewestRelease]: NewestRelease[Key]}>(sql`
    select release_version as version, release_tier as tier, listings_count as listings, release_folder as folder
    from api.release order by built_at desc limit 1`);
  return row;
}
