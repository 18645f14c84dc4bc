/**
 * The words Raíz uses for closed sets of values.
 *
 * Each tuple is the single source of its TypeScript type, its zod schema and its SQL CHECK constraint.
 */

export const OPERATIONS = ['sale', 'rent'] as const;
export type Operation = (typeof OPERATIONS)[number];

export const PROPERTY_TYPES = [
  'apartment',
  'studio',
  'house',
  'country_house',
  'house_lot',
  'cabin',
  'farm',
  'room',
  'land',
  'warehouse',
  'medical_office',
  'retail',
  'office',
  'parking',
  'building',
] as const;
export type PropertyType = (typeof PROPERTY_TYPES)[number];

/** Types people live in; price models of homes are trained on these. */
export const HOME_TYPES = [
  'apartment',
  'studio',
  'house',
  'country_house',
] as const satisfies readonly PropertyType[];

/** What a person says of two adverts: one home, or two. */
export const PROPERTY_VERDICTS = ['join', 'split'] as const;
export type PropertyVerdict = (typeof PROPERTY_VERDICTS)[number];

export const CURRENCIES = ['COP', 'USD'] as const;
export type Currency = (typeof CURRENCIES)[number];

export const ADVERTISER_KINDS = ['agency', 'private', 'developer'] as const;
export type AdvertiserKind = (typeof ADVERTISER_KINDS)[number];

export const CONDITIONS = ['new', 'used', 'remodelled', 'off_plan', 'under_construction'] as const;
export type Condition = (typeof CONDITIONS)[number];

export const PAGE_KINDS = ['search', 'listing', 'sitemap'] as const;
export type PageKind = (typeof PAGE_KINDS)[number];

/**
 * What an advertiser may do oddly often. `repost`: the same home again under a new advert after the old one ended;
 * `parallel`: the same home in two adverts at once; `low_price`: asked below the model's range; `raised_price`: raised
 * soon after it appeared.
 */
export const ADVERTISER_ODDITIES = ['repost', 'parallel', 'low_price', 'raised_price'] as const;
export type AdvertiserOddity = (typeof ADVERTISER_ODDITIES)[number];

/** How one scope of a run ended. Only `complete` may count as the absence of a listing. */
export const VERDICTS = ['complete', 'incomplete', 'blocked', 'failed'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const RUN_KINDS = ['crawl', 'import'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export const FRONTIER_STATES = ['queued', 'leased', 'done', 'failed', 'skipped'] as const;
export type FrontierState = (typeof FRONTIER_STATES)[number];

/** What one fetched page turned out to be. `rejected`: answered, but not the page that was asked for. */
export const PAGE_OUTCOMES = ['ok', 'gone', 'rejected', 'error'] as const;
export type PageOutcome = (typeof PAGE_OUTCOMES)[number];

export const LISTING_STATUSES = ['active', 'missing', 'delisted', 'unknown'] as const;
export type ListingStatus = (typeof LISTING_STATUSES)[number];

/**
 * Why a spell online ended. `withdrawn`: absent from two complete runs of its scope; `gone`: the portal said so;
 * `unknown`: nobody looked for more than 14 days. Never "sold": an advert does not tell.
 */
export const SPELL_ENDS = ['withdrawn', 'gone', 'unknown'] as const;
export type SpellEnd = (typeof SPELL_ENDS)[number];

/** What a cleaning rule did: noted it, set the field to null, repaired it, or kept the listing out of statistics. */
export const RULE_EFFECTS = ['flagged', 'nulled', 'corrected', 'excluded'] as const;
export type RuleEffect = (typeof RULE_EFFECTS)[number];

export const STAGE_STATUSES = ['running', 'done', 'failed'] as const;
export type StageStatus = (typeof STAGE_STATUSES)[number];

export const PLACE_KINDS = ['municipality', 'district', 'neighbourhood'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

/**
 * Categories of points of interest; every listing gets nearest metres and counts for each. `core.listing_location` keeps
 * them in this order: a new one goes to the end.
 */
export const POI_CATEGORIES = [
  'metro_station',
  'cable_station',
  'tram_station',
  'brt_station',
  'school',
  'university',
  'hospital',
  'pharmacy',
  'supermarket',
  'mall',
  'park',
  'main_road',
  'police',
  'prison',
] as const;
export type PoiCategory = (typeof POI_CATEGORIES)[number];

/** Radii, in metres, within which points of interest are counted. */
export const POI_RADII_M = [500, 1000, 2000] as const;

/** Categories a home may suffer from; they get near flags of their own and no built-in sign. */
export const NEAR_FLAG_CATEGORIES = [
  'main_road',
  'police',
  'prison',
] as const satisfies readonly PoiCategory[];

/** Radii, in metres, of the near flags. */
export const NEAR_FLAG_RADII_M = [50, 100, 300] as const;

/**
 * How far a coordinate can be believed. `approximate`: written with three decimals or fewer (110 m);
 * `centroid`: the middle of an area, put there by a geocoder; `shared_pin`: many adverts, or adverts of different
 * neighbourhoods, on one point (an agency's default); `outside`: in conflict with the stated municipality;
 * `missing`: none stated or impossible.
 */
export const GEO_QUALITIES = [
  'exact',
  'approximate',
  'centroid',
  'shared_pin',
  'outside',
  'missing',
] as const;
export type GeoQuality = (typeof GEO_QUALITIES)[number];

/** Points near enough to the home for minutes and maps, said with their quality. */
export const POINTED_QUALITIES = ['exact', 'approximate', 'centroid', 'shared_pin'] as const;

/** Points that metres to other places may be measured from; of any other, distances are unknown. */
export const MEASURED_QUALITIES = ['exact', 'approximate'] as const;

/** What an advert states about its place against what its point says. */
export const LOCATION_CONFLICTS = ['municipality', 'district', 'neighbourhood', 'stratum'] as const;
export type LocationConflict = (typeof LOCATION_CONFLICTS)[number];

/** How a place was found: its area holds the point, its official name or a popular one is stated. */
export type FoundBy = 'polygon' | 'name' | 'alias';

export const ANOMALY_KINDS = ['none', 'below_normal', 'above_normal', 'error_candidate'] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];

/** Where a row of the leaderboard comes from: trained here, or predictions that somebody brought. */
export const MODEL_KINDS = ['fitted', 'outside'] as const;

/** What a member says of an anomaly after looking: it is what it was taken for, or something else explains it. */
export const ANOMALY_VERDICTS = ['real', 'false'] as const;
export type AnomalyVerdict = (typeof ANOMALY_VERDICTS)[number];

/**
 * What may explain a remarkable price, the gravest first. `auction`, `rights`, `from_price`: words of the advert;
 * `monthly_price`: a sale at a usual rent; `zero_slip`: ten or a thousand times off; `odd_area`: more or less area than
 * rooms or text allow; `corrected_price`, `corrected_area`: the clean stage repaired it; `wrong_point`: the point
 * contradicts the stated place; `shared_pin`: of many adverts, or the middle of an area; `wrong_stratum`: homes around
 * have another; `other_price`, `many_adverts`: other adverts of the same home; `few_comparables`: too few to judge.
 */
export const RED_FLAGS = [
  'auction',
  'rights',
  'project',
  'off_plan',
  'from_price',
  'monthly_price',
  'zero_slip',
  'odd_area',
  'corrected_price',
  'corrected_area',
  'wrong_point',
  'shared_pin',
  'wrong_stratum',
  'other_price',
  'many_adverts',
  'few_comparables',
] as const;
export type RedFlag = (typeof RED_FLAGS)[number];

export const RELEASE_TIERS = ['internal', 'open'] as const;

/** What `raiz status` and the health page warn of; each has an entry in docs/runbook.md. */
export const ALARM_KINDS = [
  'three_zeros',
  'seen_drop',
  'field_fill_drop',
  'new_value',
  'payload_keys_changed',
  'gone_rate',
  'duplicate_jump',
  'stale',
  'blocked',
  'failed',
  'model_drift',
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** What a training may cost: `daily` for a fresh model every morning, `full` for the best one. */
export const EFFORTS = ['daily', 'full'] as const;
export type Effort = (typeof EFFORTS)[number];
/** Unless told. */
export const USUAL_EFFORT: Effort = 'daily';
