/** What the column dictionary is made of. */

/** Types as people meet them; SQL and Parquet types follow from these. */
export const COLUMN_TYPES = [
  'text',
  'text[]',
  'boolean',
  'integer',
  'bigint',
  'double',
  'date',
  'timestamp',
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** One sentence in both languages of the project; Spanish is read first. */
export interface Bilingual {
  readonly es: string;
  readonly en: string;
}

/** What a column means. A name has one meaning in every view and file it stands in. */
export interface ColumnMeaning extends Bilingual {
  readonly type: ColumnType;
  /** `COP`, `m2`, `m`, `%` …; null for words, flags and keys. */
  readonly unit: string | null;
  /** What an empty value says; null: never empty. */
  readonly whenNull: Bilingual | null;
  /** True: computed by Raíz; false: as the portal states it, cleaned. */
  readonly isCalculated: boolean;
  /** Stage and table it comes from. */
  readonly source: string;
  readonly example: string;
  /**
   * Text only. `key`: an identifier or a word of a closed list, without spaces. `free`: words of people, scanned for
   * personal data before they leave the house.
   */
  readonly content?: 'key' | 'free';
}

export type Columns = Readonly<Record<string, ColumnMeaning>>;

/** A view of schema `api` or a file of a release. */
export interface TableMeaning extends Bilingual {
  readonly name: string;
  /** Columns that tell one row from another, in the order rows are sorted by. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
}

export const NOT_STATED: Bilingual = {es: 'el aviso no lo dice', en: 'the advert does not say'};
