/** Signed error by segment: for whom a model says too much, for whom too little. */
import type {FeatureRow} from '../domain/model.ts';

/** Segments of fewer rows are not shown: their median says nothing. */
const MIN_SEGMENT_ROWS = 30;
const Z95 = 1.96;

export const BIAS_SEGMENTS = ['stratum', 'district', 'type'] as const;
export type BiasSegment = (typeof BIAS_SEGMENTS)[number];

export interface SegmentBias {
  readonly by: BiasSegment;
  readonly segment: string;
  readonly rows: number;
  /** Median of (predicted − asked) / asked; positive: the model says more than is asked. */
  readonly bias: number;
  /** 95 % interval of that median, by order statistics: it assumes nothing of the errors' shape. */
  readonly low: number;
  readonly high: number;
}

const SEGMENT_OF: Readonly<Record<BiasSegment, (row: FeatureRow) => string | null>> = {
  stratum: ({stratum}) => (stratum === null ? null : String(stratum)),
  district: ({municipality, district}) =>
    municipality === null && district === null
      ? null
      : [municipality, district].filter(name => name !== null).join(' / '),
  type: ({propertyType}) => propertyType,
};

const NOT_STATED = 'sin dato';

/**
 * Segments in the order of `BIAS_SEGMENTS`, then by name.
 * @param predicted log COP of each row, by folds that never saw it.
 */
export function measureBias(rows: readonly FeatureRow[], predicted: ArrayLike<number>): SegmentBias[] {
  const errors = rows.map(
    ({priceCop}, row) => Math.exp((predicted[row] ?? Number.NaN) - Math.log(priceCop)) - 1,
  );
  return BIAS_SEGMENTS.flatMap(by => {
    const members = new Map<string, number[]>();
    for (const [index, row] of rows.entries()) {
      const segment = SEGMENT_OF[by](row) ?? NOT_STATED;
      const list = members.get(segment);
      if (list === undefined) members.set(segment, [errors[index] ?? Number.NaN]);
      else list.push(errors[index] ?? Number.NaN);
    }
    return [...members]
      .filter(([, list]) => list.length >= MIN_SEGMENT_ROWS)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([segment, list]): SegmentBias => ({by, segment, rows: list.length, ...medianInterval(list)}));
  });
}

/** Ranks n/2 ± 0.98 √n hold the median with 95 % (normal approximation of the binomial). */
function medianInterval(values: readonly number[]): {bias: number; low: number; high: number} {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const half = (Z95 / 2) * Math.sqrt(n);
  const at = (rank: number) => sorted[Math.min(Math.max(Math.round(rank), 0), n - 1)] ?? Number.NaN;
  const middle = ((sorted[Math.floor((n - 1) / 2)] ?? 0) + (sorted[Math.ceil((n - 1) / 2)] ?? 0)) / 2;
  return {bias: middle, low: at(n / 2 - half), high: at(n / 2 + half)};
}
