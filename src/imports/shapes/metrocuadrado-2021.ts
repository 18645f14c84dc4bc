import {defineMapping} from '../mapping.ts';

/**
 * Metrocuadrado, apartments and houses for sale in Medellín, one day. The rows are capped at 5 bedrooms and bathrooms
 * and 4 parking places, and nothing says that the walk was complete.
 *
 * `builtTime` holds an age class or a state of the home; the states say nothing about age.
 */
export const metrocuadrado2021 = defineMapping({
  name: 'metrocuadrado-2021',
  portal: 'metrocuadrado',
  idSpace: 'id',
  observedOn: {date: '2021-03-19'},
  scope: {operation: 'by row', propertyType: 'by row', place: 'antioquia/medellin'},
  fields: {
    portalListingId: 'propID',
    description: 'comment',
    propertyType: 'propType',
    department: {value: 'Antioquia'},
    municipality: 'cityName',
    district: 'zoneName',
    neighbourhood: 'neighborhood',
    latitude: 'latitude',
    longitude: 'longitude',
    builtAreaM2: 'areaBuilt',
    bedrooms: 'rooms',
    bathrooms: 'bathrooms',
    parkingSpaces: 'garages',
    stratum: 'stratum',
    age: {
      column: 'builtTime',
      words: {REMODELADO: '', 'SOBRE PLANO': '', 'EN CONSTRUCCI√ìN': '', 'EN CONSTRUCCIÓN': ''},
    },
    condition: 'propertyState',
    isOffPlan: {column: 'builtTime', equals: ['SOBRE PLANO', 'EN CONSTRUCCI√ìN', 'EN CONSTRUCCIÓN']},
    amenities: {
      columns: ['amenitiesInteriors', 'amenitiesExteriors', 'amenitiesCommonZones', 'amenitiesSector'],
    },
    advertiserKey: 'companyId',
  },
  offers: {
    operations: 'businessType',
    price: {sale: 'salePrice', rent: 'rentPrice'},
    adminFeeCop: 'adminPrice',
  },
  ignore: [
    'rentTotalPrice',
    'cityID',
    'zoneID',
    'commonNeighborhood',
    'propAddress',
    'floor',
    'numPictures',
    'hasBalcony',
    'hasChimney',
    'hasServiceRoom',
    'hasStorageSpace',
    'hasInterphone',
    'extColsedComplex',
    'extVigilance',
    'extGreenZones',
    'extCoveredGarage',
    'publishedSectorAmenities',
    'timeMarket',
    'firstCapture',
    'lastCapture',
  ],
});
