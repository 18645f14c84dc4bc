/** Street networks on disk: `<data>/network/<hash>/`, each with its manifest. The one built last is used. */
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {ContractError} from '../domain/errors.ts';

export const NETWORK_MANIFEST = 'manifest.json';
const HASH = /^[0-9a-f]{16}$/;

export const networkManifest = z.object({
  /** File it was built from, and its SHA-256. */
  file: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  source: z.string(),
  licence: z.string(),
  /** The day the file speaks of, `YYYY-MM-DD`. */
  as_of: z.string(),
  /** Relief tiles counted, with their SHA-256; empty: built flat. */
  elevation: z.array(z.object({tile: z.string(), sha256: z.string()})),
  engine: z.string(),
  built_at: z.iso.datetime(),
  tiles: z.number().int(),
});

export type NetworkManifest = z.infer<typeof networkManifest>;

export interface BuiltNetwork {
  readonly hash: string;
  readonly folder: string;
  readonly manifest: NetworkManifest;
}

export function networkDir(dataDir: string): string {
  return join(dataDir, 'network');
}

/**
 * Networks of an installation, the one in use first.
 * @throws ContractError when a manifest is damaged.
 */
export async function listNetworks(dataDir: string): Promise<BuiltNetwork[]> {
  const root = networkDir(dataDir);
  const names = (await namesIn(root)).filter(name => HASH.test(name));
  const networks = await Promise.all(
    names.map(async hash => {
      const folder = join(root, hash);
      return {hash, folder, manifest: await readManifest(folder)};
    }),
  );
  return networks.sort((a, b) => b.manifest.built_at.localeCompare(a.manifest.built_at));
}

async function readManifest(folder: string): Promise<NetworkManifest> {
  const path = join(folder, NETWORK_MANIFEST);
  try {
    return networkManifest.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new ContractError(
      `${path} is missing or damaged. Remove that folder and run raiz places network build again.`,
      {
        cause,
      },
    );
  }
}

/** Empty where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
