import { expect, it } from 'vitest';
import type { HistoryEntry } from '../../src/lifecycle/settlement.ts';
import { start } from '../lifecycle/build.ts';
import { settlementOf } from './build-records.ts';
import { useTokenRecords } from './use-token-records.ts';

const storage = useTokenRecords();

const entry = (plan: number, generation: number): HistoryEntry => ({
  ...{ at: start, plan, work: 'rotate', result: 'done', incarnation: 1, generation },
});

it('begins at a plan when it is asked to, and goes on from there', async () => {
  for (const plan of [9, 10, 11]) {
    const history = [entry(plan, 1), entry(plan, 2)];
    const earlier = await storage.records.readRecord(storage.token);
    await storage.records.closePlan(settlementOf(storage.token, plan, { history }), earlier);
  }
  const first = await storage.records.readHistory(storage.token, { pageSize: 3, fromPlan: 10 });
  expect(first.items).toEqual([entry(10, 1), entry(10, 2), entry(9, 1)]);
  const { continuation } = first;
  const second = await storage.records.readHistory(storage.token, {
    pageSize: 3,
    fromPlan: 10,
    continuation,
  });
  expect(second.items).toEqual([entry(9, 2)]);
  const none = await storage.records.readHistory(storage.token, { pageSize: 3, fromPlan: 8 });
  expect(none.items).toEqual([]);
});
