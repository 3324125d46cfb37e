import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repetitions } from '../counts.ts';
import { at, hour, minute, second } from '../lifecycle/build.ts';
import { AlertingSetting } from './alerting-setting.ts';
import { disabledByOthers, enabledAgain } from './build-alert-events.ts';

const patience = repetitions({ quick: 30_000, soak: 300_000 });

class Killed extends Error {}

describe('whatever stops alerting', () => {
  const tokens = ['team-one', 'team-two', 'team-six'];

  it(
    'no alert is missed, and every copy of a notification has its id',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(25), { maxLength: 12 }), async (kills) => {
          const setting = new AlertingSetting({ name: 'pager' });
          let calls = 0;
          let isDead = false;
          let [next, ...later] = kills;
          setting.gate = () => {
            calls += 1;
            if (next !== undefined && calls > next) {
              calls = 0;
              [next, ...later] = later;
              isDead = true;
            }
            if (isDead) throw new Killed();
          };
          const untilDone = (act: () => Promise<unknown>) => repeatedly(act, () => (isDead = false));
          for (const token of tokens)
            await untilDone(() => setting.takeIn(disabledByOthers(token, setting.now)));
          for (let passed = 0; passed < 8; passed += 1) {
            setting.now = at(Date.parse(setting.now) - Date.parse(at(0)) + minute);
            await untilDone(() => setting.lookAfter());
            await untilDone(() => setting.deliver());
          }
          for (const token of tokens) await untilDone(() => setting.takeIn(enabledAgain(token, setting.now)));
          setting.gate = () => undefined;
          await setting.pass(2 * hour);
          for (const sink of ['pager', 'log']) {
            const alerts = setting.got.get(sink) ?? [];
            const copies = new Map(
              alerts.map(({ id, kind, count, number }) => [id, { kind, count, number }]),
            );
            const told = [...copies.values()].toSorted((one, other) => one.number - other.number);
            expect(told[0]?.kind).toBe('first');
            expect(told.at(-1)).toMatchObject({ kind: 'resolved', count: 3 });
            expect(told.map(({ number }) => number)).toEqual(told.map((_, index) => index + 1));
          }
        }),
        { numRuns: repetitions({ quick: 150, soak: 5_000 }) },
      );
    },
    patience,
  );

  /** As the broker does: what died is done anew by another host. */
  async function repeatedly(act: () => Promise<unknown>, revive: () => void): Promise<void> {
    for (;;)
      try {
        await act();
        return;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        revive();
      }
  }

  it(
    'a token that joins while its group is being ended is told of',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), async (scheduler) => {
          const setting = new AlertingSetting();
          await setting.takeIn(disabledByOthers('team-one', setting.now));
          setting.now = at(second);
          await setting.takeIn(enabledAgain('team-one', setting.now));
          await setting.deliver();
          setting.now = at(20 * minute);
          setting.gate = (call) => scheduler.schedule(Promise.resolve(), call);
          const ending = setting.lookAfter();
          const joining = setting.takeIn(disabledByOthers('team-two', setting.now));
          await scheduler.waitFor(Promise.all([ending, joining]));
          setting.gate = () => undefined;
          await setting.pass(2 * hour);
          const alerts = setting.got.get('log') ?? [];
          expect(alerts.flatMap(({ examples }) => examples.map(({ token }) => token))).toContain('team-two');
          const numbers = [...new Set(alerts.map(({ number }) => number))].toSorted();
          expect(numbers).toEqual(numbers.map((_, index) => index + 1));
          expect(alerts.find(({ number }) => number === numbers.at(-1))?.kind).not.toBe('resolved');
          expect(setting.groups().map(({ status }) => status)).toEqual(['active']);
        }),
        { numRuns: repetitions({ quick: 300, soak: 5_000 }) },
      );
    },
    patience,
  );

  it('an event that cannot be taken in comes back by the queue of deliveries', async () => {
    const setting = new AlertingSetting();
    setting.gate = (call) => {
      if (call.includes('Member')) throw new Error('No records');
    };
    const taken = await setting.takeIn(disabledByOthers('team-one', setting.now));
    expect(taken).toMatchObject({ result: 'putOff', why: 'Error' });
    await setting.pass(20 * minute);
    expect(setting.told()).toEqual([]);
    setting.gate = () => undefined;
    await setting.pass(16 * minute);
    expect(setting.told()).toEqual(['first 1']);
  });
});
