/** What to release, as what version, and what must never leave the house. */

import type {ReleaseFacts, ReleaseRow} from '../../src/db/releases.ts';
import {columnMeaning, type TableMeaning} from '../../src/domain/dictionary.ts';
import {ContractError} from '../../src/domain/errors.ts';
import {findPersonal} from '../../src/portal/personal.ts';
import type {ManifestFile, ReleaseManifest} from '../../src/release/manifest.ts';

interface KnownRelease {
  readonly version: string;
  readonly inputHash: string;
}

export interface ReleaseInput {
  readonly key: string;
  readonly facts: ReleaseFacts;
  /** Versions that are taken, by a row of the database or a folder on the disk. */
  readonly taken: readonly string[];
  /** Releases with both row and folder. */
  readonly finished: readonly KnownRelease[];
  /** Folders without a row: a build that was killed between renaming and committing. */
  readonly orphans: readonly KnownRelease[];
}

/** `keep`: that release holds these very rows already. `adopt`: a whole folder lacks only its row. */
export interface ReleasePlan {
  readonly action: 'keep' | 'adopt' | 'build';
  readonly version: string;
}

/**
 * Decides what to do.
 * @param now the instant of the build; the version bears its month in Bogotá
 * @param rebuild build a new version though nothing changed
 * @throws ContractError when there is nothing to release, or synthetic and real rows stand together.
 */
export function planRelease(input: ReleaseInput, now: Date, rebuild: boolean): ReleasePlan {
  refuseEmpty(input.facts);
  refuseMixture(input.facts);
  const same = ({inputHash}: KnownRelease) => inputHash === input.facts.inputHash;
  const finished = rebuild ? undefined : input.finished.find(same);
  if (finished !== undefined) return {action: 'keep', version: finished.version};
  const orphan = rebuild ? undefined : input.orphans.find(same);
  if (orphan !== undefined) return {action: 'adopt', version: orphan.version};
  return {action: 'build', version: nextVersion(now, input.taken)};
}

/** Colombia keeps UTC−5 all year. */
const BOGOTA_OFFSET_MS = 5 * 3_600_000;

/** CalVer `YYYY.MM.N`: the month in Bogotá and the next free number in it. */
export function nextVersion(now: Date, taken: readonly string[]): string {
  const month = new Date(now.getTime() - BOGOTA_OFFSET_MS).toISOString().slice(0, 7).replace('-', '.');
  const numbers = taken
    .filter(version => version.startsWith(`${month}.`))
    .map(version => Number(version.split('.')[2]));
  return `${month}.${Math.max(0, ...numbers) + 1}`;
}

function refuseEmpty(facts: ReleaseFacts): void {
  if (facts.listings > 0 && facts.dataFrom !== null) return;
  throw new ContractError(
    'nothing to release: the database holds no listings. Bring some with `raiz import <file>` or `raiz crawl`, then run `raiz stage all`.',
  );
}

function refuseMixture({listings, syntheticListings, champions}: ReleaseFacts): void {
  if (syntheticListings !== 0 && syntheticListings !== listings) {
    throw new ContractError(
      `release refused: ${syntheticListings} synthetic and ${listings - syntheticListings} real listings stand in one database. ` +
        'Keep the simulation in its own installation (`--demo`) and erase the synthetic rows here.',
      {context: {listings, syntheticListings}},
    );
  }
  const isSynthetic = syntheticListings > 0;
  const foreign = champions.find(champion => champion.isSynthetic !== isSynthetic);
  if (foreign === undefined) return;
  throw new ContractError(
    `release refused: the ${foreign.operation} champion ${foreign.modelId} was trained on ${foreign.isSynthetic ? 'synthetic' : 'real'} ` +
      `listings, the rows are ${isSynthetic ? 'synthetic' : 'real'}. Train and promote a model on these rows: \`raiz stage train\`.`,
    {context: {modelId: foreign.modelId}},
  );
}

export interface PersonalHit {
  readonly table: string;
  readonly column: string;
  /** Key of the row; the text itself is never repeated. */
  readonly rowKey: string;
  readonly kind: string;
}

/** Identifiers and words of closed lists: no spaces, no e-mail sign. */
const KEY_TEXT = /^[\p{L}\p{N}:._+/-]*$/u;
/** Distinct texts remembered as clean; words of portals repeat a thousandfold. */
const REMEMBERED = 50_000;

/**
 * A scanner of every text column. Names are not looked for: barrios and streets bear names of people, and the columns
 * that hold an advertiser's words are not released.
 */
export function openPersonalScanner(): (table: TableMeaning, rows: readonly ReleaseRow[]) => PersonalHit[] {
  const clean = new Set<string>();
  const kindOf = (text: string): string | undefined => {
    if (clean.has(text)) return undefined;
    const kind = findPersonal(text.normalize('NFC'), {skipNames: true})[0]?.kind;
    if (kind === undefined && clean.size < REMEMBERED) clean.add(text);
    return kind;
  };
  return (table, rows) => {
    const texts = table.columns
      .map(name => ({name, meaning: columnMeaning(name)}))
      .filter(({meaning}) => meaning.type.startsWith('text'));
    const hits: PersonalHit[] = [];
    for (const row of rows) {
      for (const {name, meaning} of texts) {
        const kind = wordsOf(row[name])
          .filter(word => meaning.content !== 'key' || !KEY_TEXT.test(word))
          .map(kindOf)
          .find(found => found !== undefined);
        if (kind !== undefined)
          hits.push({
            table: table.name,
            column: name,
            rowKey: table.key.map(key => String(row[key])).join(' '),
            kind,
          });
      }
    }
    return hits;
  };
}

function wordsOf(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter(word => typeof word === 'string');
}

/** @throws ContractError when the scan found anything: names column, row and kind, never the text. */
export function refusePersonal(hits: readonly PersonalHit[]): void {
  const [first] = hits;
  if (first === undefined) return;
  throw new ContractError(
    `release refused: ${hits.length} ${hits.length === 1 ? 'value looks' : 'values look'} like personal data, first ` +
      `${first.table}.${first.column} of ${first.rowKey} (${first.kind}). Mend the redaction of its portal, run ` +
      '`raiz stage parse --rebuild` and build again. Nothing was released.',
    {context: {hits: hits.slice(0, 20)}},
  );
}

const TIER_REASON = {
  es:
    'Sólo para el grupo: no se publica ni se comparte. Trae las coordenadas exactas de los avisos, porque el enmascarado ' +
    'de ubicaciones y las demás compuertas de publicación aún no existen. No trae fotos, textos, títulos, enlaces, nombres ni teléfonos.',
  en:
    'For the group only: not to be published or passed on. It holds the exact coordinates of adverts, because masked ' +
    'locations and the other gates of publication do not exist yet. It holds no photos, texts, titles, links, names or phones.',
};

/** The manifest of a release, from its facts, its tables and the files they became. */
export function describeRelease(
  version: string,
  builtAt: Date,
  facts: ReleaseFacts,
  tables: readonly {readonly table: TableMeaning; readonly rows: number}[],
  files: readonly ManifestFile[],
): ReleaseManifest {
  const instant = (at: Date | null) => (at ?? builtAt).toISOString();
  return {
    name: 'raiz-co-listings',
    version,
    tier: 'internal',
    tier_reason: TIER_REASON,
    is_synthetic: facts.syntheticListings > 0,
    built_at: builtAt.toISOString(),
    data_from: instant(facts.dataFrom),
    data_until: instant(facts.dataUntil),
    input_hash: facts.inputHash,
    listings: facts.listings,
    coordinates: 'exact',
    sources: facts.sources.map(source => ({
      portal: source.portal,
      kinds: [...source.kinds],
      listings: source.listings,
      last_seen_at: source.lastSeenAt.toISOString(),
      last_complete_at: source.lastCompleteAt?.toISOString() ?? null,
    })),
    models: facts.champions.map(({operation, modelId, algorithm}) => ({
      operation,
      model_id: modelId,
      algorithm,
    })),
    tables: tables.map(({table, rows}) => ({
      name: table.name,
      description: {es: table.es, en: table.en},
      rows,
      key: [...table.key],
      columns: table.columns.map(name => {
        const {type, unit, whenNull} = columnMeaning(name);
        return {name, type, unit, nullable: whenNull !== null};
      }),
    })),
    files: [...files],
  };
}
