import cronParser from 'cron-parser';
import {z} from 'zod';
import {ConfigError} from '../domain/errors.ts';
import type {Scope} from '../domain/page.ts';
import {
  EFFORTS,
  type Effort,
  OPERATIONS,
  type Operation,
  PROPERTY_TYPES,
  type PropertyType,
  USUAL_EFFORT,
} from '../domain/vocabulary.ts';

/** Cron expressions are read in this zone. */
export const CRON_ZONE = 'America/Bogota';

export const CRON_HINT = 'write five fields, as 30 2 * * * for every day at 02:30';

const cadence = z.strictObject({
  /** Five fields, Bogotá time: `30 2 * * *` is every day at 02:30. */
  cron: z.string().refine(isCron, CRON_HINT),
  /** Parts that several workers may crawl at once; places are dealt out whole, the budget is divided evenly. */
  shards: z.int().min(1).max(16),
});

export function isCron(text: string): boolean {
  if (text.trim().split(/\s+/).length !== 5) return false;
  try {
    cronParser.parseExpression(text, {tz: CRON_ZONE});
    return true;
  } catch {
    return false; // becomes the issue that names the path
  }
}

const refresh = z.strictObject({
  /**
   * Listing pages a run visits at most, removals to confirm included, as a share of the listings its searches saw; within
   * the budgets of run and day. 0.02 unless told: right where search pages say as much as a listing's own. Where they say
   * little, 0.09 keeps about 97 % of the listings as fresh as a daily visit of all would (`npm run bench -- freshness`).
   */
  detailShare: z.number().min(0).max(1).optional(),
  /**
   * Portals that are walked by their sitemaps: every listing page is visited when the last complete run that did so is so
   * many days old, 7 unless told; between, those that are new, changed or ten days old, and others within `detailShare`.
   * Only such full passes tell which adverts are gone from the lists.
   */
  fullPassDays: z.int().min(1).max(14).optional(),
});

const portalPolicy = z.strictObject({
  /** Places to search, from the widest slug to the narrowest: `antioquia/medellin`. */
  places: z
    .array(z.string().regex(/^[a-z0-9-]+(\/[a-z0-9-]+)+$/, 'write places as antioquia/medellin'))
    .min(1),
  operations: z.array(z.enum(OPERATIONS)).min(1),
  propertyTypes: z.array(z.enum(PROPERTY_TYPES)).min(1),
  /** At most this many pages a run; never above what the portal file allows. */
  maxPagesPerRun: z.int().positive(),
  /** At most this many pages a Bogotá day, over all runs; what the portal file allows unless told. */
  maxPagesPerDay: z.int().positive().optional(),
  /** Which listing pages are visited besides the searches. */
  refresh: refresh.optional(),
  /** When workers crawl the portal; without it only a person does. */
  cadence: cadence.optional(),
});

const policySchema = z.strictObject({
  portals: z.record(z.string(), portalPolicy),
  models: z
    .strictObject({
      /**
       * Who makes a candidate champion: a `person`, with `raiz model promote` (unless told), or `auto`: the best of the
       * newest training. The first champion of an operation is made by its first training in either case.
       */
      promotion: z.enum(['person', 'auto']).optional(),
      /** What each training may cost (`daily` unless told); `raiz stage train --effort` says otherwise for once. */
      effort: z.enum(EFFORTS).optional(),
    })
    .optional(),
  archive: z
    .strictObject({
      /** Days that `raiz archive prune` keeps pages unless told otherwise; without it, for ever. Nothing prunes by itself. */
      keepDays: z.int().min(30).optional(),
    })
    .optional(),
});

/** What this installation collects. Reviewed like code, holds no secrets. */
export type Policy = z.infer<typeof policySchema>;

/** Checks a policy when it is loaded, so that a typing error ends before the first request. */
export function definePolicy(policy: Policy): Policy {
  const checked = policySchema.safeParse(policy);
  if (!checked.success) {
    throw new ConfigError(`raiz.config.ts is not a valid policy:\n${z.prettifyError(checked.error)}`);
  }
  return checked.data;
}

/** Who makes champions here. */
export function promotionOf(policy: Policy): 'person' | 'auto' {
  return policy.models?.promotion ?? 'person';
}

/** What a training may cost here. */
export function effortOf(policy: Policy): Effort {
  return policy.models?.effort ?? USUAL_EFFORT;
}

/** Where a policy doesn't say. */
const USUAL_DETAIL_SHARE = 0.02;
const USUAL_FULL_PASS_DAYS = 7;

export interface RefreshRules {
  /** Listing pages of a run, as a share of the listings its searches saw. */
  readonly detailShare: number;
  /** Days after which a run visits every page that the portal's sitemaps list. */
  readonly fullPassDays: number;
}

export function refreshRulesOf(policy: Policy, portal: string): RefreshRules {
  const {detailShare = USUAL_DETAIL_SHARE, fullPassDays = USUAL_FULL_PASS_DAYS} =
    policy.portals[portal]?.refresh ?? {};
  return {detailShare, fullPassDays};
}

export interface ScopeFilter {
  /** Place slugs, whole (`antioquia/bello`) or the last part (`bello`). */
  readonly cities?: readonly string[];
  readonly operations?: readonly Operation[];
  readonly propertyTypes?: readonly PropertyType[];
}

/**
 * The scopes of a portal that the policy allows and the flags ask for. Flags narrow, never widen.
 * @throws ConfigError when the portal or a place is not in the policy; the message lists what is.
 */
export function scopesOf(policy: Policy, portal: string, filter: ScopeFilter = {}): Scope[] {
  const rules = policy.portals[portal];
  if (rules === undefined) {
    const known = Object.keys(policy.portals).join(', ') || 'none';
    throw new ConfigError(
      `portal "${portal}" is not in raiz.config.ts (there: ${known}). Add it there to crawl it.`,
    );
  }
  const places =
    filter.cities === undefined ? rules.places : filter.cities.map(city => placeNamed(rules.places, city));
  const operations = rules.operations.filter(operation => filter.operations?.includes(operation) ?? true);
  const types = rules.propertyTypes.filter(type => filter.propertyTypes?.includes(type) ?? true);
  const scopes = places.flatMap(place =>
    operations.flatMap(operation => types.map(propertyType => ({portal, operation, propertyType, place}))),
  );
  if (scopes.length === 0) {
    throw new ConfigError(
      `the flags leave no scope of ${portal}: the policy has ${rules.operations.join(', ')} of ${rules.propertyTypes.join(', ')}`,
    );
  }
  return scopes;
}

function placeNamed(places: readonly string[], city: string): string {
  const found = places.find(place => place === city || place.endsWith(`/${city}`));
  if (found === undefined) {
    throw new ConfigError(`unknown place "${city}". raiz.config.ts knows: ${places.join(', ')}`);
  }
  return found;
}
