/** The official areas that the anomaly bench places adverts by. */
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {type EnrichReference, indexCentres, indexMunicipalities} from '../../pipelines/enrich/core.ts';
import {readPlaceFile} from '../../src/imports/place-file.ts';
import {buildPlaces, type RowSettings} from '../../src/imports/place-rows.ts';
import {readPlaceAliases, readReferencePlaces} from '../../src/imports/reference.ts';
import {PoiGrid} from '../../src/lib/geo-grid.ts';
import {type IndexedPlace, PlaceIndex} from '../../src/lib/geo-places.ts';
import {PlaceSearch} from '../../src/lib/place-search.ts';

const ADMIN = fileURLToPath(new URL('../../../shared/data/geo/admin/', import.meta.url));

/** Official areas of the valley as `raiz places` imports them; no points of interest, no strata. */
export async function readPlaceReference(): Promise<EnrichReference> {
  const layers: [string, Parameters<typeof buildPlaces>[1], Partial<RowSettings>][] = [
    ['valle_aburra_municipios.geojson', 'municipality', {idField: 'MPIO_CCNCT', nameField: 'MPIO_CNMBR'}],
    ['medellin_comunas_corregimientos.geojson.gz', 'district', {idField: 'COMUNA', within: '05001'}],
    [
      'medellin_barrios_veredas.geojson.gz',
      'neighbourhood',
      {idField: 'CODIGO', nameField: 'NOMBRE', parentField: 'LIMITECOMU', within: '05001'},
    ],
  ];
  const places = new Map<string, IndexedPlace>();
  const keep = (rows: Awaited<ReturnType<typeof readReferencePlaces>>): void => {
    for (const {placeCode, kind, name, parentCode, geometry, latitude, longitude} of rows) {
      const known = places.get(placeCode);
      places.set(placeCode, {
        ...{placeCode, kind},
        name: known?.name ?? name,
        parentCode: parentCode ?? known?.parentCode ?? null,
        geometry: geometry ?? null,
        latitude: latitude ?? null,
        longitude: longitude ?? null,
      });
    }
  };
  keep(await readReferencePlaces());
  for (const [name, kind, settings] of layers) {
    const path = `${ADMIN}${name}`;
    if (!existsSync(path)) continue;
    const features = await readPlaceFile(path);
    const located = features.flatMap(({shape, ...feature}) =>
      shape === null ? [] : [{...feature, shape, file: path}],
    );
    keep(buildPlaces(located, kind, {source: '-', licence: '-', asOf: '2018-01-01', ...settings}).rows);
  }
  const list = [...places.values()];
  return {
    places: new PlaceIndex(list),
    municipalityCodes: indexMunicipalities(list),
    search: new PlaceSearch(list, await readPlaceAliases()),
    centres: indexCentres(list),
    grid: new PoiGrid([]),
    strata: null,
  };
}
