/** Runs that miss too many adverts, found from the sightings, and a person's word on them. */
import {sql} from 'drizzle-orm';
import {absenceDecision, absenceSurge} from '../../drizzle/schema/ops.ts';
import {type AbsenceStep, findSurges} from '../lib/absence-surge.ts';
import {insertRows} from './bulk.ts';
import type {Db} from './client.ts';

/** Surges that no person has accepted: their absences end nothing by themselves. */
export const DOUBTED = sql`(
  select d.run_scope_id from ops.absence_surge d join ops.run_scope using (run_scope_id)
  where not exists (select from ops.absence_decision a where a.run_id = run_scope.run_id))`;

/** Finds the surges of all runs anew; the same sightings give the same. */
export async function refreshSurges(db: Db): Promise<void> {
  await db.transaction(async tx => {
    const surges = findSurges(await absenceSteps(tx));
    await tx.delete(absenceSurge);
    await insertRows(
      tx,
      absenceSurge,
      surges.map(({step: {runScopeId, listings, absent}, expected}) => ({
        ...{runScopeId, listings, absent, expected},
      })),
    );
  });
}

/** Every complete crawl of a search that has one before it. Imported files have no portal that could hide adverts. */
async function absenceSteps(db: Db): Promise<(AbsenceStep & {readonly runScopeId: number})[]> {
  const rows = await db.execute<{[Key in keyof (AbsenceStep & {runScopeId: number})]: string | number}>(sql`
    with complete as (
      select s.run_scope_id, s.run_id, s.portal, s.scope_key, s.observed_at,
        lag(s.run_scope_id) over of_scope as before_id, lag(s.observed_at) over of_scope as before_at
      from ops.run_scope s join ops.run r using (run_id)
      where s.verdict = 'complete' and s.observed_at is not null and r.kind = 'crawl'
      window of_scope as (partition by s.scope_key order by s.observed_at, s.run_scope_id)
    ), seen as (
      select distinct s.run_id, g.listing_id from raw.sighting g join ops.run_scope s using (run_scope_id)
      where g.payload_hash is not null
    )
    select c.run_scope_id as "runScopeId", c.run_id as "runId", c.portal, c.scope_key as scope,
      c.observed_at as "observedAt", c.before_at as "beforeAt", count(*)::int as listings,
      (count(*) filter (where seen.listing_id is null))::int as absent
    from complete c
    join raw.sighting g on g.run_scope_id = c.before_id and g.payload_hash is not null
    left join seen on seen.run_id = c.run_id and seen.listing_id = g.listing_id
    group by 1, 2, 3, 4, 5, 6`);
  return rows.map(row => ({
    runScopeId: Number(row.runScopeId),
    runId: Number(row.runId),
    portal: String(row.portal),
    scope: String(row.scope),
    observedAt: new Date(row.observedAt),
    beforeAt: new Date(row.beforeAt),
    listings: Number(row.listings),
    absent: Number(row.absent),
  }));
}

/** Runs whose absences a person believes. */
export async function acceptedRuns(db: Db): Promise<Set<number>> {
  const rows = await db.selectDistinct({runId: absenceDecision.runId}).from(absenceDecision);
  return new Set(rows.map(({runId}) => runId));
}

/** Runs of a portal between two instants that hold a surge nobody has accepted, oldest first. */
export async function doubtedRuns(
  db: Db,
  portal: string,
  {from, to}: {readonly from: Date; readonly to: Date},
): Promise<{runId: number; absent: number}[]> {
  const rows = await db.execute<{run_id: string; absent: number}>(sql`
    select s.run_id, sum(d.absent)::int as absent from ops.absence_surge d join ops.run_scope s using (run_scope_id)
    where d.run_scope_id in ${DOUBTED} and s.portal = ${portal}
      and s.observed_at between ${from.toISOString()}::timestamptz and ${to.toISOString()}::timestamptz
    group by s.run_id order by s.run_id`);
  return rows.map(row => ({runId: Number(row.run_id), absent: row.absent}));
}

/** Adds a person's word; none is ever changed. */
export async function recordAbsenceDecisions(
  db: Db,
  decisions: readonly (typeof absenceDecision.$inferInsert)[],
): Promise<void> {
  await insertRows(db, absenceDecision, decisions);
}
