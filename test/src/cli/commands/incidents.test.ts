import {afterAll, beforeAll, expect, test} from 'vitest';
import {cleanStage} from '../../../../pipelines/clean/stage.ts';
import {incidentsCommand} from '../../../../src/cli/commands/incidents.ts';
import {commandBench} from '../../../support/command.ts';
import {openToyDays, sixty, TOY_PLACE, type ToyDays} from '../../../support/toy-days.ts';

let days: ToyDays;
const {run} = commandBench(incidentsCommand, () => days.database);

beforeAll(async () => {
  days = await openToyDays();
  for (const homes of [sixty(), sixty(), sixty(), sixty().slice(0, 36)]) {
    days.site.places.set(TOY_PLACE, homes);
    await days.crawlDay();
    await days.review();
  }
});
afterAll(() => days.close());

const numberOf = async (kind: string) =>
  JSON.parse(await run('list', '--json')).find((row: {kind: string}) => row.kind === kind).incidentId;

test('lists incidents; accepts adverts that vanished, once, with a reason', async () => {
  expect(await run()).toMatch(/gone_rate[\s\S]*24 gone, 0\.0 expected/);
  await expect(run('accept', '99', '--note', 'x')).rejects.toThrow(/99 can't be accepted: there is no such/);
  const other = String(await numberOf('seen_drop'));
  await expect(run('accept', other, '--note', 'x')).rejects.toThrow(/it is of kind seen_drop/);
  const number = String(await numberOf('gone_rate'));
  expect(await run('accept', number, '--note', 'opened ten', '--by', 'Ana')).toBe(
    'Recorded: the 24 adverts that run 4 of toy misses have left.\nIt takes effect with the next clean: raiz stage clean\n',
  );
  const decisions = await days.database.sql`select run_id, decided_by, note from ops.absence_decision`;
  expect(decisions).toMatchObject([{run_id: 4, decided_by: 'Ana', note: 'opened ten'}]);
  await expect(run('accept', number, '--note', 'again')).rejects.toThrow(/doubted any more/);
  await cleanStage.run(days.database, {now: days.clock, dataDir: days.dataDir});
  const ended = await days.database
    .sql`select count(*)::int as n from core.listing_spell where ended_reason = 'gone'`;
  expect(ended[0]?.n).toBe(24);
  await days.review();
  expect(await run()).toMatch(/gone_rate.*\d\d:\d\d/);
});
