/** Adverts that vanish all at once, through crawl, parse, review and clean. */
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {cleanStage} from '../../../pipelines/clean/stage.ts';
import {acceptedRuns, doubtedRuns, recordAbsenceDecisions, refreshSurges} from '../../../src/db/surges.ts';
import {createRandom} from '../../../src/lib/random.ts';
import {openToyDays, sixty, TOY_PLACE, type ToyDays} from '../../support/toy-days.ts';

let days: ToyDays;
beforeEach(async () => {
  days = await openToyDays();
});
afterEach(() => days.close());

const clean = (rebuild = false) =>
  cleanStage.run(days.database, {now: days.clock, dataDir: days.dataDir, options: {rebuild}});

/** One day with these homes on the site. @returns the open incidents. */
async function live(homes: ReturnType<typeof sixty>): Promise<string[]> {
  days.site.places.set(TOY_PLACE, homes);
  await days.crawlDay();
  await days.review();
  await clean();
  return (await days.open()).sort();
}

const THIRTY_SIX = sixty().slice(0, 36);

/** Ends of spells with how many adverts have them: `gone on 2026-03-05: 24`. */
async function ends(): Promise<Record<string, number>> {
  const rows = await days.database.sql<{text: string; n: number}[]>`
    select coalesce(ended_reason || ' on ' || ended_at::date, 'open') as text, count(*)::int as n
    from core.listing_spell group by 1`;
  return Object.fromEntries(rows.map(({text, n}) => [text, n]));
}

/** All that clean makes of listings over time. */
async function histories(): Promise<unknown> {
  return days.database.sql`
    select listing_id, to_jsonb(s) - 'listing_spell_id' as row from core.listing_spell s
    union all select listing_id, to_jsonb(t) - 'listing_status_id' from core.listing_status t order by 1, 2`;
}

async function expectAsRebuilt(): Promise<void> {
  const folded = await histories();
  await clean(true);
  expect(folded).toEqual(await histories());
}

describe('forty of a hundred adverts vanish in one run', () => {
  beforeEach(async () => {
    for (let n = 0; n < 3; n++) expect(await live(sixty())).toEqual([]);
    expect(await live(THIRTY_SIX)).toEqual(['gone_rate', 'seen_drop']);
    expect(await ends()).toEqual({open: 60});
  });

  test('and are back the next day: no spell ended, the incident is over', async () => {
    expect(await live(sixty())).toEqual([]);
    expect(await ends()).toEqual({open: 60});
    const [status] = await days.database
      .sql`select count(*)::int as n from core.listing where status = 'active'`;
    expect(status?.n).toBe(60);
    await expectAsRebuilt();
  });

  test('and have left: three more runs confirm it, and the spells ended on the day they vanished', async () => {
    for (let n = 0; n < 2; n++) {
      await live(THIRTY_SIX);
      expect(await ends()).toEqual({open: 60});
    }
    await live(THIRTY_SIX);
    expect(await ends()).toEqual({open: 36, 'gone on 2026-03-05': 24});
    const [spell] = await days.database
      .sql`select first_absent_at from core.listing_spell where ended_at is not null`;
    expect(spell?.first_absent_at).toEqual(new Date('2026-03-05T15:00:00Z'));
    await expectAsRebuilt();
  });

  test('and a person says that they left: the spells end at once, with the same dates', async () => {
    const span = {from: new Date(0), to: days.clock()};
    const doubted = await doubtedRuns(days.database.orm, 'toy', span);
    expect(doubted).toEqual([{runId: 4, absent: 24}]);
    await recordAbsenceDecisions(days.database.orm, [
      {runId: 4, decidedAt: days.clock(), decidedBy: 'a test', note: 'opened ten of them'},
    ]);
    expect(await acceptedRuns(days.database.orm)).toEqual(new Set([4]));
    expect(await doubtedRuns(days.database.orm, 'toy', span)).toEqual([]);
    await days.review();
    expect(await days.open()).toEqual(['seen_drop']);
    expect(await clean()).toMatchObject({keysFound: 60});
    expect(await ends()).toEqual({open: 36, 'gone on 2026-03-05': 24});
    expect(await clean()).toMatchObject({keysFound: 0});
    await expectAsRebuilt();
  });
});

test('searches hide adverts whose own pages answer: nobody is absent', async () => {
  for (let n = 0; n < 3; n++) await live(sixty());
  days.site.places.set('antioquia/itagui', sixty().slice(36));
  expect(await live(THIRTY_SIX)).toEqual(['seen_drop']);
  expect(await days.database.sql`select * from ops.absence_surge`).toEqual([]);
});

test('day by day or all at once: the same histories, whatever vanishes and comes back', async () => {
  const random = createRandom('surges');
  for (let n = 0; n < 12; n++) {
    const keep = random.chance(0.3) ? 0.5 : 0.97;
    await live(sixty().filter(() => random.chance(keep)));
  }
  const before = await days.database.sql`select * from ops.absence_surge order by run_scope_id`;
  expect(before.length).toBeGreaterThan(0);
  await expectAsRebuilt();
  await refreshSurges(days.database.orm);
  expect(await days.database.sql`select * from ops.absence_surge order by run_scope_id`).toEqual(before);
});
