/** Messages of incidents: one when it opens, one when it is over, to a Discord webhook. */
import type {Database} from '../db/client.ts';
import {type Incident, recordSending, unsentIncidents} from '../db/health.ts';

const TIMEOUT_MS = 5000;
/** Discord takes 30 messages a minute of one webhook; the rest goes out with the next review. */
const MESSAGES_A_REVIEW = 20;
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

export interface Sending {
  readonly sent: number;
  /** Why the first message that failed did; null: none did. The others are tried next time. */
  readonly error: string | null;
}

/** The words of a message, in Spanish first as the group reads it. At most 2,000 characters, Discord's limit. */
export function messageOf(incident: Incident, isSimulated: boolean): string {
  const {kind, portal, subject, observed, expected, since, closedAt, openedAt} = incident;
  const about = [portal, ...(subject === null ? [] : [subject])].join(' · ');
  const mark = isSimulated ? '[SIMULADO] ' : '';
  const lines =
    closedAt === null
      ? [
          `🔴 ${mark}**${kind}** · ${about}`,
          `observado / observed: ${observed}`,
          `esperado / expected: ${expected}`,
          `desde / since: ${minute(since)}`,
          `qué hacer / what to do: docs/runbook.md#${kind}`,
        ]
      : [
          `🟢 ${mark}**${kind}** · ${about}: recuperado / recovered`,
          `abierto / open: ${minute(openedAt)} – ${minute(closedAt)}`,
        ];
  return lines
    .map(line => line.slice(0, 600))
    .join('\n')
    .slice(0, 2000);
}

/**
 * Sends what is due. A message that can't be sent never fails the run: the reason is recorded with the incident and it is
 * tried again at the next review.
 * @param webhook https, or http on loopback. Holds a secret: it is in no message and no log.
 */
export async function sendMessages(
  database: Pick<Database, 'orm'>,
  webhook: string,
  now: Date,
  isSimulated: boolean,
): Promise<Sending> {
  let sent = 0;
  for (const incident of await unsentIncidents(database.orm, MESSAGES_A_REVIEW)) {
    const error = await post(webhook, messageOf(incident, isSimulated));
    await recordSending(database.orm, incident, error === null ? {sentAt: now} : {error});
    if (error !== null) return {sent, error};
    sent += 1;
  }
  return {sent, error: null};
}

/** https, or http on this machine: the address is a secret that must not travel openly. */
function isSafe(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
}

/** @returns null, or why it could not be sent, without the address. */
async function post(webhook: string, content: string): Promise<string | null> {
  const url = new URL(webhook);
  if (!isSafe(url)) return 'RAIZ_DISCORD_WEBHOOK is not an https address';
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      // No mention pings anybody, whatever an observed value holds.
      body: JSON.stringify({content, allowed_mentions: {parse: []}}),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return answer.ok ? null : `the webhook answered ${answer.status}`;
  } catch (error) {
    return `the webhook could not be reached: ${reasonOf(error)}`;
  }
}

/** Codes only: the words of a network error may hold the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const {cause} = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}

function minute(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
