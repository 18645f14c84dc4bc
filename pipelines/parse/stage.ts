import {sql} from 'drizzle-orm';
import {openArchiveReader} from '../../src/archive/reader.ts';
import type {Tx} from '../../src/db/client.ts';
import {
  type GoneReading,
  removePageReadings,
  type SavedReading,
  type SavedReject,
  saveGone,
  saveIssues,
  saveReadings,
  saveRejects,
} from '../../src/db/observations.ts';
import {type StoredPage, storedPages} from '../../src/db/pages.ts';
import {ContractError} from '../../src/domain/errors.ts';
import type {Page} from '../../src/domain/page.ts';
import {RUN_KINDS} from '../../src/domain/vocabulary.ts';
import type {Portal} from '../../src/portal/define-portal.ts';
import {defineStage, type Stage} from '../../src/stage/define-stage.ts';
import {type ArchivedPage, type ParsedPage, parsePage} from './core.ts';

interface Input extends ArchivedPage {
  readonly key: string;
  readonly stored: StoredPage;
  /** Set when the archive no longer holds what was stored: this page alone fails. */
  readonly damage: ContractError | null;
}

interface Output extends ParsedPage {
  readonly stored: StoredPage;
}

/**
 * Reads archived pages into sightings and observations, without the network. A page is read again when its portal
 * raises `parserVersion`. Pages of a failed scope go nowhere.
 */
export function parseStage(portals: readonly Portal[]): Stage {
  const byId = new Map(portals.map(portal => [portal.id, portal]));
  const versions = JSON.stringify(
    portals.map(({id, parserVersion}) => ({portal: id, version: parserVersion})),
  );
  return defineStage<null, Input, Output>({
    name: 'parse',
    version: 1,
    reads: ['raw.page', 'ops.run_scope', 'ops.run'],
    writes: ['raw.sighting', 'raw.observation', 'raw.rejected_record', 'ops.issue'],
    batchSize: 200,
    work: ({portal}) => sql`
      select p.page_id::text as key, concat_ws(':', v.version, p.outcome, p.content_sha256, p.reason) as input_hash
      from raw.page p
      join ops.run_scope s using (run_scope_id)
      join jsonb_to_recordset(${versions}::text::jsonb) as v(portal text, version int) on v.portal = s.portal
      where p.outcome in ('ok', 'gone') and s.verdict is distinct from 'failed'
        and (${portal ?? null}::text is null or s.portal = ${portal ?? null}::text)`,
    prepare: () => Promise.resolve(null),
    load: (tx, keys, _shared, {dataDir}) => loadPages(tx, keys, dataDir),
    core: input => {
      if (input.damage !== null) throw input.damage;
      const portal = byId.get(input.stored.scope.portal);
      if (portal === undefined) throw new ContractError(`no portal file for "${input.stored.scope.portal}"`);
      return {...parsePage(input, portal), stored: input.stored};
    },
    save: async (tx, results, _shared, {now}) =>
      saveParsed(
        tx,
        results.map(result => result.output),
        now,
      ),
    remove: (tx, keys) => removePageReadings(tx, keys.map(Number)),
  });
}

async function loadPages(tx: Tx, keys: readonly string[], dataDir: string): Promise<Input[]> {
  const reader = openArchiveReader(dataDir);
  try {
    const inputs: Input[] = [];
    for (const stored of await storedPages(tx, keys.map(Number))) {
      // What was read from it before it was given up is all there is: it stays as it is.
      if (stored.isPruned) continue;
      const {kind, url, outcome, reason, span, scope, status, finalUrl, fetchedAt} = stored;
      const ref = {kind, url};
      let page: Page | null = null;
      let damage: ContractError | null = null;
      try {
        if (span !== null) page = {ref, scope, status, finalUrl, fetchedAt, content: await reader.read(span)};
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        damage = error;
      }
      const goneReason = outcome === 'gone' ? (reason ?? 'gone') : null;
      inputs.push({key: String(stored.pageId), stored, ref, page, goneReason, damage});
    }
    return inputs;
  } finally {
    await reader.close();
  }
}

async function saveParsed(tx: Tx, parsed: readonly Output[], now: Date): Promise<Record<string, number>> {
  // A page that is read again may say less than before: what it said goes first.
  await removePageReadings(
    tx,
    parsed.map(({stored}) => stored.pageId),
  );
  for (const sourceKind of RUN_KINDS) {
    for (const isSynthetic of [false, true]) {
      const own = parsed.filter(
        ({stored}) => stored.isSynthetic === isSynthetic && stored.runKind === sourceKind,
      );
      await saveReadings(tx, own.flatMap(readingsOf), {sourceKind, isSynthetic});
    }
  }
  const gone = parsed.flatMap(goneOf);
  const rejects = parsed.flatMap(rejectsOf);
  await saveGone(tx, gone);
  await saveRejects(tx, rejects);
  for (const portal of new Set(parsed.map(({stored}) => stored.scope.portal))) {
    const issues = parsed.flatMap(page => (page.stored.scope.portal === portal ? page.issues : []));
    await saveIssues(tx, portal, issues, now);
  }
  return {
    listings: parsed.reduce((total, {listings}) => total + listings.length, 0),
    gone: gone.length,
    rejected: rejects.length,
  };
}

function readingsOf({stored, listings}: Output): SavedReading[] {
  const {runScopeId, fetchedAt: observedAt, pageId} = stored;
  return listings.map(listing => ({...listing, runScopeId, observedAt, pageId}));
}

function goneOf({stored, gone}: Output): GoneReading[] {
  if (gone === null) return [];
  const {runScopeId, fetchedAt: observedAt, pageId} = stored;
  return [{runScopeId, observedAt, pageId, listingId: gone.listingId, goneReason: gone.reason}];
}

function rejectsOf({stored, rejected}: Output): SavedReject[] {
  const {runScopeId, pageId} = stored;
  return rejected.map(({path, message}) => ({
    runScopeId,
    sourceRef: `page:${pageId}$${path === '' ? '' : `.${path}`}`,
    rule: 'record_shape',
    message,
  }));
}
