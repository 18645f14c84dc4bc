import {expect, test} from 'vitest';
import {cleanListing} from '../../../../pipelines/clean/core.ts';
import {cleaningRules} from '../../../../src/domain/cleaning-rules.ts';
import type {CleanListing} from '../../../../src/domain/listing.ts';
import {OPERATIONS} from '../../../../src/domain/vocabulary.ts';
import {stagedListing} from '../../../support/staged-listing.ts';

/** What is believed of a field that a finding names. */
function believed(listing: CleanListing, field: string): unknown {
  const offer = (operation: string) => listing.offers.find(each => each.operation === operation);
  for (const operation of OPERATIONS) {
    if (field === `price.${operation}`) return offer(operation)?.priceCop ?? null;
    if (field === `adminFeeCop.${operation}`) return offer(operation)?.adminFeeCop ?? null;
  }
  if (field === 'price') return listing.offers.find(each => each.priceCop !== null)?.priceCop ?? null;
  if (field === 'coordinates')
    return listing.latitude === null ? null : `${listing.latitude}, ${listing.longitude}`;
  return Object.entries(listing).find(([name]) => name === field)?.[1];
}

const examples = cleaningRules().filter(({rule}) => rule.example.given !== undefined);

test.each(examples)('the example of $name is what it does', ({name, rule}) => {
  const {given, field, value, result} = rule.example;
  const {listing, findings} = cleanListing(stagedListing(given));
  const finding = findings.find(each => each.rule === name && each.field === field);
  expect(finding).toMatchObject({value: value === '' ? null : value});
  expect(rule.effects).toContain(finding?.effect);
  expect(rule.effects[0]).toBe(finding?.effect);
  expect(String(believed(listing, field))).toBe(result);
});

test('only rows and records that never became an observation have no example to run', () => {
  const rejecting = cleaningRules().filter(({rule}) => rule.effects.includes('rejected'));
  expect(rejecting.map(({name}) => name)).toEqual(
    cleaningRules()
      .filter(({rule}) => rule.example.given === undefined)
      .map(({name}) => name),
  );
});
