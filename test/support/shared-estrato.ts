/** Homes of Medellín with the stratum and block of the 2022 cadastre, from the files beside the repository. */
import {fileURLToPath} from 'node:url';
import {readPlaceFile} from '../../src/imports/place-file.ts';
import type {KnownStratum} from '../../src/lib/stratum.ts';

export const ESTRATO_POINTS = new URL(
  '../../../shared/data/geo/estrato/medellin_estrato_points_properati.csv.gz',
  import.meta.url,
);

export async function readEstratoPoints(): Promise<(KnownStratum & {readonly neighbourhoodCode: string})[]> {
  const features = await readPlaceFile(fileURLToPath(ESTRATO_POINTS));
  return features.flatMap(({fields, shape}) => {
    const stratum = Number(fields.ESTRATO);
    if (shape?.type !== 'point' || !(stratum >= 1 && stratum <= 6)) return [];
    const {latitude, longitude} = shape;
    return [
      {
        latitude,
        longitude,
        stratum,
        blockCode: fields.MANZANA || null,
        neighbourhoodCode: fields.CODIGO_BARRIO ?? '',
      },
    ];
  });
}
