import {InvalidArgumentError} from 'commander';

const UNITS: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000};

/** `90s`, `10m`, `1.5h` as milliseconds. @throws InvalidArgumentError otherwise. */
export function parseDuration(text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text.trim()) ?? [];
  const milliseconds = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (!(milliseconds > 0)) throw new InvalidArgumentError('Write a time as 90s, 10m or 1.5h.');
  return milliseconds;
}
