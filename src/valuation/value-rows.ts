/** Rows of a file as values: what is wrong with a row stays with that row. */
import type {EnrichReference} from '../../pipelines/enrich/core.ts';
import type {StagedListing} from '../domain/listing.ts';
import {listingId} from '../domain/listing.ts';
import type {FeatureRow} from '../domain/model.ts';
import type {Operation} from '../domain/vocabulary.ts';
import type {Mapping} from '../imports/mapping.ts';
import {compileMapping} from '../imports/mapping-rows.ts';
import type {Cell, TableRow} from '../imports/readers-table.ts';
import {parseDecimal} from '../lib/spanish.ts';
import type {ComparableIndex} from '../ml/comparables.ts';
import {type LoadedModel, valueHomes} from './load-champion.ts';
import {ageColumns, listingIdColumn} from './own-columns.ts';
import {prepareHome} from './prepare-home.ts';
import type {HomeValue} from './value-home.ts';

/** What is said of one row. */
export type RowValue =
  | {readonly kind: 'value'; readonly value: HomeValue; readonly notes: readonly string[]}
  | {readonly kind: 'no_model'; readonly message: string}
  | {readonly kind: 'error'; readonly message: string};

/** What prices an operation: its model, and the adverts it was trained on. */
export interface Market {
  readonly loaded: LoadedModel;
  readonly comparables: ComparableIndex;
  /** Training rows by listing id. */
  readonly known: ReadonlyMap<string, FeatureRow>;
}

export interface RowSettings {
  readonly mapping: Mapping;
  readonly columns: readonly string[];
  readonly isOwn: boolean;
  readonly hashKey: string;
  /** Of rows that are offered for several, or name none. */
  readonly operation: Operation | undefined;
  readonly file: string;
  readonly today: string;
  readonly now: Date;
}

interface PreparedRow {
  readonly row: TableRow;
  readonly operation: Operation;
  readonly home: FeatureRow;
  readonly notes: readonly string[];
}

/** @returns a function that values rows in batches; the answer has one value a row, in their order. */
export function rowValuer(
  markets: ReadonlyMap<Operation, Market>,
  reference: EnrichReference,
  settings: RowSettings,
): (rows: readonly TableRow[]) => RowValue[] {
  const prepare = rowPreparer(markets, reference, settings);
  return rows => {
    const answers = new Map<TableRow, RowValue>();
    const prepared: PreparedRow[] = [];
    for (const row of rows) {
      const found = prepare(row);
      if ('kind' in found) answers.set(row, found);
      else prepared.push(found);
    }
    for (const [operation, {loaded, comparables}] of markets) {
      const entries = prepared.filter(entry => entry.operation === operation);
      const values = valueHomes(
        loaded,
        comparables,
        entries.map(({home}) => home),
      );
      for (const [index, {row, notes}] of entries.entries()) {
        const value = values[index];
        if (value !== undefined) answers.set(row, {kind: 'value', value, notes});
      }
    }
    return rows.map(row => answers.get(row) ?? {kind: 'error', message: 'no value was made of this row'});
  };
}

function rowPreparer(
  markets: ReadonlyMap<Operation, Market>,
  reference: EnrichReference,
  {mapping, columns, hashKey, file, today, isOwn, now, ...settings}: RowSettings,
): (row: TableRow) => PreparedRow | RowValue {
  const observedOn = mapping.observedOn === undefined ? today : undefined;
  const read = compileMapping(mapping, columns, {hashKey, observedOn, file});
  const complete = isOwn ? ownFacts(columns) : (staged: StagedListing) => staged;
  return row => {
    const listing = read(row);
    if (listing.kind === 'rejected') return {kind: 'error', message: `${listing.rule}: ${listing.message}`};
    const staged = complete(listing.listing, row.cells);
    const operation = settings.operation ?? offeredOf(staged, markets);
    const market = markets.get(operation);
    if (market === undefined) return {kind: 'no_model', message: `no model prices ${operation} here`};
    const id = idOf(staged, row, columns, isOwn);
    const {isSynthetic} = market.loaded.model;
    const groupId = market.known.get(id)?.groupId ?? id;
    const home = prepareHome(staged, {operation, listingId: id, groupId, isSynthetic, now}, reference);
    if (home.kind === 'impossible') return {kind: 'error', message: home.message};
    if (home.kind === 'no_model') return {kind: 'no_model', message: `no model prices ${home.propertyType}`};
    return {row, operation, home: asTrained(home.row, market.known, row.row), notes: home.notes};
  };
}

function offeredOf({offers}: StagedListing, markets: ReadonlyMap<Operation, Market>): Operation {
  const offered = offers.map(({operation}) => operation);
  return offered.find(operation => markets.has(operation)) ?? offered[0] ?? 'sale';
}

function idOf(
  {portal, idSpace, portalListingId}: StagedListing,
  {cells}: TableRow,
  columns: readonly string[],
  isOwn: boolean,
): string {
  const own = isOwn ? cells[listingIdColumn(columns)] : undefined;
  return typeof own === 'string' && own !== '' ? own : listingId(portal, idSpace, portalListingId);
}

/** Facts of an advert that decide whether the stored one is the same. */
const FACTS = ['propertyType', 'areaM2', 'stratum', 'bedrooms', 'bathrooms', 'parkingSpaces'] as const;

/**
 * An advert the model was trained on speaks out of fold, unless the file states another home under its id: then it is
 * new to the model, and only its own home stays out of its comparables. A file may hold an advert many times.
 * @param number of the row
 */
function asTrained(home: FeatureRow, known: ReadonlyMap<string, FeatureRow>, number: number): FeatureRow {
  const trained = known.get(home.listingId);
  const isSame = trained !== undefined && FACTS.every(fact => trained[fact] === home[fact]);
  return isSame ? home : {...home, listingId: `${home.listingId}#${number}`};
}

/** Facts of Raíz' own columns that a mapping can't express. */
function ownFacts(
  columns: readonly string[],
): (staged: StagedListing, cells: readonly Cell[]) => StagedListing {
  const {min, max} = ageColumns(columns);
  if (min < 0 && max < 0) return staged => staged;
  return (staged, cells) => ({
    ...staged,
    ageYearsMin: numberIn(cells[min]) ?? staged.ageYearsMin,
    ageYearsMax: numberIn(cells[max]) ?? staged.ageYearsMax,
  });
}

function numberIn(cell: Cell | undefined): number | null {
  if (typeof cell === 'number') return cell;
  return typeof cell === 'string' ? parseDecimal(cell) : null;
}
