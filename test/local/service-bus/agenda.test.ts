import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { MovableClock } from '../../../infra/local/clock.ts';
import { Agenda } from '../../../infra/local/service-bus/entities/agenda.ts';

const day = 24 * 60 * 60 * 1000;

function startClock(): MovableClock {
  const clock = new MovableClock();
  onTestFinished(() => clock.close());
  return clock;
}

test('runs what is due in the order of the instants, and of adding among equals, each at its time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 80 }), async (days) => {
      const clock = new MovableClock();
      const start = clock.now().getTime();
      const ran: { index: number; day: number }[] = [];
      const agenda = new Agenda<number>({
        clock,
        isWaiting: () => true,
        onDue: (index) => ran.push({ index, day: Math.floor((clock.now().getTime() - start) / day) }),
      });
      days.forEach((due, index) => {
        agenda.add(start + due * day, index);
      });
      await clock.advance(21 * day);
      clock.close();
      const expected = days
        .map((due, index) => ({ index, day: due }))
        .sort((one, other) => one.day - other.day);
      expect(ran).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test('leaves out what no longer waits', async () => {
  const clock = startClock();
  const start = clock.now().getTime();
  const waiting = new Set([1, 2, 3]);
  const ran: number[] = [];
  const agenda = new Agenda<number>({
    clock,
    isWaiting: (item) => waiting.has(item),
    onDue: (item) => ran.push(item),
  });
  for (const item of waiting) agenda.add(start + item * day, item);
  waiting.delete(1);
  waiting.delete(3);
  await clock.advance(5 * day);
  expect(ran).toEqual([2]);
});

test('holds one timer on the clock however much is due', () => {
  const clock = startClock();
  let scheduled = 0;
  const counting = {
    now: () => clock.now(),
    schedule: (due: Date, task: () => void) => {
      scheduled += 1;
      return clock.schedule(due, task);
    },
  };
  const agenda = new Agenda<number>({ clock: counting, isWaiting: () => true, onDue: () => {} });
  const start = clock.now().getTime();
  for (let item = 0; item < 1000; item += 1) agenda.add(start + day + item, item);
  expect(scheduled).toBe(1);
  agenda.add(start + day / 2, 1000);
  expect(scheduled).toBe(2);
});

test('runs nothing after it was cleared', async () => {
  const clock = startClock();
  const ran: number[] = [];
  const agenda = new Agenda<number>({ clock, isWaiting: () => true, onDue: (item) => ran.push(item) });
  agenda.add(clock.now().getTime() + day, 1);
  agenda.clear();
  await clock.advance(2 * day);
  expect(ran).toEqual([]);
});
