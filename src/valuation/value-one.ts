/** One answer: a stored advert or a described home, with the model and the data it stands on. */
import {readReference} from '../../pipelines/enrich/stage.ts';
import type {Db} from '../db/client.ts';
import type {ModelRow} from '../db/models.ts';
import {selectLastSeen, selectNewestSight, selectPlaceNames, selectStatedPlaces} from '../db/valuation.ts';
import {ConfigError} from '../domain/errors.ts';
import type {FeatureRow} from '../domain/model.ts';
import type {Operation, PropertyType} from '../domain/vocabulary.ts';
import {describeHome, type HomeWords} from './described-home.ts';
import {findListing} from './find-listing.ts';
import {nameKnownPlace} from './known-place.ts';
import {indexSimilar, type LoadedModel, loadChampion, valueHomes} from './load-champion.ts';
import {prepareHome} from './prepare-home.ts';
import type {HomeValue} from './value-home.ts';

/** What an answer stands on. */
export interface ValueSource {
  readonly model: Pick<ModelRow, 'modelId' | 'algorithm' | 'trainedAt' | 'trainingRows' | 'metrics'>;
  readonly isSynthetic: boolean;
  /** Newest sight of any advert. */
  readonly dataUntil: Date | null;
  /** When each comparable was last seen. */
  readonly lastSeen: ReadonlyMap<string, Date>;
}

export type Answer =
  | {
      readonly kind: 'value';
      readonly value: HomeValue;
      /** What was not believed, or is doubtful; Spanish. */
      readonly notes: readonly string[];
      readonly source: ValueSource;
    }
  | {readonly kind: 'no_model'; readonly propertyType: PropertyType};

export interface ValueSettings {
  readonly dataDir: string;
  readonly now: Date;
  /** Given: only this one. A described home is for sale unless told. */
  readonly operation?: Operation | undefined;
}

/** Answers for every operation the advert is offered for. @throws ConfigError as `findListing`. */
export async function valueListing(db: Db, id: string, settings: ValueSettings): Promise<Answer[]> {
  const found = await findListing(db, id);
  if (found.kind === 'no_model') return [found];
  const {operation} = settings;
  const rows = found.rows.filter(row => operation === undefined || row.operation === operation);
  if (rows.length === 0) throw new ConfigError(`listing ${id} is not offered for ${operation}`);
  const answers: Answer[] = [];
  for (const row of rows)
    answers.push(await answerFor(db, await loadChampion(db, settings.dataDir, row.operation), row, []));
  return answers;
}

/** @throws ConfigError for flags that can't be read, an unknown place or an impossible home. */
export async function valueDescribed(db: Db, words: HomeWords, settings: ValueSettings): Promise<Answer> {
  const operation = settings.operation ?? 'sale';
  const staged = describeHome(words, operation);
  const [reference, places, stated, champion] = await Promise.all([
    readReference(db, staged.stratum === null),
    selectPlaceNames(db),
    selectStatedPlaces(db),
    loadChampion(db, settings.dataDir, operation),
  ]);
  const municipalityAt = (latitude: number, longitude: number) =>
    reference.places.locate(latitude, longitude).municipality;
  const home = nameKnownPlace(staged, {...reference, places, stated, municipalityAt});
  const {model} = champion;
  const wanted = {operation, listingId: DESCRIBED, groupId: DESCRIBED, isSynthetic: model.isSynthetic};
  const prepared = prepareHome(home, {...wanted, now: settings.now}, reference);
  if (prepared.kind === 'no_model') return prepared;
  if (prepared.kind === 'impossible')
    throw new ConfigError(`no such home can be valued: ${prepared.message}`);
  return answerFor(db, champion, prepared.row, prepared.notes);
}

const DESCRIBED = 'described:home:1';

async function answerFor(
  db: Db,
  champion: LoadedModel,
  row: FeatureRow,
  notes: readonly string[],
): Promise<Answer> {
  const [comparables, dataUntil] = await Promise.all([indexSimilar(db, row), selectNewestSight(db)]);
  const [value] = valueHomes(champion, comparables, [row]);
  if (value === undefined) throw new RangeError('a home without a value');
  const lastSeen = await selectLastSeen(
    db,
    value.comparables.homes.map(({listingId}) => listingId),
  );
  const {model} = champion;
  return {kind: 'value', value, notes, source: {model, isSynthetic: model.isSynthetic, dataUntil, lastSeen}};
}
