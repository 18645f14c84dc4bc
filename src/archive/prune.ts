/**
 * Giving up old pages: whole files whose every page is old, parsed, and of a finished run. What was parsed from them
 * stays and outlives `--rebuild`; only reading them anew is no longer possible.
 */
import {rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {filesBefore, forgetFiles, type OldFile} from '../db/archive.ts';
import type {Database} from '../db/client.ts';
import {withAdvisoryLock} from '../db/locks.ts';
import {codeOf} from './warc.ts';

interface PrunableFile extends OldFile {
  readonly bytes: number;
}

export interface PrunePlan {
  /** Bogotá day: pages of it and later stay. */
  readonly before: string;
  readonly files: readonly PrunableFile[];
  readonly pages: number;
  readonly bytes: number;
  /** Old files that stay, with the reason. */
  readonly kept: readonly {readonly file: string; readonly why: string}[];
}

/** What may go. Nothing is changed. */
export async function planPrune(
  {orm}: Pick<Database, 'orm'>,
  {dataDir, before, portal}: {dataDir: string; before: string; portal?: string | undefined},
): Promise<PrunePlan> {
  const kept: {file: string; why: string}[] = [];
  const files: PrunableFile[] = [];
  for (const old of await filesBefore(orm, before, portal)) {
    const why = whyKept(old);
    if (why !== undefined) kept.push({file: old.file, why});
    else files.push({...old, bytes: await bytesOf(join(dataDir, 'raw', old.file))});
  }
  const total = (count: (file: PrunableFile) => number) => files.reduce((sum, file) => sum + count(file), 0);
  return {before, files, pages: total(file => file.pages), bytes: total(file => file.bytes), kept};
}

/**
 * Removes what the plan says; the parse stage waits meanwhile. The database forgets the files first: a kill between
 * leaves files that nothing refers to, never rows without their file. @returns bytes freed.
 */
export async function prune(
  database: Database,
  {dataDir, plan, now}: {dataDir: string; plan: PrunePlan; now: Date},
): Promise<number> {
  return withAdvisoryLock(database, 'stage:parse', async () => {
    const names = plan.files.map(({file}) => file);
    await database.orm.transaction(tx => forgetFiles(tx, names, now));
    for (const name of names) await rm(join(dataDir, 'raw', name), {force: true});
    return plan.bytes;
  });
}

function whyKept({unread, unfinished}: OldFile): string | undefined {
  if (unfinished > 0) return `${unfinished} pages belong to a crawl that may be resumed`;
  return unread > 0 ? `${unread} pages are not parsed: run raiz stage parse first` : undefined;
}

async function bytesOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0; // lost already: `raiz archive verify` says so
    throw error;
  }
}
