/**
 * The column dictionary: the one place that says what a column means. Comments of schema `api`, the view
 * `api.column_dictionary`, `data_dictionary.csv`, README and manifest of a release are all made from it.
 */
import {ACCESS_COLUMNS} from './dictionary/access-columns.ts';
import {ODDITY_COLUMNS} from './dictionary/advertiser-columns.ts';
import {LEADERBOARD_COLUMNS} from './dictionary/leaderboard-columns.ts';
import {ATTRIBUTE_COLUMNS, IDENTITY_COLUMNS} from './dictionary/listing-columns.ts';
import {MODEL_COLUMNS} from './dictionary/model-columns.ts';
import {LOCATION_COLUMNS, PLACE_COLUMNS} from './dictionary/place-columns.ts';
import {CHANGE_COLUMNS, PRICE_COLUMNS, SPELL_COLUMNS} from './dictionary/price-columns.ts';
import {RULE_COLUMNS} from './dictionary/quality-columns.ts';
import type {ColumnMeaning, Columns, TableMeaning} from './dictionary/shape.ts';
import {FILES, VIEWS} from './dictionary/tables.ts';
import {TRAVEL_COLUMNS} from './dictionary/travel-columns.ts';
import {DICTIONARY_COLUMNS, HEALTH_COLUMNS, RELEASE_COLUMNS} from './dictionary/trust-columns.ts';

export {gravityColumn, nearestColumn, nearFlagColumn, withinColumn} from './dictionary/access-columns.ts';
export type {ColumnMeaning, ColumnType, TableMeaning} from './dictionary/shape.ts';
export {ACCESS_COLUMNS, FILES, VIEWS};

export const COLUMNS: Columns = {
  ...IDENTITY_COLUMNS,
  ...ATTRIBUTE_COLUMNS,
  ...PLACE_COLUMNS,
  ...PRICE_COLUMNS,
  ...CHANGE_COLUMNS,
  ...SPELL_COLUMNS,
  ...LOCATION_COLUMNS,
  ...ACCESS_COLUMNS,
  ...TRAVEL_COLUMNS,
  ...MODEL_COLUMNS,
  ...LEADERBOARD_COLUMNS,
  ...ODDITY_COLUMNS,
  ...HEALTH_COLUMNS,
  ...RULE_COLUMNS,
  ...RELEASE_COLUMNS,
  ...DICTIONARY_COLUMNS,
};

/** @throws RangeError when the dictionary does not know the column: add it there first. */
export function columnMeaning(name: string): ColumnMeaning {
  const meaning = COLUMNS[name];
  if (meaning === undefined)
    throw new RangeError(`src/domain/dictionary has no column "${name}"; describe it there`);
  return meaning;
}

/** One line of the dictionary, by column name of `api.column_dictionary`; null says: none. */
export type DictionaryRow = Readonly<
  Record<keyof typeof DICTIONARY_COLUMNS, string | number | boolean | null>
>;

/** The dictionary of one view or file as rows, in column order. */
export function dictionaryRows(tableName: string, table: TableMeaning): DictionaryRow[] {
  return table.columns.map((name, index) => {
    const meaning = columnMeaning(name);
    return {
      table_name: tableName,
      column_position: index + 1,
      column_name: name,
      column_type: meaning.type,
      unit: meaning.unit,
      meaning_es: meaning.es,
      meaning_en: meaning.en,
      null_es: meaning.whenNull?.es ?? null,
      null_en: meaning.whenNull?.en ?? null,
      is_calculated: meaning.isCalculated,
      source: meaning.source,
      example: meaning.example,
    };
  });
}

/** What a database browser shows of a column: Spanish, then English. */
export function columnComment(name: string): string {
  const {es, en, unit, whenNull, isCalculated, source, example} = columnMeaning(name);
  const spanish = [
    es,
    ...(unit === null ? [] : [`Unidad: ${unit}.`]),
    whenNull === null ? 'Nunca vacía.' : `Vacía: ${whenNull.es}.`,
    isCalculated ? 'Calculada por Raíz.' : 'Tomada como está.',
    `Fuente: ${source}. Ejemplo: ${example}.`,
  ];
  const english = [en, whenNull === null ? 'Never null.' : `Null: ${whenNull.en}.`];
  return `${spanish.join(' ')}\n— EN: ${english.join(' ')}`;
}

export function tableComment(table: TableMeaning): string {
  return `${table.es}\n— EN: ${table.en}`;
}
