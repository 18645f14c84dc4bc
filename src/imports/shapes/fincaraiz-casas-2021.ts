import {defineMapping} from '../mapping.ts';

/**
 * Finca Raíz, houses for sale in Medellín: full walks of the search pages by two students, stacked by day.
 *
 * `areaBuilt` is the portal's one "surface": for some houses the plot. The has… and ext… columns are word searches over
 * the amenity lists and the description, written only by some runs: the lists themselves are read.
 */
export const fincaraizCasas2021 = defineMapping({
  name: 'fincaraiz-casas-2021',
  portal: 'fincaraiz',
  idSpace: 'id',
  observedOn: {column: '_snapshot_date', format: 'YYYY-MM-DD'},
  scope: {operation: 'sale', propertyType: 'house', place: 'antioquia/medellin'},
  complete: true,
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
    floor: 'floor',
    stratum: 'stratum',
    age: 'builtTime',
    condition: 'propertyState',
    amenities: {
      columns: ['amenitiesInteriors', 'amenitiesExteriors', 'amenitiesCommonZones', 'amenitiesSector'],
    },
    advertiserKey: 'companyId',
    photosCount: 'numPictures',
  },
  offers: {
    operations: 'businessType',
    price: {sale: 'salePrice', rent: 'rentPrice'},
    adminFeeCop: 'adminPrice',
  },
  ignore: [
    '_source_file',
    'source',
    'rentTotalPrice',
    'cityID',
    'zoneID',
    'commonNeighborhood',
    'propAddress',
    'hasBalcony',
    'hasChimney',
    'hasServiceRoom',
    'hasStorageSpace',
    'hasInterphone',
    'hasAirConditioner',
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
