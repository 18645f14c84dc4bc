/** Why a score is what it is, in Spanish, for people; codes are stable. */
import type {FeatureRow, ScoreReason} from '../domain/model.ts';
import type {AnomalyKind} from '../domain/vocabulary.ts';
import {CIRCLES_M, type Comparables} from './comparables.ts';

export interface ScoreFacts {
  readonly row: FeatureRow;
  readonly anomaly: AnomalyKind;
  /** (price − mid) / mid × 100. */
  readonly gapPct: number;
  readonly lowCop: number;
  readonly highCop: number;
  readonly comparables: Comparables;
  readonly fewComparables: boolean;
  /** Where the stated area is out of all proportion: the one to expect, m²; else null. */
  readonly expectedAreaM2: number | null;
}

/** A gap smaller than this against the comparables is not worth a line. */
const MIN_SPOKEN_PCT = 3;
const SIMILAR_HOMES: Readonly<Partial<Record<FeatureRow['propertyType'], string>>> = {
  apartment: 'apartamentos parecidos',
  studio: 'apartaestudios parecidos',
  house: 'casas parecidas',
  country_house: 'casas campestres parecidas',
};

/** The strongest first: how far off, against whom, then what the advert leaves open. Red flags stand apart. */
export function explainScore(facts: ScoreFacts): ScoreReason[] {
  const reasons = [gapReason(facts), comparablesReason(facts), ...cautions(facts)];
  return reasons.filter(reason => reason !== null);
}

function gapReason({row, anomaly, gapPct, lowCop, highCop, expectedAreaM2}: ScoreFacts): ScoreReason {
  if (expectedAreaM2 !== null)
    return {
      code: 'likely_area_error',
      text: `Dice ${Math.round(row.areaM2)} m²; por precio, espacios y lugar se esperan unos ${Math.round(expectedAreaM2)} m²: parece un error de área`,
    };
  const range = `entre ${millions(lowCop)} y ${millions(highCop)}`;
  const size = `${Math.abs(Math.round(gapPct))} %`;
  switch (anomaly) {
    case 'error_candidate':
      return {
        code: 'likely_error',
        text: `Pide ${size} ${side(gapPct)} de lo esperado (${range}): parece un error de precio o de área`,
      };
    case 'below_normal':
      return {code: 'below_range', text: `Pide ${size} menos de lo esperado (${range})`};
    case 'above_normal':
      return {code: 'above_range', text: `Pide ${size} más de lo esperado (${range})`};
    case 'none':
      return {
        code: 'expected_range',
        text: `Lo esperado está ${range}; pide ${size} ${side(gapPct)} que el centro`,
      };
  }
}

function comparablesReason({row, comparables, fewComparables}: ScoreFacts): ScoreReason | null {
  const {count, medianPerM2} = comparables;
  if (medianPerM2 === null || fewComparables) return null;
  const own = row.priceCop / row.areaM2;
  const pct = Math.round((own / medianPerM2 - 1) * 100);
  const who = `${count} ${SIMILAR_HOMES[row.propertyType] ?? 'inmuebles parecidos'}${whereOf(row, comparables.radiusM)}`;
  const per = `${perM2(own)} por m² frente a ${perM2(medianPerM2)}`;
  if (Math.abs(pct) < MIN_SPOKEN_PCT)
    return {code: 'like_comparables', text: `Cuesta por m² lo que ${who} (${per})`};
  return {
    code: pct < 0 ? 'below_comparables' : 'above_comparables',
    text: `${per}: ${Math.abs(pct)} % ${side(pct)} que ${who}`,
  };
}

function cautions({row, anomaly, comparables, fewComparables}: ScoreFacts): ScoreReason[] {
  const found: ScoreReason[] = [];
  const add = (code: string, text: string): void => {
    found.push({code, text});
  };
  if (fewComparables)
    add(
      'few_comparables',
      `Solo ${comparables.count} comparables: no hay datos suficientes para juzgar el precio`,
    );
  if (row.latitude === null) add('no_point', 'Sin punto creíble en el mapa: se usó el barrio');
  if (row.stratum === null) add('no_stratum', 'No dice el estrato');
  if (anomaly !== 'none' && row.adminFeeCop === null && row.propertyType !== 'house')
    add('no_admin_fee', 'No dice la administración');
  return found;
}

/** ` cerca de Laureles, estrato 5`; where the circle had to grow, its radius. */
function whereOf({neighbourhood, district, municipality, stratum}: FeatureRow, radiusM: number): string {
  const place = neighbourhood ?? district ?? municipality;
  const around = radiusM === CIRCLES_M[0] ? ' cerca de' : ` a menos de ${radiusM / 1000} km de`;
  return `${place === null ? '' : `${around} ${place}`}${stratum === null ? '' : `, estrato ${stratum}`}`;
}

function side(pct: number): string {
  return pct < 0 ? 'menos' : 'más';
}

/** `452 M`, `2,35 M`. */
function millions(cop: number): string {
  return `${decimal(cop / 1e6)} M`;
}

/** Sales are millions a square metre, rents thousands. */
function perM2(cop: number): string {
  return cop >= 1e6 ? `${decimal(cop / 1e6)} M` : `${Math.round(cop / 1000)} mil`;
}

function decimal(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits).replace('.', ',');
}
