/** What is known of a model: data, errors by segment, limits, and what it must not be used for. */
import type {FeatureRow} from '../../src/domain/model.ts';
import {ALGORITHM_NOTES, EFFORT_NOTES, isYardstick} from '../../src/ml/algorithms.ts';
import {ARTIFACT_VERSION} from '../../src/ml/artifact.ts';
import type {Backend} from '../../src/ml/backend.ts';
import {RANGE_SHARE} from '../../src/ml/calibrate.ts';
import type {OpenTraining} from './core.ts';
import type {MeasuredCandidate} from './measure.ts';

const LIMITS = [
  'Asking prices, not closing prices.',
  'The range holds 80 % of asking prices on average, not for every single home.',
  'Adverts of one home, exact twins and repeated texts stand on one side of every fold.',
];

const NOT_FOR = [
  'An appraisal: for credit, tax, insurance or a court ask a registered appraiser.',
  'Deciding by itself whom to let or sell to, or what rent to demand.',
  'Homes unlike those it learned from: other cities, other years, land, premises, whole buildings.',
  'Saying what a home was sold for, or that a withdrawn advert was sold.',
];

export interface CardFacts {
  readonly modelId: string;
  readonly measured: MeasuredCandidate;
  /** Least MdAPE of the naive rows; null: not known yet. */
  readonly naiveMdape: number | null;
  readonly trainedAt: Date;
  readonly backend: Backend;
  readonly columns: readonly string[];
  /** Anything a kind of candidate has on top. */
  readonly more: Readonly<Record<string, unknown>>;
}

export function makeCard(
  opened: OpenTraining,
  {modelId, measured, naiveMdape, trainedAt, backend, columns, more}: CardFacts,
): Readonly<Record<string, unknown>> {
  const {operation, rows, split, datasetHash, seed, effort} = opened;
  const {algorithm, metrics, segments, calibration, coverage} = measured;
  return {
    modelId,
    algorithm,
    note: ALGORITHM_NOTES[algorithm],
    isYardstick: isYardstick(algorithm),
    operation,
    target: 'log asking price, COP per m²',
    rows: rows.length,
    groups: new Set(split.group).size,
    data: describeRows(rows),
    folds: split.folds,
    splitId: split.splitId,
    datasetHash,
    seed,
    effort,
    effortNote: EFFORT_NOTES[effort],
    artifactVersion: ARTIFACT_VERSION,
    backend: backend.name,
    backendsPassedOver: backend.passedOver,
    trainedAt: trainedAt.toISOString(),
    isSynthetic: rows[0]?.isSynthetic ?? false,
    metrics,
    metricsByType: segments.propertyType,
    metricsBySegment: segments,
    range: {share: RANGE_SHARE, method: calibration.method, crossFitted: coverage},
    mdapeOfBestNaiveRow: naiveMdape,
    beatsNaiveRows: naiveMdape === null ? null : metrics.mdape < naiveMdape,
    columns,
    ...more,
    limits: LIMITS,
    notFor: NOT_FOR,
  };
}

function describeRows(rows: readonly FeatureRow[]): Readonly<Record<string, unknown>> {
  const since = rows.map(row => row.priceValidFrom.toISOString()).sort();
  const share = (isKnown: (row: FeatureRow) => boolean): number =>
    Number((rows.filter(isKnown).length / rows.length).toFixed(3));
  const portals = new Set(rows.map(row => row.listingId.split(':')[0]));
  return {
    portals: [...portals].sort(),
    pricesSince: since[0],
    newestPrice: since.at(-1),
    withOwnPoint: share(row => row.latitude !== null && !row.isSharedPin),
    withStratum: share(row => row.stratum !== null),
    withText: share(row => row.description !== null),
  };
}

/** The card as Markdown, for people. */
export function cardMarkdown(card: Readonly<Record<string, unknown>>): string {
  const percent = (value: unknown): string =>
    typeof value === 'number' ? `${(100 * value).toFixed(1)} %` : '·';
  const metrics = (card.metrics ?? {}) as Readonly<Record<string, unknown>>;
  const segments = (card.metricsBySegment ?? {}) as Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  const lines = (title: string, list: unknown): string[] =>
    Array.isArray(list) ? [`## ${title}`, '', ...list.map(line => `- ${String(line)}`), ''] : [];
  const segmentRows = Object.entries(segments).flatMap(([name, groups]) =>
    Object.entries(groups).map(
      ([group, own]) =>
        `| ${name} ${group} | ${String(own.rows)} | ${percent(own.mdape)} | ${percent(own.within10)} | ${percent(own.medianSigned)} |`,
    ),
  );
  return [
    `# ${String(card.modelId)}`,
    '',
    `${String(card.note)}${card.isSynthetic === true ? '. **SIMULADO**: trained on the simulated market' : ''}.`,
    '',
    '## Data',
    '',
    `- ${String(card.operation)}, ${String(card.rows)} adverts in ${String(card.groups)} groups; dataset ${String(card.datasetHash)}, split ${String(card.splitId)} of ${String(card.folds)} folds, seed ${String(card.seed)}`,
    `- effort: ${String(card.effortNote ?? card.effort)}`,
    ...Object.entries((card.data ?? {}) as object).map(([key, value]) => `- ${key}: ${String(value)}`),
    '',
    '## Errors on homes it never saw',
    '',
    `MdAPE ${percent(metrics.mdape)} (best naive row ${percent(card.mdapeOfBestNaiveRow)}), within 10 % ${percent(metrics.within10)}, within 20 % ${percent(metrics.within20)}, the 80 % range holds ${percent(metrics.coverage80)}.`,
    '',
    '| segment | adverts | MdAPE | within 10 % | middle of the signed error |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...segmentRows,
    '',
    ...lines('Limits', card.limits),
    ...lines('Not for', card.notFor),
  ].join('\n');
}
