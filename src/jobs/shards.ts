import type {Scope} from '../domain/page.ts';

/**
 * The scopes of one shard: places are dealt out in turn and stay whole, since searches of one place find the same
 * adverts. Every scope is in exactly one shard; a shard is empty when there are fewer places than shards.
 *
 * @param shard 1 to `shards`.
 */
export function scopesOfShard(scopes: readonly Scope[], shard: number, shards: number): Scope[] {
  const places = [...new Set(scopes.map(({place}) => place))];
  const own = new Set(places.filter((_, n) => n % shards === shard - 1));
  return scopes.filter(({place}) => own.has(place));
}

/** Pages a shard may ask for, of the pages its portal may be asked for; together never more than those. */
export function budgetOfShard(maxPages: number, shards: number): number {
  return Math.max(1, Math.floor(maxPages / shards));
}
