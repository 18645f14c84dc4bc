import {defineMapping} from '../mapping.ts';

/**
 * Finca Raíz, homes for rent in the whole country, by 2019-11-10. The same advert stands under several addresses
 * (searches it was met in); the listing number at the end of the address is its identity, the path before it is noise.
 */
export const fincaraizArriendos2019 = defineMapping({
  name: 'fincaraiz-arriendos-2019',
  portal: 'fincaraiz',
  idSpace: 'id',
  observedOn: {date: '2019-11-10'},
  scope: {operation: 'rent', propertyType: 'by row', place: 'colombia'},
  fields: {
    portalListingId: {column: 'url', pattern: '-det-(\\d+)\\.aspx'},
    url: {
      column: 'url',
      pattern: '([^/]+/[^/]+/[^/]*-det-\\d+\\.aspx)$',
      prefix: 'https://www.fincaraiz.com.co/',
    },
    propertyType: 'tipo_vivienda',
    department: 'departamento',
    municipality: 'ciudad_vivienda',
    neighbourhood: 'barrio',
    builtAreaM2: {column: 'metros', as: 'number'},
    bedrooms: 'numero_habitaciones',
  },
  offers: {operations: {value: 'arriendo'}, price: {rent: 'precio'}},
  notStated: ['---', 'sin_informacion', 'hab.'],
  ignore: ['', 'pauta_destacada', 'pauta_oportunidad'],
});
