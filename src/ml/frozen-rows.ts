/** The rows a training learned from, as a file: what is needed to train the same models again. */
import {createHash} from 'node:crypto';
import {ModelError} from '../domain/errors.ts';
import type {FeatureRow} from '../domain/model.ts';

/** Raise when the lines change their meaning. */
const FORMAT_VERSION = 1;

/** Instants are marked: a text that looks like one stays a text. */
interface StoredInstant {
  readonly instant: string;
}

/** One JSON line a row, after a line that tells the format. The same rows give the same bytes. */
export function writeFrozenRows(rows: readonly FeatureRow[]): string {
  const lines = rows.map(row =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          value instanceof Date ? {instant: value.toISOString()} : value,
        ]),
      ),
    ),
  );
  return `${[JSON.stringify({format: 'raiz-training-rows', version: FORMAT_VERSION}), ...lines].join('\n')}\n`;
}

/** @throws ModelError when the text is of another version or cut short. */
export function readFrozenRows(text: string, where: string): FeatureRow[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  try {
    const {version} = JSON.parse(head) as {version: number};
    if (version !== FORMAT_VERSION) {
      throw new ModelError(
        `${where}: frozen rows of version ${version}, this program reads ${FORMAT_VERSION}. Train again: \`raiz train\`.`,
      );
    }
    return lines.map(line => {
      const stored = JSON.parse(line) as Record<string, unknown>;
      const entries = Object.entries(stored).map(([key, value]) => [
        key,
        isInstant(value) ? new Date(value.instant) : value,
      ]);
      return Object.fromEntries(entries) as FeatureRow;
    });
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(`${where}: the frozen rows are damaged (not JSON). Train again: \`raiz train\`.`, {
      cause,
    });
  }
}

function isInstant(value: unknown): value is StoredInstant {
  return (
    typeof value === 'object' && value !== null && 'instant' in value && typeof value.instant === 'string'
  );
}

/** Dataset version: equal hashes mean equal rows, whatever their order. */
export function hashRows(rows: readonly FeatureRow[]): string {
  return hashText(JSON.stringify([...rows].sort((a, b) => (a.listingId < b.listingId ? -1 : 1))));
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
