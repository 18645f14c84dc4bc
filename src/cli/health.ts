import policy from '../../raiz.config.ts';
import type {Policy} from '../config/policy.ts';
import type {ScopeRunRow} from '../db/health.ts';
import {type Review, reviewHealth} from '../health/review.ts';
import type {CommandContext} from './context.ts';
import {formatTable} from './output.ts';

/**
 * The review after a run: incidents, messages, health page. What fails in it is said and logged, and never fails the run
 * that was reviewed.
 */
export async function reviewRun(context: CommandContext, now: Date): Promise<Review | undefined> {
  const {database, dataDir, env, log} = context;
  try {
    const review = await reviewHealth({
      ...{database, dataDir, now},
      isLive: scope => isLive(policy, scope),
      webhook: env.discordWebhook,
    });
    if (review === undefined) return undefined;
    const {open, opened, closed, sent, sendError} = review;
    log.info({open: open.length, opened, closed, sent}, 'health');
    if (sendError !== null) warn(context, `Messages of incidents wait for the next review: ${sendError}.`);
    return review;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    warn(context, `The health page and the alarms are not up to date: ${why}`);
    return undefined;
  }
}

function warn({log}: CommandContext, message: string): void {
  log.warn(message);
  process.stderr.write(`! ${message}\n`);
}

/** Whether the policy still asks for a scope; a part of a place or type that was split off counts with it. */
export function isLive(
  rules: Policy,
  scope: Pick<ScopeRunRow, 'portal' | 'operation' | 'propertyType' | 'place'>,
): boolean {
  const portal = rules.portals[scope.portal];
  if (portal === undefined || scope.operation === null || scope.propertyType === null) return false;
  return (
    portal.operations.includes(scope.operation) &&
    portal.propertyTypes.includes(scope.propertyType) &&
    portal.places.some(place => scope.place === place || scope.place.startsWith(`${place}/`))
  );
}

type IncidentRow = Review['open'][number];

/** Incidents as a table, for people. */
export function incidentsTable(incidents: readonly IncidentRow[]): string {
  return formatTable(incidents, [
    {title: 'no.', align: 'right', value: row => row.incidentId},
    {title: 'incident', value: row => row.kind},
    {title: 'portal', value: row => row.portal},
    {title: 'about', value: row => row.subject ?? ''},
    {title: 'since', value: row => minute(row.since)},
    ...(incidents.some(row => row.closedAt !== null)
      ? [
          {
            title: 'over',
            value: (row: IncidentRow) => (row.closedAt === null ? 'open' : minute(row.closedAt)),
          },
        ]
      : []),
    {title: 'observed', value: row => row.observed},
    {title: 'expected', value: row => row.expected},
  ]);
}

const minute = (instant: Date) => instant.toISOString().slice(0, 16).replace('T', ' ');
