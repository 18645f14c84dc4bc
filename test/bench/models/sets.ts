/** The three sets of homes that models are compared on. */
import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {FeatureRow} from '../../../src/domain/model.ts';
import {createRandom} from '../../../src/lib/random.ts';
import {joinGroups} from '../../../src/ml/split.ts';
import {loadSales} from '../training-rows.ts';
import {KING_COUNTY_HOMES, SALE_HOMES} from './filters.ts';
import {type ExtraColumns, readKingCounty} from './king-county.ts';
import {hashBytes, hashSources, remember} from './work-folder.ts';

/** What decides which rows a portal's file becomes. */
const ROW_SOURCES = [
  'pipelines/clean',
  'pipelines/match',
  'pipelines/enrich',
  'src/imports',
  'src/lib',
  'src/domain',
];

interface SetSource {
  readonly name: string;
  readonly filter: string;
  /** Of the prices. */
  readonly currency: 'COP' | 'USD';
  readonly read: (path: string, folder: string) => Promise<{rows: FeatureRow[]; extra: ExtraColumns | null}>;
}

const SOURCES: readonly SetSource[] = [
  portalSource('fincaraiz-medellin-2023', '2023-10-19T12:00:00Z'),
  portalSource('metrocuadrado-medellin-2021', '2021-03-20T12:00:00Z'),
  {
    name: 'king-county-sales-2014-2015',
    filter: KING_COUNTY_HOMES.text,
    currency: 'USD',
    read: readKingCounty,
  },
];

export const SET_NAMES = SOURCES.map(({name}) => name);

export interface BenchSet {
  readonly name: string;
  readonly filter: string;
  readonly currency: 'COP' | 'USD';
  readonly rows: readonly FeatureRow[];
  readonly extra: ExtraColumns | null;
}

/**
 * @param most rows: whole groups are drawn until there are so many.
 * @returns a sentence when the set's file isn't there.
 */
export async function readSet(
  name: string,
  folder: string,
  {most, seed}: {most: number | undefined; seed: number},
): Promise<BenchSet | string> {
  const source = SOURCES.find(own => own.name === name);
  if (source === undefined) return `${name}: unknown set. There are: ${SET_NAMES.join(', ')}`;
  const path = fileURLToPath(new URL(`../../../../shared/data/listings/${name}.csv.gz`, import.meta.url));
  if (!existsSync(path)) return `${name}: skipped, there is no ${path}`;
  mkdirSync(folder, {recursive: true});
  const {rows, extra} = await source.read(path, folder);
  const chosen = most === undefined ? [...rows.keys()] : drawRows(rows, most, seed);
  return {
    name,
    filter: source.filter,
    currency: source.currency,
    rows: chosen.flatMap(row => rows[row] ?? []),
    extra: extra && {...extra, values: chosen.flatMap(row => [extra.values[row] ?? []])},
  };
}

function drawRows(rows: readonly FeatureRow[], most: number, seed: number): number[] {
  const group = joinGroups(rows);
  const drawn = new Set<number>();
  let count = 0;
  for (const root of createRandom(`rows/${seed}`).shuffle([...new Set(group)])) {
    if (count >= most) break;
    drawn.add(root);
    count += group.filter(own => own === root).length;
  }
  return [...rows.keys()].filter(row => drawn.has(group[row] ?? row));
}

/** A portal's file goes the way of all adverts: import, clean, match, enrich, and the rows that training would get. */
function portalSource(name: string, now: string): SetSource {
  return {
    name,
    filter: SALE_HOMES.text,
    currency: 'COP',
    read: async (path, folder) => {
      const key = `${hashSources(ROW_SOURCES)}/${hashBytes([readFileSync(path)])}`;
      const kept = await remember(join(folder, 'rows.json'), key, () => loadSales(path, new Date(now)));
      const rows = kept.map(row => ({...row, priceValidFrom: new Date(row.priceValidFrom)}));
      return {rows: rows.filter(SALE_HOMES.keeps), extra: null};
    },
  };
}
