/** Match without the database: 100,000 simulated adverts, a market of Medellín's size and more. */
import {matchAdverts} from '../../pipelines/match/core.ts';
import {simulateAdverts} from '../support/simulated-adverts.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';

/** Unless `--listings` says otherwise. */
const ADVERTS = 100_000;

export async function benchMatch({listings = ADVERTS}: BenchOptions): Promise<BenchRow[]> {
  const simulated = simulateAdverts({seed: 'bench match', days: 2, startOn: '2026-09-01', size: listings});
  const adverts = simulated.slice(0, listings).map(({advert}) => advert);
  const truth = new Map(simulated.map(({advert, propertyId}) => [advert.listingId, propertyId]));
  const cpu = process.cpuUsage();
  const started = performance.now();
  const members = matchAdverts({adverts, known: new Map(), decisions: []});
  const seconds = (performance.now() - started) / 1000;
  const {user, system} = process.cpuUsage(cpu);
  const homes = new Map<string, Set<number | undefined>>();
  for (const {listingId, propertyId} of members) {
    const found = homes.get(propertyId) ?? new Set();
    homes.set(propertyId, found.add(truth.get(listingId)));
  }
  const mixed = [...homes.values()].filter(found => found.size > 1).length;
  const note = `${homes.size} homes, ${mixed} of them of more than one; limit 120 s for ${ADVERTS}`;
  return [
    {name: `match ${listings} adverts`, value: round(seconds), unit: 's', note},
    {name: 'processor time', value: round((user + system) / 1e6), unit: 'CPU s'},
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
