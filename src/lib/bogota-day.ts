/** Colombia is at UTC−5 all year; it has had no summer time since 1993. */
const OFFSET_MS = 5 * 3_600_000;

/** Day in America/Bogota of an instant, `YYYY-MM-DD`. */
export function bogotaDay(instant: Date): string {
  return new Date(instant.getTime() - OFFSET_MS).toISOString().slice(0, 10);
}
