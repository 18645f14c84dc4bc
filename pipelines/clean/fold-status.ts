/**
 * Status and spells of one advert: a fold over when it was seen, said to be gone, or absent.
 *
 * Pure and independent of the order in which anything was learnt: events are sorted by the instant they speak of.
 */
import type {ListingStatus, RunKind, SpellEnd} from '../../src/domain/vocabulary.ts';

const HOUR_MS = 3_600_000;
/** Two absences count as two looks when they are at least this far apart. */
const ABSENCES_APART_MS = 20 * HOUR_MS;
/** Absences after the first one that end a spell; more when the first one, or the portal's word, is of a doubted run. */
const CONFIRMATIONS = 1;
const CONFIRMATIONS_OF_DOUBT = 3;
/** Longer than this without a look, nobody can say how long the advert stayed. */
const LONGEST_GAP_MS = 14 * 24 * HOUR_MS;

export interface Sighting {
  readonly scopeKey: string;
  readonly runId: number;
  readonly runKind: RunKind;
  readonly observedAt: Date;
  /** What was seen; null: the portal said that the advert is gone. */
  readonly payloadHash: string | null;
}

/** A run of a scope that was walked to its end: who isn't in it was absent at `observedAt`. */
export interface CompleteRun {
  readonly scopeKey: string;
  readonly runId: number;
  readonly observedAt: Date;
  /** It misses so many adverts that it ends nothing by itself. */
  readonly isDoubted: boolean;
}

/** Half-open; the last one has no end. */
export interface StatusInterval {
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly status: ListingStatus;
  readonly reason: string;
}

/**
 * A period online. `endedAt` is the best that is known of the end: the first absence when withdrawn, the portal's word
 * when gone, the last sight when unknown (censored). The instant the end was decided is in the status intervals.
 */
export interface Spell {
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly firstAbsentAt: Date | null;
  readonly endedAt: Date | null;
  readonly endedReason: SpellEnd | null;
}

interface Seen {
  readonly kind: 'seen';
  readonly at: number;
  readonly where: Map<RunKind, Whereabouts>;
}

/** Where runs of one kind saw an advert. */
interface Whereabouts {
  readonly scopes: Set<string>;
  readonly runs: Set<number>;
}

type Event =
  | Seen
  | {readonly kind: 'gone'; readonly at: number; readonly isDoubted: boolean}
  | {readonly kind: 'absent'; readonly at: number; readonly scopeKey: string; readonly isDoubted: boolean};

interface OpenSpell {
  readonly startedAt: number;
  lastSeenAt: number;
  absence: Absence | null;
}

/** Begun when the advert was last looked for and not found; over when it is seen. */
interface Absence {
  readonly firstAt: number;
  /** Begun in a doubted run. */
  readonly isDoubted: boolean;
  countedAt: number;
  confirmations: number;
  /** When the portal first said in a doubted run that it is gone. */
  goneAt: number | null;
}

interface State {
  status: ListingStatus | null;
  spell: OpenSpell | null;
  /**
   * Where it was when crawls, and when imports, last saw it: only complete runs of those scopes can miss it. Kinds apart: a
   * file tells that it was there, not where the next crawl has to find it.
   */
  readonly where: Map<RunKind, Whereabouts>;
  /** Last instant at which anybody looked. */
  lastLookAt: number;
  readonly changes: {at: number; status: ListingStatus; reason: string}[];
  readonly spells: Spell[];
}

/**
 * Seen → active. Absent from one complete run of its scope → missing; from two at least 20 h apart → delisted.
 * An absence that begins in a doubted run needs three more, of runs that are not doubted; other absences in doubted runs
 * count for nothing, and the word "gone" in them is an absence. Said to be gone elsewhere → delisted. More than 14 days between two looks → unknown, 14 days after the first of them.
 * Seen in any scope of a run, or anywhere at the same instant, beats absence.
 */
export function foldStatus(
  sightings: readonly Sighting[],
  completeRuns: readonly CompleteRun[],
): {readonly statuses: readonly StatusInterval[]; readonly spells: readonly Spell[]} {
  const state: State = {
    status: null,
    spell: null,
    where: new Map(),
    lastLookAt: Number.NEGATIVE_INFINITY,
    changes: [],
    spells: [],
  };
  for (const event of eventsInOrder(sightings, completeRuns)) apply(state, event);
  if (state.spell !== null) closeSpell(state, null, null);
  return {statuses: intervalsOf(state.changes), spells: state.spells};
}

function eventsInOrder(sightings: readonly Sighting[], completeRuns: readonly CompleteRun[]): Event[] {
  const seen = new Map<number, Seen>();
  const seenRuns = new Set<number>();
  const events: Event[] = [];
  const doubted = new Set(completeRuns.filter(run => run.isDoubted).map(scopeOfRun));
  for (const {payloadHash, observedAt, scopeKey, runId, runKind} of sightings) {
    if (payloadHash === null) continue;
    const at = observedAt.getTime();
    const known: Seen = seen.get(at) ?? {kind: 'seen', at, where: new Map()};
    const {scopes, runs} = known.where.get(runKind) ?? {scopes: new Set(), runs: new Set()};
    known.where.set(runKind, {scopes: scopes.add(scopeKey), runs: runs.add(runId)});
    seen.set(at, known);
    seenRuns.add(runId);
  }
  events.push(...seen.values());
  for (const sighting of sightings) {
    const at = sighting.observedAt.getTime();
    if (sighting.payloadHash === null && !seen.has(at))
      events.push({kind: 'gone', at, isDoubted: doubted.has(scopeOfRun(sighting))});
  }
  for (const {runId, observedAt, scopeKey, isDoubted} of completeRuns) {
    const at = observedAt.getTime();
    if (!seenRuns.has(runId) && !seen.has(at)) events.push({kind: 'absent', at, scopeKey, isDoubted});
  }
  return events.sort((a, b) => a.at - b.at || rankOf(a) - rankOf(b));
}

const scopeOfRun = ({runId, scopeKey}: Pick<CompleteRun, 'runId' | 'scopeKey'>) => `${runId} ${scopeKey}`;

/** Within one instant, where seen never meets the others; what is not doubted comes before what is. */
function rankOf(event: Event): number {
  if (event.kind === 'seen') return 0;
  return (event.kind === 'gone' ? 1 : 2) + (event.isDoubted ? 2 : 0);
}

function apply(state: State, event: Event): void {
  // Complete runs of other scopes, or from before the first sight, say nothing about this advert.
  if (event.kind === 'absent' && ![...state.where.values()].some(({scopes}) => scopes.has(event.scopeKey)))
    return;
  endAfterGap(state, event.at);
  if (event.kind === 'seen') applySeen(state, event);
  else if (event.kind === 'gone') applyGone(state, event);
  else applyAbsent(state, event);
  state.lastLookAt = event.at;
}

function endAfterGap(state: State, at: number): void {
  if (state.spell === null || at - state.lastLookAt <= LONGEST_GAP_MS) return;
  change(state, state.lastLookAt + LONGEST_GAP_MS, 'unknown', 'nobody looked for 14 days');
  closeSpell(state, state.spell.lastSeenAt, 'unknown');
}

function applySeen(state: State, event: Seen): void {
  if (state.spell === null) {
    state.spell = {startedAt: event.at, lastSeenAt: event.at, absence: null};
    change(state, event.at, 'active', state.status === null ? 'first seen' : 'came back');
  } else {
    state.spell.lastSeenAt = event.at;
    state.spell.absence = null;
    change(state, event.at, 'active', 'seen again');
  }
  for (const [kind, {scopes, runs}] of event.where) {
    const known = state.where.get(kind);
    // One run meets an advert in several scopes at several instants: all of them are its own.
    const isSameRun = known !== undefined && [...runs].some(run => known.runs.has(run));
    state.where.set(
      kind,
      isSameRun
        ? {scopes: new Set([...known.scopes, ...scopes]), runs: new Set([...known.runs, ...runs])}
        : {scopes, runs},
    );
  }
}

function applyGone(state: State, {at, isDoubted}: Event & {kind: 'gone'}): void {
  if (state.status === null) return;
  if (isDoubted) {
    applyAbsent(state, {at, isDoubted});
    if (state.spell?.absence != null) state.spell.absence.goneAt ??= at;
    return;
  }
  change(state, at, 'delisted', 'gone');
  if (state.spell !== null) closeSpell(state, at, 'gone');
}

function applyAbsent(state: State, {at, isDoubted}: {at: number; isDoubted: boolean}): void {
  const {spell} = state;
  if (spell === null) return;
  if (spell.absence === null) {
    spell.absence = {firstAt: at, isDoubted, countedAt: at, confirmations: 0, goneAt: null};
    change(state, at, 'missing', isDoubted ? 'absent from a doubted run' : 'absent from a complete run');
    return;
  }
  const {absence} = spell;
  if (isDoubted || at - absence.countedAt < ABSENCES_APART_MS) return;
  absence.countedAt = at;
  absence.confirmations += 1;
  if (absence.confirmations < (absence.isDoubted ? CONFIRMATIONS_OF_DOUBT : CONFIRMATIONS)) return;
  change(state, at, 'delisted', absence.goneAt === null ? 'withdrawn' : 'gone');
  if (absence.goneAt === null) closeSpell(state, absence.firstAt, 'withdrawn');
  else closeSpell(state, absence.goneAt, 'gone');
}

function change(state: State, at: number, status: ListingStatus, reason: string): void {
  if (state.status === status) return;
  state.status = status;
  state.changes.push({at, status, reason});
}

function closeSpell(state: State, endedAt: number | null, endedReason: SpellEnd | null): void {
  if (state.spell === null) return;
  const {startedAt, lastSeenAt, absence} = state.spell;
  state.spells.push({
    startedAt: new Date(startedAt),
    lastSeenAt: new Date(lastSeenAt),
    firstAbsentAt: absence === null ? null : new Date(absence.firstAt),
    endedAt: endedAt === null ? null : new Date(endedAt),
    endedReason,
  });
  state.spell = null;
}

function intervalsOf(changes: State['changes']): StatusInterval[] {
  return changes.map(({at, status, reason}, index) => {
    const next = changes[index + 1];
    return {validFrom: new Date(at), validTo: next === undefined ? null : new Date(next.at), status, reason};
  });
}
