import type {RuleName} from '../../../src/domain/cleaning-rules.ts';
import type {CleanListing, CleanOffer, RuleFinding, StagedListing} from '../../../src/domain/listing.ts';
import type {RuleEffect} from '../../../src/domain/vocabulary.ts';

type Mutable<T> = {-readonly [Key in keyof T]: T[Key]};

/** A listing while the rules work on it. */
export interface Draft extends Mutable<Omit<CleanListing, 'offers' | 'exclusions'>> {
  offers: Mutable<CleanOffer>[];
  /** Rules that excluded it so far. */
  exclusions: string[];
}

/** Notes one decision about one field. */
export type Report = (
  rule: RuleName,
  field: string,
  effect: RuleEffect,
  value: unknown,
  message: string,
) => void;

/** One judgement: repairs or empties fields of the draft and reports everything it does. */
export type Rule = (draft: Draft, report: Report) => void;

/** A listing as stated, before any rule: stated prices stand for what we believe until a rule refuses them. */
function startDraft(staged: StagedListing): Draft {
  const {offers, publishedOn: _published, updatedOn: _updated, ...attributes} = staged;
  return {
    ...attributes,
    areaM2: null,
    exclusions: [],
    offers: offers.map(offer => ({
      operation: offer.operation,
      priceStated: offer.price,
      currency: offer.currency,
      priceCop: offer.price,
      adminFeeCop: offer.adminFeeCop,
      correction: null,
    })),
  };
}

/** Applies rules in order. @returns the draft they leave and their findings, one a rule and field. */
export function applyRules(
  staged: StagedListing,
  rules: readonly Rule[],
): {readonly draft: Draft; readonly findings: readonly RuleFinding[]} {
  const draft = startDraft(staged);
  const findings = new Map<string, RuleFinding>();
  const report: Report = (rule, field, effect, value, message) => {
    const key = `${rule} ${field}`;
    if (findings.has(key)) return;
    if (effect === 'excluded' && !draft.exclusions.includes(rule)) draft.exclusions.push(rule);
    findings.set(key, {rule, field, effect, value: value === null ? null : describeValue(value), message});
  };
  for (const rule of rules) rule(draft, report);
  return {draft, findings: [...findings.values()]};
}

function describeValue(value: unknown): string {
  const text = String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
