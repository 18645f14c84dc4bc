/** Readers of single fields of a row, made once a file from what a mapping says of them. */
import type {Issue} from '../domain/issue.ts';
import {foldText} from '../lib/spanish.ts';
import {redactText} from '../portal/redact.ts';
import type {Mapping, NumberReader, Source} from './mapping.ts';
import {columnOf, compileText, readDay, readNumberAs, unknownWord} from './mapping-cells.ts';
import type {Cell} from './readers-table.ts';

/** Reads one field of a row; null: not stated, or not understood and noted in `issues`. */
export type Read<Value> = (cells: readonly Cell[], issues: Issue[]) => Value | null;

/** Makes readers of single fields; an optional field that isn't mapped reads null. */
export class Compiler {
  readonly #columns: readonly string[];
  readonly #notStated: ReadonlySet<string>;

  constructor(mapping: Mapping, columns: readonly string[]) {
    this.#columns = columns;
    this.#notStated = new Set(mapping.notStated.map(foldText));
  }

  text(source: Source | undefined): Read<string> {
    return source === undefined ? () => null : compileText(source, this.#columns, this.#notStated);
  }

  /** A text given to `parse`; what it doesn't understand is null and an issue. */
  word<Value>(
    source: Source | undefined,
    expected: string,
    parse: (text: string) => Value | null,
  ): Read<Value> {
    if (source === undefined) return () => null;
    const read = this.text(source);
    const column = columnOf(source);
    return (cells, issues) => {
      const text = read(cells, issues);
      if (text === null) return null;
      const value = parse(text);
      if (value === null) issues.push(unknownWord(column, text, expected));
      return value;
    };
  }

  number(source: Source | undefined, usual: NumberReader): Read<number> {
    const reader = typeof source === 'object' && 'as' in source ? (source.as ?? usual) : usual;
    return this.word(source, `a number (${reader})`, text => readNumberAs(reader, text));
  }

  date(source: Source | undefined): Read<string> {
    const format =
      typeof source === 'object' && 'format' in source ? (source.format ?? 'YYYY-MM-DD') : 'YYYY-MM-DD';
    return this.word(source, `a date (${format})`, text => readDay(text, format));
  }

  flag(source: Source | undefined): (cells: readonly Cell[], issues: Issue[]) => boolean {
    const read = this.text(source);
    const words = typeof source === 'object' && 'equals' in source ? source.equals : undefined;
    const yes = new Set((words ?? ['1', 'true', 'si']).map(foldText));
    return (cells, issues) => yes.has(foldText(read(cells, issues) ?? ''));
  }

  list(source: Mapping['fields']['amenities']): (cells: readonly Cell[], issues: Issue[]) => string[] {
    if (source === undefined) return () => [];
    const readers = source.columns.map(column => this.text(column));
    const separator = new RegExp(source.separator, 'u');
    const redact = remember((word: string) => redactText(word, {skipNames: true}));
    return (cells, issues) => {
      const words = readers.flatMap(read => (read(cells, issues) ?? '').split(separator));
      return [
        ...new Set(
          words
            .map(word => word.trim())
            .filter(word => word !== '')
            .map(redact),
        ),
      ].sort();
    };
  }
}

const MOST_REMEMBERED = 5000;

/** The same function, with its recent answers at hand. */
export function remember(compute: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return text => {
    let answer = known.get(text);
    if (answer === undefined) {
      if (known.size >= MOST_REMEMBERED) known.clear();
      answer = compute(text);
      known.set(text, answer);
    }
    return answer;
  };
}
