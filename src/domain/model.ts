/** Errors of a candidate on pooled out-of-fold predictions. Shares are 0–1. */
export interface ModelMetrics {
  /** Median absolute error as a share of the asking price. */
  readonly mdape: number;
  readonly maeCop: number;
  readonly within10: number;
  readonly within20: number;
  /** R² of the log price. */
  readonly r2Log: number;
  /** Share of rows inside the 80 % range; null when the candidate gives none. */
  readonly coverage80: number | null;
}

/** A model's MdAPE beside another's on the same rows; shares, negative is less error. 95 % interval by homes. */
export interface ModelComparison {
  readonly againstModelId: string;
  readonly relative: number;
  readonly low: number;
  readonly high: number;
}

/** One line of why: `text` is Spanish, for people; `code` is stable. */
export interface ScoreReason {
  readonly code: string;
  readonly text: string;
}

/** One thing to be careful about before a price is called a bargain. */
export interface RedFlagReason extends ScoreReason {
  readonly code: import('./vocabulary.ts').RedFlag;
}

/** What the other stages found about an advert and its home; nothing here is a feature of a model. */
export interface CautionFacts {
  readonly title: string | null;
  readonly isAuction: boolean;
  readonly isProject: boolean;
  readonly isOffPlan: boolean;
  readonly geoQuality: import('./vocabulary.ts').GeoQuality | null;
  readonly conflicts: readonly import('./vocabulary.ts').LocationConflict[];
  readonly estimatedStratum: number | null;
  /** As stated, where the clean stage believes another price. */
  readonly priceStated: number | null;
  readonly priceCorrection: string | null;
  /** Rules that repaired or doubted the area. */
  readonly areaRules: readonly string[];
  /** Other adverts of the same home that are online for the same operation, and their lowest and highest price, COP. */
  readonly siblings: {
    readonly adverts: number;
    readonly lowestCop: number | null;
    readonly highestCop: number | null;
  };
}

/** What a price model may know of one advert: attributes, place and surroundings, never its own price. */
export interface FeatureRow {
  readonly listingId: string;
  /** Homes, twins and identical texts share a group: no group stands on both sides of a split. */
  readonly groupId: string;
  readonly operation: import('./vocabulary.ts').Operation;
  readonly propertyType: import('./vocabulary.ts').PropertyType;
  readonly priceCop: number;
  readonly priceValidFrom: Date;
  readonly areaM2: number;
  readonly municipality: string | null;
  readonly district: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly parkingSpaces: number | null;
  readonly floor: number | null;
  readonly ageYearsMin: number | null;
  readonly ageYearsMax: number | null;
  readonly adminFeeCop: number | null;
  readonly condition: string | null;
  /** Usable points only (exact or shared pin). */
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly isSharedPin: boolean;
  readonly amenities: readonly string[];
  readonly description: string | null;
  /** Nearest metres by category, where known. */
  readonly nearestM: Readonly<Partial<Record<import('./vocabulary.ts').PoiCategory, number>>>;
  readonly isSynthetic: boolean;
}
