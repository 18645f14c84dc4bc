import {expect, test} from 'vitest';
import policy from '../../../raiz.config.ts';
import {scopesOf} from '../../../src/config/policy.ts';
import {scopeKey} from '../../../src/domain/page.ts';
import {budgetOfShard, scopesOfShard} from '../../../src/jobs/shards.ts';

const scopes = scopesOf(policy, 'fincaraiz');

test.each([1, 2, 3, 10])('%d shards hold every scope once, and no place twice', shards => {
  const parts = Array.from({length: shards}, (_, n) => scopesOfShard(scopes, n + 1, shards));
  expect(parts.flat().map(scopeKey).sort()).toEqual(scopes.map(scopeKey).sort());
  const places = parts.flatMap(part => [...new Set(part.map(({place}) => place))]);
  expect(new Set(places).size).toBe(places.length);
  expect(parts.every(part => part.length > 0)).toBe(true);
});

test('more shards than places leave some empty', () => {
  expect(scopesOfShard(scopes, 11, 11)).toEqual([]);
});

test('shards together never get more than the budget', () => {
  expect([budgetOfShard(4000, 1), budgetOfShard(4000, 3), budgetOfShard(2, 3)]).toEqual([4000, 1333, 1]);
});
