/** Whether a cleaning rule strikes more or less often than it used to. Pure. */

/** One rule in one run of one source, against the last four runs before. */
export interface RuleRate {
  readonly rowsSeen: number;
  readonly touchedSharePct: number;
  /** Null: there is no run before. */
  readonly usualSharePct: number | null;
  readonly runsCompared: number;
}

const ALARM_POINTS = 5;
/** Below this many rows a share says nothing. */
const LEAST_ROWS = 50;
/** One run before is no custom. */
const LEAST_RUNS = 2;

/** True by five points or more either way, and by more than three standard errors. */
export function isRateAlarm({rowsSeen, touchedSharePct, usualSharePct, runsCompared}: RuleRate): boolean {
  if (usualSharePct === null || rowsSeen < LEAST_ROWS || runsCompared < LEAST_RUNS) return false;
  const usual = Math.min(1, Math.max(0, usualSharePct / 100));
  const chancePoints = 100 * 3 * Math.sqrt((usual * (1 - usual)) / rowsSeen);
  return Math.abs(touchedSharePct - usualSharePct) >= Math.max(ALARM_POINTS, chancePoints);
}
