import {sql} from 'drizzle-orm';
import {type AnyPgColumn, check, timestamp} from 'drizzle-orm/pg-core';

/** An instant, UTC, as a `Date`. */
export const instant = () => timestamp({withTimezone: true, mode: 'date', precision: 3});

/** `text` + CHECK from a vocabulary tuple: closed sets without Postgres enums, which can't lose a word. */
export function oneOf(name: string, column: AnyPgColumn, words: readonly string[]) {
  return check(name, sql`${column} in (${sql.raw(words.map(word => `'${word}'`).join(', '))})`);
}
