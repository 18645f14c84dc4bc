/** The facts of `data/reference/` into `core.place` and `core.poi`. Their sources: `data/reference/SOURCES.md`. */
import {fileURLToPath} from 'node:url';
import {sql} from 'drizzle-orm';
import {z} from 'zod';
import type {Database, Tx} from '../db/client.ts';
import {
  deleteOwnExcept,
  type PlaceRow,
  type PoiRow,
  selectIdsOfOthers,
  type WriteCounts,
  writePlaces,
  writePois,
} from '../db/places.ts';
import {ContractError} from '../domain/errors.ts';
import {POI_CATEGORIES} from '../domain/vocabulary.ts';
import type {PlaceAlias} from '../lib/place-search.ts';
import {readPlaceFile} from './place-file.ts';
import {poiIdOf} from './place-rows.ts';

/** Ends the source of every row written here; no other row is touched. */
const MARK = ' (data/reference)';
const isOwn = sql`right(source, ${MARK.length}) = ${MARK}`;

const FOLDER = new URL('../../data/reference/', import.meta.url);

const degrees = z.coerce.number();
const provenance = {source: z.string().min(1), licence: z.string().min(1), as_of: z.iso.date()};

const municipalityRow = z.object({
  code: z.string().regex(/^\d{5}$/, 'a DIVIPOLA code has five digits'),
  name: z.string().min(1),
  latitude: degrees,
  longitude: degrees,
  ...provenance,
});

const districtRow = z.object({
  code: z.string().regex(/^\d{5}-\d{2}$/, "a district's code is its municipality's, a hyphen and two digits"),
  name: z.string().min(1),
  parent_code: z.string().regex(/^\d{5}$/),
  ...provenance,
});

const aliasRow = z.object({
  alias: z.string().min(1),
  official_code: z.string().regex(/^\d{5}-[\w-]+$/, 'the code of a district or neighbourhood'),
  official_name: z.string().min(1),
  ...provenance,
});

const poiRow = z.object({
  source_id: z
    .string()
    .regex(/^((node|way|relation)\/\d+|[a-z]+:[a-z0-9:-]+)$/, 'neither an OpenStreetMap id nor a code'),
  category: z.enum(POI_CATEGORIES),
  name: z.string(),
  latitude: degrees,
  longitude: degrees,
  ...provenance,
});

export interface ReferenceReport {
  readonly places: WriteCounts;
  readonly pois: WriteCounts;
}

/**
 * Loads the reference facts; a second call changes nothing. A place or point that an import brought under the same id
 * stays as imported, and facts that left the files leave the database.
 * @throws ContractError when a row of the files is malformed.
 */
export async function loadReferenceData(database: Database): Promise<ReferenceReport> {
  const places = await readReferencePlaces();
  const pois = await readReferencePois();
  return database.orm.transaction(async tx => ({
    places: await loadPlaces(tx, places),
    pois: await loadPois(tx, pois),
  }));
}

/** Popular names of official places; each row says what shows it. */
export async function readPlaceAliases(): Promise<(PlaceAlias & {readonly officialName: string})[]> {
  const rows = await readRows('place-aliases.csv', aliasRow, {isPlaced: false});
  return rows.map(row => ({
    alias: row.alias,
    officialCode: row.official_code,
    officialName: row.official_name,
  }));
}

export async function readReferencePlaces(): Promise<PlaceRow[]> {
  return [...(await readMunicipalities()), ...(await readDistricts())];
}

async function readDistricts(): Promise<PlaceRow[]> {
  const rows = await readRows('districts.csv', districtRow, {isPlaced: false});
  return rows.map(({code, name, parent_code: parentCode, ...row}) => ({
    placeCode: code,
    kind: 'district',
    name,
    parentCode,
    geometry: null,
    latitude: null,
    longitude: null,
    ...provenanceOf(row),
  }));
}

async function readMunicipalities(): Promise<PlaceRow[]> {
  const rows = await readRows('municipalities.csv', municipalityRow);
  return rows.map(({code, name, latitude, longitude, ...row}) => ({
    placeCode: code,
    kind: 'municipality',
    name,
    parentCode: null,
    geometry: null,
    latitude,
    longitude,
    ...provenanceOf(row),
  }));
}

export async function readReferencePois(): Promise<PoiRow[]> {
  const rows = [...(await readRows('stations.csv', poiRow)), ...(await readRows('pois.csv', poiRow))];
  return rows.map(({source_id: sourceId, category, name, latitude, longitude, ...row}) => ({
    poiId: poiIdOf(category, 'reference', sourceId),
    category,
    name: name === '' ? null : name,
    latitude,
    longitude,
    sourceId,
    ...provenanceOf(row),
  }));
}

function provenanceOf(row: {source: string; licence: string; as_of: string}) {
  return {source: `${row.source}${MARK}`, licence: row.licence, asOf: row.as_of};
}

async function readRows<Row>(
  name: string,
  schema: z.ZodType<Row>,
  {isPlaced} = {isPlaced: true},
): Promise<Row[]> {
  const features = await readPlaceFile(fileURLToPath(new URL(name, FOLDER)), {isPlaced});
  return features.map(({where, fields}) => {
    const checked = schema.safeParse(fields);
    if (checked.success) return checked.data;
    const reasons = checked.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new ContractError(
      `data/reference/${name} ${where}: ${reasons}. Repair the row or restore the file from git.`,
    );
  });
}

async function loadPlaces(tx: Tx, rows: readonly PlaceRow[]): Promise<WriteCounts> {
  const ids = rows.map(row => row.placeCode);
  const others = await selectIdsOfOthers(tx, 'place', ids, isOwn);
  const removed = await deleteOwnExcept(tx, 'place', ids, isOwn);
  const counts = await writePlaces(
    tx,
    rows.filter(row => !others.has(row.placeCode)),
  );
  return {...counts, removed: counts.removed + removed};
}

async function loadPois(tx: Tx, rows: readonly PoiRow[]): Promise<WriteCounts> {
  const ids = rows.map(row => row.poiId);
  const others = await selectIdsOfOthers(tx, 'poi', ids, isOwn);
  const removed = await deleteOwnExcept(tx, 'poi', ids, isOwn);
  const counts = await writePois(
    tx,
    rows.filter(row => !others.has(row.poiId)),
  );
  return {...counts, removed: counts.removed + removed};
}
