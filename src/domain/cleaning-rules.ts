/**
 * Every rule by which a row, a record or a value is not believed as it stands: the one table that the clean stage,
 * `docs/cleaning.md`, `raiz rules` and `api.quality_rule` share.
 */
import {ADVERT_RULES} from './cleaning/advert-rules.ts';
import {HOME_RULES} from './cleaning/home-rules.ts';
import {PRICE_RULES} from './cleaning/price-rules.ts';
import type {CleaningRule} from './cleaning/rule.ts';

export type {CleaningRule} from './cleaning/rule.ts';

const RULES = {...PRICE_RULES, ...HOME_RULES, ...ADVERT_RULES};

export type RuleName = keyof typeof RULES;

export const CLEANING_RULES: Readonly<Record<RuleName, CleaningRule>> = RULES;

/** Name and rule, in the order of the table. */
export function cleaningRules(): {readonly name: string; readonly rule: CleaningRule}[] {
  return Object.entries(CLEANING_RULES).map(([name, rule]) => ({name, rule}));
}
