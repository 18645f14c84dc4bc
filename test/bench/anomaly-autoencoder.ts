/**
 * An autoencoder on all attributes and the price, on TensorFlow.js: what it can't rebuild is an odd combination
 * (Hawkins et al. 2002, "Outlier detection using replicator neural networks").
 *
 * It was the second signal of the anomaly score on trial. DECISIONS.md says what came of it; the bench keeps the proof.
 */
import * as layers from '@tensorflow/tfjs-layers';
import type {FeatureRow} from '../../src/domain/model.ts';
import {HOME_TYPES} from '../../src/domain/vocabulary.ts';
import {eastM, northM} from '../../src/lib/geo.ts';
import {createRandom} from '../../src/lib/random.ts';
import {median, robustSd} from '../../src/lib/stats.ts';
import type {Backend} from '../../src/ml/backend.ts';
import type {PlantedAdvert} from './anomaly-market.ts';

const HIDDEN = 24;
const CODE = 6;
const EPOCHS = 30;
const BATCH_ROWS = 128;
/** Robustly standardised numbers are cut here, so that one absurd value doesn't rule the training. */
const MOST_DEVIATIONS = 6;
const PARTS = 2;

/**
 * Mean squared error with which each advert is rebuilt by a network that was trained on the other half of the adverts.
 * High is odd.
 */
export async function autoencoderScores(
  {tf}: Backend,
  planted: readonly PlantedAdvert[],
  seed: number,
): Promise<Float64Array> {
  const x = standardise(planted.map(({row}) => numbersOf(row)));
  const random = createRandom(`autoencoder/${seed}`);
  const part = x.map(() => random.int(0, PARTS - 1));
  const scores = new Float64Array(x.length);
  for (let own = 0; own < PARTS; own++) {
    const model = autoencoder(x[0]?.length ?? 0, seed + own);
    const train = x.filter((_, at) => part[at] !== own);
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const shuffled = tf.tensor2d(random.shuffle(train));
      await model.fit(shuffled, shuffled, {epochs: 1, batchSize: BATCH_ROWS, shuffle: false, verbose: 0});
      shuffled.dispose();
    }
    const held = [...x.keys()].filter(at => part[at] === own);
    const errors = tf.tidy(() => {
      const input = tf.tensor2d(held.map(at => x[at] ?? []));
      const rebuilt = model.predict(input, {batchSize: 4096}) as ReturnType<typeof tf.tensor>;
      return tf.mean(tf.squaredDifference(input, rebuilt), 1).dataSync();
    });
    for (const [place, at] of held.entries()) scores[at] = errors[place] ?? 0;
    model.dispose();
  }
  return scores;
}

function autoencoder(columns: number, seed: number): layers.Sequential {
  const dense = (units: number, activation: 'tanh' | 'linear', layer: number, inputs?: number) =>
    layers.layers.dense({
      units,
      activation,
      kernelInitializer: layers.initializers.glorotUniform({seed: seed * 10 + layer}),
      ...(inputs === undefined ? {} : {inputShape: [inputs]}),
    });
  const model = layers.sequential({
    layers: [
      dense(HIDDEN, 'tanh', 1, columns),
      dense(CODE, 'tanh', 2),
      dense(HIDDEN, 'tanh', 3),
      dense(columns, 'linear', 4),
    ],
  });
  model.compile({optimizer: 'adam', loss: 'meanSquaredError'});
  return model;
}

/** NaN: not stated. */
function numbersOf(row: FeatureRow): number[] {
  const stated = (value: number | null) => value ?? Number.NaN;
  return [
    Math.log(row.priceCop),
    Math.log(row.areaM2),
    Math.log(row.priceCop / row.areaM2),
    row.bedrooms ? Math.log(row.areaM2 / row.bedrooms) : Number.NaN,
    stated(row.bedrooms),
    stated(row.bathrooms),
    stated(row.parkingSpaces),
    stated(row.stratum),
    stated(row.ageYearsMin),
    row.adminFeeCop ? Math.log(row.adminFeeCop) : Number.NaN,
    row.amenities.length,
    row.longitude === null ? Number.NaN : eastM(row.longitude) / 1000,
    row.latitude === null ? Number.NaN : northM(row.latitude) / 1000,
    ...HOME_TYPES.map(type => (row.propertyType === type ? 1 : 0)),
  ];
}

/** Column by column: less the median, over the robust spread; what nobody stated becomes 0. */
function standardise(rows: readonly (readonly number[])[]): number[][] {
  const columns = rows[0]?.length ?? 0;
  const scales = Array.from({length: columns}, (_, column) => {
    const known = rows.map(row => row[column] ?? Number.NaN).filter(value => !Number.isNaN(value));
    return {centre: known.length === 0 ? 0 : median(known), spread: Math.max(robustSd(known) || 0, 0.25)};
  });
  return rows.map(row =>
    row.map((value, column) => {
      const {centre = 0, spread = 1} = scales[column] ?? {};
      if (Number.isNaN(value)) return 0;
      return Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, (value - centre) / spread));
    }),
  );
}
