import { afterAll, beforeAll, expect, it } from 'vitest';
import { RotationProgressTable } from '../../src/adapters/rotation-progress-table.ts';
import type { RotationProgress } from '../../src/ports/rotation-progress.ts';
import { at, day, start } from '../lifecycle/build.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

let storage: TablesUnderTest;
let progress: RotationProgressTable;

beforeAll(async () => {
  storage = await startRecordTables();
  progress = new RotationProgressTable(storage.tables.schedules, { now: () => new Date(start) });
});
afterAll(() => storage.keyturn.close());

const begun: RotationProgress = { recurrence: '0 0 22 * * * Europe/Berlin', doneUpTo: start };
const atWork: RotationProgress = {
  ...begun,
  run: { occurrence: at(day), registry: 'contoso', token: 'team-web' },
};
const stored = async (schedule: string) =>
  (await progress.listProgress()).find((each) => each.schedule === schedule);

it('is kept for each schedule, and read as it was written', async () => {
  const first = await progress.saveProgress('nightly', begun, undefined);
  await progress.saveProgress('weekly', { ...begun, run: { occurrence: at(day) } }, undefined);
  expect(await stored('nightly')).toEqual(first);
  expect((await stored('weekly'))?.progress).toEqual({ ...begun, run: { occurrence: at(day) } });
  const second = await progress.saveProgress('nightly', atWork, first);
  expect(second?.progress).toEqual(atWork);
  expect(await stored('nightly')).toEqual(second);
});

it('is written by one of many who go on from the same', async () => {
  const tries = [1, 2, 3, 4].map(() => progress.saveProgress('contested', begun, undefined));
  expect((await Promise.all(tries)).filter((each) => each !== undefined)).toHaveLength(1);
  const earlier = await stored('contested');
  const later = [1, 2, 3, 4].map(() => progress.saveProgress('contested', atWork, earlier));
  expect((await Promise.all(later)).filter((each) => each !== undefined)).toHaveLength(1);
});

it('is forgotten, unless somebody went on from it', async () => {
  const earlier = await progress.saveProgress('forgotten', begun, undefined);
  if (!earlier) throw new Error('It was not written.');
  await progress.saveProgress('forgotten', atWork, earlier);
  await progress.forgetProgress(earlier);
  const present = await stored('forgotten');
  expect(present?.progress).toEqual(atWork);
  if (present) await progress.forgetProgress(present);
  expect(await stored('forgotten')).toBeUndefined();
});

it('is not taken for written if its row was made by a first try whose answer got lost, and can be read then', async () => {
  storage.keyturn.inject({ kind: 'drop', when: 'after' }, '^POST ');
  expect(await progress.saveProgress('dropped', begun, undefined)).toBeUndefined();
  expect((await stored('dropped'))?.progress).toEqual(begun);
});
