import {expect, test} from 'vitest';
import {bogotaDay} from '../../../src/lib/bogota-day.ts';

test('the day changes at 05:00 UTC', () => {
  expect(bogotaDay(new Date('2026-03-02T04:59:59Z'))).toBe('2026-03-01');
  expect(bogotaDay(new Date('2026-03-02T05:00:00Z'))).toBe('2026-03-02');
});
