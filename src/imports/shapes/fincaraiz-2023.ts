import {defineMapping} from '../mapping.ts';

/**
 * Finca Raíz, used property of all types for sale tagged Medellín, from the portal's search interface of 2023.
 *
 * The columns `latitude` and `longitude` hold each other's value on 93 % of the rows. The day is that of the file's
 * commit: the rows name none. Its listing ids are the portal's UUIDs, another space than the numbers of other years.
 */
export const fincaraiz2023 = defineMapping({
  name: 'fincaraiz-2023',
  portal: 'fincaraiz',
  idSpace: 'uuid',
  observedOn: {date: '2023-10-18'},
  scope: {operation: 'sale', propertyType: 'by row', place: 'antioquia/medellin'},
  fields: {
    portalListingId: 'property_id',
    propertyType: 'property_type',
    department: {value: 'Antioquia'},
    municipality: {column: 'city', words: {'Otros Municipios': ''}},
    district: 'zone',
    neighbourhood: 'neighbourhood',
    latitude: 'longitude',
    longitude: 'latitude',
    builtAreaM2: 'area',
    bedrooms: 'rooms',
    bathrooms: 'baths',
    parkingSpaces: 'garages',
    stratum: 'stratum',
    advertiserKind: {column: 'client_type', words: {BROKER: 'agency'}},
    isProject: {column: 'is_new', equals: ['True']},
  },
  offers: {operations: {value: 'venta'}, price: {sale: 'price'}},
  ignore: ['min_price'],
});
