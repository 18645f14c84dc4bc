/** `manifest.json`: what a release is and what each of its files must be. */
import {z} from 'zod';
import {COLUMN_TYPES} from '../domain/dictionary/shape.ts';
import {OPERATIONS, RELEASE_TIERS} from '../domain/vocabulary.ts';

const bilingual = z.object({es: z.string(), en: z.string()});
const instant = z.iso.datetime();

const fileSchema = z.object({
  name: z.string(),
  /** Table it holds; null for texts. */
  table: z.string().nullable(),
  rows: z.int().nonnegative().nullable(),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const tableSchema = z.object({
  name: z.string(),
  description: bilingual,
  rows: z.int().nonnegative(),
  key: z.array(z.string()),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.enum(COLUMN_TYPES),
      unit: z.string().nullable(),
      nullable: z.boolean(),
    }),
  ),
});

export const manifestSchema = z.object({
  name: z.literal('raiz-co-listings'),
  version: z.string(),
  tier: z.enum(RELEASE_TIERS),
  /** Why it is of this tier and what that forbids. */
  tier_reason: bilingual,
  is_synthetic: z.boolean(),
  built_at: instant,
  data_from: instant,
  data_until: instant,
  input_hash: z.string(),
  listings: z.int().positive(),
  /** `exact`: points as advertised, not masked. */
  coordinates: z.literal('exact'),
  sources: z.array(
    z.object({
      portal: z.string(),
      kinds: z.array(z.string()),
      listings: z.int(),
      last_seen_at: instant,
      last_complete_at: instant.nullable(),
    }),
  ),
  models: z.array(z.object({operation: z.enum(OPERATIONS), model_id: z.string(), algorithm: z.string()})),
  tables: z.array(tableSchema),
  files: z.array(fileSchema),
});

export type ReleaseManifest = Readonly<z.infer<typeof manifestSchema>>;
export type ManifestFile = ReleaseManifest['files'][number];
