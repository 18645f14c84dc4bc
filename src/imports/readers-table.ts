/** A value of a file: text from CSV, any plain value from JSON and Parquet. */
export type Cell = string | number | boolean | null | readonly Cell[];

export interface TableRow {
  /** 1 for the first row after the header. */
  readonly row: number;
  /** In the order of `columns`; null where the file has nothing. */
  readonly cells: readonly Cell[];
  /** Why the row is not of the table's shape, when it isn't. */
  readonly fault?: string;
}

export interface Table {
  readonly columns: readonly string[];
  /** Can be walked once. */
  readonly rows: AsyncIterable<TableRow>;
}

/** Plain values as they are; times as ISO text; nested objects as JSON text. */
export function toCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toCell);
  return JSON.stringify(value);
}
