import type {StagedListing} from '../listing.ts';
import type {RuleEffect} from '../vocabulary.ts';

/** One line of the table of cleaning rules: what people read, and an example that a test runs. */
export interface CleaningRule {
  /** What it may do; a price rule only nulls while the advert has another believable offer. */
  readonly effects: readonly (RuleEffect | 'rejected')[];
  /** What it looks at and when it strikes. */
  readonly sees: string;
  readonly does: string;
  readonly why: string;
  readonly example: RuleExample;
}

export interface RuleExample {
  /** How the advert differs from a usual one: an apartment of 80 m² for 400 M COP. Absent where a file's row is judged. */
  readonly given?: Partial<StagedListing>;
  /** As the finding names it: `stratum`, `price.sale`. */
  readonly field: string;
  /** What stood there. */
  readonly value: string;
  /** What is believed after it; `null`: nothing. */
  readonly result: string;
}

/** Keeps the names of a table as its type. */
export function defineRules<Name extends string>(
  rules: Readonly<Record<Name, CleaningRule>>,
): Readonly<Record<Name, CleaningRule>> {
  return rules;
}
