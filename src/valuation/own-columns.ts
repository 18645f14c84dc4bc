/** Raíz' own column names as a mapping, so that a release, or a table somebody typed, can be valued. Pure. */
import {defineMapping, type Mapping, type MappingInput} from '../imports/mapping.ts';
import type {Table, TableRow} from '../imports/readers-table.ts';

/** Column put before a file's own: rows without an id are told apart by their number. */
const ROW_COLUMN = 'raiz row';

/** Columns by field, the first one present counts. Only `property_type` and `area_m2` must be there. */
const COLUMNS = {
  propertyType: ['property_type'],
  builtAreaM2: ['area_m2'],
  department: ['department'],
  municipality: ['municipality'],
  district: ['district'],
  neighbourhood: ['neighbourhood'],
  latitude: ['latitude', 'lat'],
  longitude: ['longitude', 'lon'],
  bedrooms: ['bedrooms'],
  bathrooms: ['bathrooms'],
  parkingSpaces: ['parking_spaces', 'parking'],
  floor: ['floor'],
  stratum: ['stratum'],
  age: ['age'],
  condition: ['condition'],
  title: ['title'],
  description: ['description'],
} as const;

const TYPE_WORDS = {
  apartment: 'apartamento',
  studio: 'apartaestudio',
  house: 'casa',
  country_house: 'casa campestre',
  house_lot: 'casa lote',
  cabin: 'cabaña',
  farm: 'finca',
  room: 'habitación',
  land: 'lote',
  warehouse: 'bodega',
  medical_office: 'consultorio',
  retail: 'local',
  office: 'oficina',
  parking: 'parqueadero',
  building: 'edificio',
};

const CONDITION_WORDS = {
  remodelled: 'remodelado',
  off_plan: 'sobre planos',
  under_construction: 'en construcción',
};

/** The mapping of a file with Raíz' own columns; undefined for other files. */
export function ownMapping(columns: readonly string[]): Mapping | undefined {
  const present = (names: readonly string[]) => names.find(name => columns.includes(name));
  const type = present(COLUMNS.propertyType);
  if (type === undefined || present(COLUMNS.builtAreaM2) === undefined) return undefined;
  const found: Record<string, unknown> = {};
  for (const [field, names] of Object.entries(COLUMNS)) {
    const column = present(names);
    if (column !== undefined) found[field] = column;
  }
  const price = present(['price_cop', 'asking_cop', 'asking_price_cop']);
  const fee = present(['admin_fee_cop']);
  const operation = present(['operation']);
  const input: MappingInput = {
    name: 'raiz',
    portal: 'file',
    idSpace: 'row',
    scope: {operation: 'by row', propertyType: 'by row', place: 'antioquia'},
    fields: {
      ...found,
      portalListingId: ROW_COLUMN,
      propertyType: {column: type, words: TYPE_WORDS},
      ...(found.condition === undefined ? {} : {condition: {column: 'condition', words: CONDITION_WORDS}}),
      ...(columns.includes('amenities')
        ? {amenities: {columns: ['amenities'], separator: '[,;|"\\[\\]]+'}}
        : {}),
    },
    offers: {
      operations: operation ?? {value: 'venta'},
      price: price === undefined ? {} : {sale: price, rent: price},
      ...(fee === undefined ? {} : {adminFeeCop: fee}),
    },
  };
  return defineMapping(input, 'Raíz’ own columns');
}

/** The table with its rows' numbers as a first column. */
export function numberRows({columns, rows}: Table): Table {
  return {columns: [ROW_COLUMN, ...columns], rows: numbered(rows)};
}

async function* numbered(rows: AsyncIterable<TableRow>): AsyncGenerator<TableRow> {
  for await (const row of rows) yield {...row, cells: [row.row, ...row.cells]};
}

/** Index of the columns that a mapping can't express: the two ends of an age. */
export function ageColumns(columns: readonly string[]): {readonly min: number; readonly max: number} {
  return {min: columns.indexOf('age_years_min'), max: columns.indexOf('age_years_max')};
}

/** Index of the column with Raíz' listing id, −1 without. */
export function listingIdColumn(columns: readonly string[]): number {
  return columns.indexOf('listing_id');
}
