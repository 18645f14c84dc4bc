/** Enrichment's core on one processor, without the database: the sweep, barrios, and everything of one listing. */
import {indexCentres, indexMunicipalities, locateListing} from '../../pipelines/enrich/core.ts';
import {type GridPoi, PoiGrid} from '../../src/lib/geo-grid.ts';
import {PlaceIndex} from '../../src/lib/geo-places.ts';
import {PlaceSearch} from '../../src/lib/place-search.ts';
import {createRandom} from '../../src/lib/random.ts';
import type {BenchRow} from './bench-row.ts';
import {type EnrichWorld, type Homes, scatterHomes, spreadPois} from './enrich-world.ts';

const HOMES = 50_000;

const STATED = {
  municipality: 'Medellín',
  department: null,
  district: 'El Poblado',
  neighbourhood: 'Poblado',
  stratum: null,
  correction: null,
  pinListings: 1,
  pinNeighbourhoods: 1,
};

export function benchEnrichCore(world: EnrichWorld): BenchRow[] {
  const random = createRandom('bench enrich');
  const homes = scatterHomes(random, world.pois, HOMES);
  const many = spreadPois(random, world.pois, 20_000);
  return [
    measureSweep(world.pois, homes, world.poisFrom),
    measureSweep(many, homes, `${world.poisFrom}, resampled with 300 m jitter`),
    measureLocate(world, homes),
    measureCore(world, homes),
  ];
}

/** Listings a second of processor time. Best of three: the first round also compiles. */
function perSecond(work: () => void): number {
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const cpu = process.cpuUsage();
    work();
    const {user, system} = process.cpuUsage(cpu);
    best = Math.max(best, HOMES / ((user + system) / 1e6));
  }
  return Math.round(best);
}

function measureSweep(pois: readonly GridPoi[], {latitudes, longitudes}: Homes, note: string): BenchRow {
  const grid = new PoiGrid(pois);
  return {
    name: `sweep, ${pois.length} points in ${grid.categories.length} categories`,
    value: perSecond(() => grid.sweep(latitudes, longitudes)),
    unit: 'listings/CPU s',
    note,
  };
}

function measureLocate({places, placesFrom}: EnrichWorld, {latitudes, longitudes}: Homes): BenchRow {
  const index = new PlaceIndex(places);
  const value = perSecond(() => {
    for (let row = 0; row < HOMES; row++) index.locate(latitudes[row] ?? 0, longitudes[row] ?? 0);
  });
  return {name: 'neighbourhood by polygon', value, unit: 'listings/CPU s', note: placesFrom};
}

function measureCore({pois, places}: EnrichWorld, {latitudes, longitudes}: Homes): BenchRow {
  const reference = {
    places: new PlaceIndex(places),
    municipalityCodes: indexMunicipalities(places),
    search: new PlaceSearch(places, []),
    centres: indexCentres(places),
    strata: null,
    grid: new PoiGrid(pois),
  };
  const value = perSecond(() => {
    for (let row = 0; row < HOMES; row++) {
      const point = {latitude: latitudes[row] ?? 0, longitude: longitudes[row] ?? 0};
      locateListing({key: '', ...point, ...STATED}, reference);
    }
  });
  return {name: 'core of enrich (sweep, polygons, quality, objects)', value, unit: 'listings/CPU s'};
}
