import { describe, expect, it } from 'vitest';
import type { Plan, WorkPlan } from '../../src/lifecycle/plan.ts';
import { at, day, hour, minute, second, start } from './build.ts';
import { FakeOrchestration } from './fake-orchestration.ts';

const input = { registry: 'contoso', token: 'team-web' };

const twoSteps: WorkPlan = {
  kind: 'work',
  number: 7,
  plannedAt: start,
  work: { kind: 'expire' },
  steps: [
    { kind: 'setTokenStatus', input: { enabled: false } },
    { kind: 'deleteToken', input: {} },
  ],
};

function begun(plan: Plan): FakeOrchestration {
  const run = new FakeOrchestration(input, start);
  expect(run.asks).toEqual({ kind: 'activity', name: 'plan', input: { ...input, now: start } });
  run.answer(plan);
  return run;
}

function expectStep(run: FakeOrchestration, index: number): void {
  const { number, plannedAt, steps } = twoSteps;
  expect(run.asks).toMatchObject({
    kind: 'activity',
    name: 'step',
    input: { ...input, plan: number, plannedAt, step: steps[index] },
  });
}

function expectSettle(run: FakeOrchestration, results: readonly unknown[]): void {
  expect(run.asks).toEqual({
    kind: 'activity',
    name: 'settle',
    input: { ...input, now: run.now.toISOString(), plan: twoSteps, results },
  });
}

const ok = { kind: 'setTokenStatus', ok: true, changed: true };
const alsoOk = { kind: 'deleteToken', ok: true, deleted: true };

describe('a lifecycle with something to do', () => {
  it('carries out every step of its plan in turn, settles, and begins anew with nothing but its token', () => {
    const run = begun(twoSteps);
    expectStep(run, 0);
    run.answer(ok);
    expectStep(run, 1);
    run.answer(alsoOk);
    expectSettle(run, [ok, alsoOk]);
    run.answer(null);
    expect(run.asks).toBeUndefined();
    expect(run.continuedWith).toEqual(input);
    expect(run.waits).toEqual([]);
  });

  it('takes no step after one that is not ok', () => {
    const run = begun(twoSteps);
    const failure = { kind: 'setTokenStatus', ok: false, code: 'throttled' };
    run.answer(failure);
    expectSettle(run, [failure]);
  });

  it('takes a step that throws for one that failed', () => {
    const run = begun(twoSteps);
    run.answer(ok);
    run.fail('Activity function "step" failed');
    expectSettle(run, [ok, { kind: 'deleteToken', ok: false, code: 'unexpected' }]);
  });

  it('settles a plan without steps at once', () => {
    const run = begun({ ...twoSteps, steps: [] });
    expect(run.asks).toMatchObject({ name: 'settle', input: { results: [] } });
  });
});

describe('a lifecycle with nothing to do', () => {
  it('waits for a wake-up or for the moment of its plan, and begins anew when that has come', () => {
    const run = begun({ kind: 'wait', wakeAt: at(2 * day) });
    expect(run.asks).toMatchObject({
      kind: 'any',
      of: [
        { kind: 'event', name: 'wake' },
        { kind: 'timer', fireAt: at(2 * day) },
      ],
    });
    run.fire();
    expect(run.asks).toBeUndefined();
    expect(run.continuedWith).toEqual(input);
  });

  it('cancels its timer when it is woken, and plans before it begins anew, or the event would come again', () => {
    const run = begun({ kind: 'wait', wakeAt: at(2 * day) });
    const timer = run.asks?.kind === 'any' ? run.asks.of[1] : undefined;
    run.now = new Date(at(hour));
    run.wake();
    expect(timer).toMatchObject({ isCanceled: true });
    expect(run.asks).toEqual({ kind: 'activity', name: 'plan', input: { ...input, now: at(hour) } });
    run.answer({ kind: 'wait', wakeAt: at(2 * day) });
    expect(run.asks).toBeUndefined();
    expect(run.continuedWith).toEqual(input);
    expect(run.waits).toEqual(['wake']);
  });

  it('carries out what it plans after a wake-up', () => {
    const run = begun({ kind: 'wait', wakeAt: at(2 * day) });
    run.wake();
    run.answer(twoSteps);
    expectStep(run, 0);
  });

  it('does not cancel a timer that fired together with the event', () => {
    const run = begun({ kind: 'wait', wakeAt: at(2 * day) });
    const timer = run.asks?.kind === 'any' ? run.asks.of[1] : undefined;
    if (timer?.kind === 'timer') timer.isCompleted = true;
    run.wake();
    expect(run.asks).toMatchObject({ name: 'plan' });
  });

  it('waits without a timer when its plan names no moment', () => {
    const run = begun({ kind: 'wait' });
    expect(run.asks).toEqual({ kind: 'event', name: 'wake' });
    run.wake();
    expect(run.asks).toMatchObject({ name: 'plan' });
  });

  it.each([
    ['a moment that is past', -hour, 5 * second],
    ['a moment 4 seconds away', 4 * second, 5 * second],
    ['a moment 6 seconds away', 6 * second, 6 * second],
    ['a moment just within five days', 5 * day - 1, 5 * day - 1],
    ['a moment sixty days away', 60 * day, 5 * day],
  ])('waits between five seconds and five days: %s', (_name, wakeAt, fireAt) => {
    const run = begun({ kind: 'wait', wakeAt: at(wakeAt) });
    expect(run.asks).toMatchObject({ of: [{ kind: 'event' }, { kind: 'timer', fireAt: at(fireAt) }] });
  });
});

describe('a lifecycle whose plan or settle throws', () => {
  it('tries again, from five seconds to fifteen minutes later, without losing what its steps did', () => {
    const run = begun(twoSteps);
    run.answer(ok);
    run.answer(alsoOk);
    const pauses: number[] = [];
    for (let tries = 0; tries < 10; tries += 1) {
      expectSettle(run, [ok, alsoOk]);
      const before = run.now.getTime();
      run.fail('storage is unreachable');
      run.fire();
      pauses.push((run.now.getTime() - before) / second);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    run.answer(null);
    expect(run.continuedWith).toEqual(input);
  });

  it('begins anew after twenty tries, so that its history stays short', () => {
    const run = new FakeOrchestration(input, start);
    for (let tries = 0; tries < 20; tries += 1) {
      expect(run.asks).toMatchObject({ name: 'plan' });
      run.fail('storage is unreachable');
      run.fire();
    }
    expect(run.asks).toBeUndefined();
    expect(run.continuedWith).toEqual(input);
    expect(run.now.getTime() - Date.parse(start)).toBeLessThan(4 * hour);
    expect(run.now.getTime() - Date.parse(start)).toBeGreaterThan(3 * hour - minute);
  });
});
