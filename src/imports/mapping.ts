/** How a file's columns become listings: a declarative value, so that anyone can write one without code. */
import {readFileSync} from 'node:fs';
import {z} from 'zod';
import {ConfigError} from '../domain/errors.ts';
import {CURRENCIES, OPERATIONS, PROPERTY_TYPES} from '../domain/vocabulary.ts';

const BY_ROW = 'by row';

/** Ways to read a number. `decimal`: as programs print it; `number`, `pesos`, `area`: as people write it in Colombia. */
const NUMBER_READERS = ['decimal', 'number', 'pesos', 'area', 'count', 'stratum'] as const;
export type NumberReader = (typeof NUMBER_READERS)[number];

const DATE_FORMATS = ['YYYY-MM-DD', 'DD-MM-YYYY', 'M/D/YYYY'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

const column = z.string();

const expression = z.string().superRefine((text, context) => {
  try {
    new RegExp(text, 'u');
  } catch (error) {
    context.addIssue({code: 'custom', message: `not a regular expression: ${String(error)}`});
  }
});

/** A column by its name, or with how to read it. */
const columnSource = z.union([
  column,
  z.strictObject({
    column,
    /** Numbers only: how they are written. */
    as: z.enum(NUMBER_READERS).optional(),
    /** Dates only. */
    format: z.enum(DATE_FORMATS).optional(),
    /** Takes the first group of this regular expression; a text without it is not stated. */
    pattern: expression.optional(),
    /** Put before what was read. */
    prefix: z.string().optional(),
    /** Words of the file → words Raíz knows; an empty one: not stated. Case and accents don't matter. */
    words: z.record(z.string(), z.string()).optional(),
    /** Flags only: the words that mean yes. */
    equals: z.array(z.string()).min(1).optional(),
  }),
]);

const fixedValue = z.strictObject({value: z.union([z.string(), z.number(), z.boolean()])});
const source = z.union([columnSource, fixedValue]);
export type Source = z.infer<typeof source>;

const fields = z.strictObject({
  portalListingId: columnSource,
  url: source.optional(),
  title: source.optional(),
  description: source.optional(),
  propertyType: source.optional(),
  department: source.optional(),
  municipality: source.optional(),
  district: source.optional(),
  neighbourhood: source.optional(),
  latitude: columnSource.optional(),
  longitude: columnSource.optional(),
  builtAreaM2: columnSource.optional(),
  privateAreaM2: columnSource.optional(),
  landAreaM2: columnSource.optional(),
  bedrooms: columnSource.optional(),
  bathrooms: columnSource.optional(),
  parkingSpaces: columnSource.optional(),
  floor: columnSource.optional(),
  floorsCount: columnSource.optional(),
  stratum: columnSource.optional(),
  /** A class of years, as `9 a 15 años`. */
  age: columnSource.optional(),
  condition: source.optional(),
  /** Lists of words, in one column or several; `separator` is a regular expression. */
  amenities: z
    .strictObject({
      columns: z.array(column).min(1),
      separator: expression.default(','),
    })
    .optional(),
  advertiserKind: source.optional(),
  agencyName: columnSource.optional(),
  /** The advertiser's id; stored as a keyed pseudonym. */
  advertiserKey: columnSource.optional(),
  isProject: source.optional(),
  isOffPlan: source.optional(),
  isAuction: source.optional(),
  photosCount: columnSource.optional(),
  publishedOn: columnSource.optional(),
  updatedOn: columnSource.optional(),
});

const mappingSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'lower case letters, digits and dashes'),
  portal: z.string().regex(/^[a-z0-9-]+$/, 'the id of a portal, as fincaraiz'),
  /** The numbering the listing ids come from: the same number in two spaces is two adverts. */
  idSpace: z.string().regex(/^[a-z0-9-]+$/, 'as id or uuid'),
  /** The Bogotá day a row speaks of: one for the whole file, or a column; each day becomes a run. */
  observedOn: z
    .union([z.strictObject({date: z.iso.date()}), z.strictObject({column, format: z.enum(DATE_FORMATS)})])
    .optional(),
  /** What was searched. `by row`: the file mixes several, each row tells. */
  scope: z.strictObject({
    operation: z.enum([...OPERATIONS, BY_ROW]),
    propertyType: z.enum([...PROPERTY_TYPES, BY_ROW]),
    place: z.string().regex(/^[a-z0-9-]+(\/[a-z0-9-]+)*$/, 'slugs, as antioquia/medellin'),
  }),
  /** True only when each day holds every advert of the scope: listings it lacks are then absent. */
  complete: z.boolean().default(false),
  fields,
  offers: z.strictObject({
    operations: source,
    price: z.partialRecord(z.enum(OPERATIONS), columnSource),
    adminFeeCop: columnSource.optional(),
    currency: z.enum(CURRENCIES).default('COP'),
  }),
  /** More ways in which this file says nothing, as `sin_informacion`. */
  notStated: z.array(z.string()).default([]),
  /** Columns known and not needed; any other unread column is reported. */
  ignore: z.array(column).default([]),
});

export type Mapping = z.infer<typeof mappingSchema>;
export type MappingInput = z.input<typeof mappingSchema>;

/** @throws ConfigError naming every mistake. */
export function defineMapping(input: unknown, where = 'mapping'): Mapping {
  const parsed = mappingSchema.safeParse(input);
  if (!parsed.success) {
    throw new ConfigError(
      `${where} is not a valid mapping:\n${z.prettifyError(parsed.error)}\nSee raiz import --help for an example.`,
    );
  }
  const {complete, scope} = parsed.data;
  if (complete && (scope.operation === BY_ROW || scope.propertyType === BY_ROW)) {
    throw new ConfigError(
      `${where}: a scope "by row" can't be complete. Name its operation and type, or set complete to false.`,
    );
  }
  return parsed.data;
}

/** Reads a mapping file. @throws ConfigError when it can't be read, isn't JSON or isn't a mapping. */
export function readMappingFile(path: string): Mapping {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError(
      `${path}: can't be read as JSON (${cause instanceof Error ? cause.message : String(cause)})`,
      {cause},
    );
  }
  return defineMapping(value, path);
}

/** Columns that a file must have for this mapping. */
export function mappedColumns(mapping: Mapping): string[] {
  const columns = new Set<string>();
  const add = (from: Source | undefined) => {
    if (typeof from === 'string') columns.add(from);
    else if (from !== undefined && 'column' in from) columns.add(from.column);
  };
  const {amenities, ...single} = mapping.fields;
  for (const from of Object.values(single)) add(from);
  for (const name of amenities?.columns ?? []) columns.add(name);
  add(mapping.offers.operations);
  add(mapping.offers.adminFeeCop);
  for (const from of Object.values(mapping.offers.price)) add(from);
  if (mapping.observedOn !== undefined && 'column' in mapping.observedOn)
    columns.add(mapping.observedOn.column);
  return [...columns];
}

/** @throws ConfigError naming the columns that the mapping needs and the file lacks. */
export function requireColumns(mapping: Mapping, columns: readonly string[], file: string): void {
  const missing = mappedColumns(mapping).filter(name => !columns.includes(name));
  if (missing.length === 0) return;
  throw new ConfigError(
    `${file}: the mapping ${mapping.name} needs ${missing.length === 1 ? 'a column' : 'columns'} the file lacks: ${missing.join(', ')}. ` +
      `The file has: ${columns.join(', ')}. Give a mapping that fits with --map.`,
    {context: {missing, columns}},
  );
}
