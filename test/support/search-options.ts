/** A small search: few candidates, one round. */
import type {SearchOptions} from '../../pipelines/train/stage-search.ts';
import {loadBackend} from '../../src/ml/backend.ts';
import {WORLD_SEEN_AT} from './saved-world.ts';

export async function searchOptions(
  dataDir: string,
  changes: Partial<SearchOptions> = {},
): Promise<SearchOptions> {
  return {
    backend: await loadBackend(),
    seed: 5,
    budgetMs: 1e9,
    clock: () => performance.now(),
    dataDir,
    now: WORLD_SEEN_AT,
    note: () => {},
    promotion: 'person',
    rounds: 1,
    algorithms: ['naive_median_m2', 'naive_place_stratum', 'ridge_hedonic', 'tree', 'gbdt'],
    ...changes,
  };
}
