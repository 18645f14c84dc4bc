import {RaizError} from '../domain/errors.ts';

/** Writes a line for people to standard output. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** An error as one readable block on standard error; with `--json`, as one object there. A bug shows its stack. */
export function printError(error: unknown, asJson: boolean): void {
  const known = error instanceof RaizError;
  if (asJson) {
    const body = known
      ? {code: error.code, message: error.message, context: error.context}
      : {code: 'BUG', message: String(error)};
    process.stderr.write(`${JSON.stringify({error: body})}\n`);
    return;
  }
  if (known) {
    process.stderr.write(`✖ ${error.message}\n`);
    return;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `✖ This is a bug in Raíz, nothing you did. Please report it with these lines:\n${stack}\n`,
  );
}

export type Align = 'left' | 'right';

export interface TableColumn<Row> {
  readonly title: string;
  readonly align?: Align;
  readonly value: (row: Row) => string | number | null;
}

/** A plain table: a header, a rule, columns two spaces apart. Null is shown as `·`. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]): string {
  const cells = rows.map(row => columns.map(column => cellText(column.value(row))));
  const widths = columns.map((column, i) =>
    Math.max(column.title.length, ...cells.map(line => (line[i] ?? '').length)),
  );
  const layOut = (line: readonly string[]) =>
    line
      .map((text, i) =>
        columns[i]?.align === 'right' ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map(width => '─'.repeat(width)).join('  ');
  return [layOut(columns.map(column => column.title)), rule, ...cells.map(layOut)].join('\n');
}

function cellText(value: string | number | null): string {
  if (value === null) return '·';
  return typeof value === 'number' ? formatCount(value) : value;
}

const COUNTS = new Intl.NumberFormat('en-US', {maximumFractionDigits: 1});

export function formatCount(value: number): string {
  return COUNTS.format(value);
}

/** Pesos in millions, as people in Colombia say prices: `452 M`, rents `2.35 M`. */
export function formatMillions(cop: number): string {
  const millions = cop / 1e6;
  return `${millions >= 100 ? Math.round(millions).toLocaleString('en-US') : millions.toFixed(2)} M`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
