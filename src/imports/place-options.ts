/** What a person says about files of places, checked. */
import {z} from 'zod';
import {ConfigError} from '../domain/errors.ts';
import {PLACE_KINDS, type PlaceKind, POI_CATEGORIES, type PoiCategory} from '../domain/vocabulary.ts';

const shared = {
  source: z.string().trim().min(1, 'is empty'),
  licence: z.string().trim().min(1, 'is empty'),
  asOf: z.iso.date('must be a day as 2026-02-27'),
  latitudeField: z.string().optional(),
  longitudeField: z.string().optional(),
  idField: z.string().optional(),
  nameField: z.string().optional(),
  /** True: a set with nothing of what is asked for is no mistake. */
  mayBeEmpty: z.boolean().default(false),
  /** Only features whose fields have exactly these values. */
  where: z.record(z.string(), z.string()).default({}),
};

const optionsSchema = z.discriminatedUnion('holds', [
  z.strictObject({
    holds: z.literal('pois'),
    category: z.enum(POI_CATEGORIES),
    corners: z.boolean().default(false),
    ...shared,
  }),
  z.strictObject({
    holds: z.literal('places'),
    kind: z.enum(PLACE_KINDS),
    parentField: z.string().optional(),
    within: z.string().optional(),
    ...shared,
  }),
  z.strictObject({
    holds: z.literal('strata'),
    stratumField: z.string().optional(),
    blockField: z.string().optional(),
    ...shared,
  }),
]);

export type CheckedOptions = z.output<typeof optionsSchema>;

/** As a person gives them: unchecked words. Exactly one of `category` and `kind`. */
export interface PlaceImportOptions {
  readonly category?: string | undefined;
  readonly kind?: string | undefined;
  readonly source?: string | undefined;
  readonly licence?: string | undefined;
  /** Day the file speaks of, `YYYY-MM-DD`. */
  readonly asOf?: string | undefined;
  readonly latitudeField?: string | undefined;
  readonly longitudeField?: string | undefined;
  readonly idField?: string | undefined;
  readonly nameField?: string | undefined;
  readonly parentField?: string | undefined;
  readonly within?: string | undefined;
  /** The file's points are corners of outlines: gather them. */
  readonly corners?: boolean | undefined;
  /** Nothing of what is asked for is no mistake: a city may have no prison. */
  readonly mayBeEmpty?: boolean | undefined;
  readonly stratumField?: string | undefined;
  readonly blockField?: string | undefined;
  readonly where?: Readonly<Record<string, string>> | undefined;
}

/** What rows are of. */
export type PlaceWord = PlaceKind | PoiCategory | 'stratum';

export function wordOf(options: CheckedOptions): PlaceWord {
  if (options.holds === 'strata') return 'stratum';
  return options.holds === 'pois' ? options.category : options.kind;
}

const FLAGS: Readonly<Record<string, string>> = {
  asOf: '--as-of',
  source: '--source',
  licence: '--licence',
  parentField: '--parent-field goes with --kind only',
  within: '--within goes with --kind only',
  corners: '--corners goes with --category only',
  stratumField: '--stratum-field goes with --kind stratum only',
  blockField: '--block-field goes with --kind stratum only',
};

/** @throws ConfigError naming each wrong option. */
export function checkOptions({category, kind, ...rest}: PlaceImportOptions): CheckedOptions {
  refuseUnknownWord('category', category, POI_CATEGORIES);
  refuseUnknownWord('kind', kind, [...PLACE_KINDS, 'stratum']);
  if ((category === undefined) === (kind === undefined)) {
    throw new ConfigError(
      'say what the file holds: either --category (points of interest) or --kind (areas).',
    );
  }
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const checked = optionsSchema.safeParse({...holdsOf(category, kind), ...given});
  if (checked.success) return checked.data;
  const lines = checked.error.issues.map(({path, message, ...issue}) => {
    const names = 'keys' in issue ? issue.keys : [path.join('.')];
    return names.map(name => `${FLAGS[String(name)] ?? name}: ${message}`).join('; ');
  });
  throw new ConfigError(
    `wrong options of a places import: ${lines.join('; ')}. See raiz places import --help.`,
  );
}

function holdsOf(category: string | undefined, kind: string | undefined) {
  if (category !== undefined) return {holds: 'pois', category};
  return kind === 'stratum' ? {holds: 'strata'} : {holds: 'places', kind};
}

function refuseUnknownWord(what: string, word: string | undefined, words: readonly string[]): void {
  if (word === undefined || words.includes(word)) return;
  throw new ConfigError(`unknown ${what} "${word}". Known: ${words.join(', ')}`);
}
