import {readFile} from 'node:fs/promises';
import {promisify} from 'node:util';
import {gunzip} from 'node:zlib';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import {compressors} from 'hyparquet-compressors';
import {type Table, type TableRow, toCell} from './readers-table.ts';

/** Rows decoded at a time. */
const ROWS_A_READ = 10_000;

/** Opens a Parquet file (all compressions that hyparquet knows); only a gzipped one is held in memory whole. */
export async function readParquetRows(path: string, isGzip: boolean): Promise<Table> {
  const file = isGzip ? await unpacked(path) : await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children.map(child => child.element.name);
  return {columns, rows: rowsOf(file, Number(metadata.num_rows), columns)};
}

async function* rowsOf(
  file: AsyncBuffer,
  count: number,
  columns: readonly string[],
): AsyncGenerator<TableRow> {
  for (let start = 0; start < count; start += ROWS_A_READ) {
    const end = Math.min(count, start + ROWS_A_READ);
    const objects = await parquetReadObjects({file, rowStart: start, rowEnd: end, compressors});
    for (const [index, object] of objects.entries()) {
      yield {row: start + index + 1, cells: columns.map(column => toCell(object[column]))};
    }
  }
}

async function unpacked(path: string): Promise<AsyncBuffer> {
  const bytes = await promisify(gunzip)(await readFile(path));
  const whole = new Uint8Array(bytes).buffer;
  return {byteLength: whole.byteLength, slice: (start, end) => whole.slice(start, end)};
}
