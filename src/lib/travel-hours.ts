/** When lines run: hours of a working day, as minutes after midnight. Pure. */
import type {TransitLine} from './travel-network.ts';

/** When people are taken to leave home unless they say otherwise: the morning peak that headways are published for. */
export const DEFAULT_DEPARTURE_MINUTE = 7 * 60;

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** `07:30` as minutes after midnight; undefined for anything else. */
export function readClock(text: string): number | undefined {
  const [, hours, minutes] = CLOCK.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

export function writeClock(minuteOfDay: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}

/** Lines that take passengers at this minute of a working day. None of them runs across midnight. */
export function linesAt(lines: readonly TransitLine[], minuteOfDay: number): TransitLine[] {
  return lines.filter(
    ({opensMinute, closesMinute}) => minuteOfDay >= opensMinute && minuteOfDay < closesMinute,
  );
}
