import { describe, expect, it } from 'vitest';
import type { StepRequest, StepResult } from '../../src/lifecycle/steps.ts';
import { minute } from '../lifecycle/build.ts';
import { gatesOf, Interruptible } from './interleaving.ts';
import {
  attempt,
  issue,
  publicationsOf,
  publishedLogsIn,
  token,
  withoutPassword,
  withPublished,
} from './issue-setting.ts';
import { leaksIn } from './leaks.ts';
import type { MemoryCloud } from './memory/memory-cloud.ts';

interface Setting {
  readonly name: string;
  readonly generation: number;
  readonly make: () => Promise<{ cloud: MemoryCloud; step: StepRequest }>;
}

const settings: readonly Setting[] = [
  {
    name: 'a first password',
    generation: 1,
    make: async () => ({ cloud: withoutPassword(), step: issue(1) }),
  },
  {
    name: 'a rotation',
    generation: 2,
    make: async () => {
      const { cloud, state } = await withPublished();
      const { credentials, published } = state;
      return { cloud, step: issue(2, { credentials, published }) };
    },
  },
];

const intoNamedSlot: Setting = {
  name: 'a password into the slot that is named, of a token that others made',
  generation: 1,
  make: async () => {
    const cloud = withoutPassword();
    cloud.registry.regenerate(token, 'password1');
    cloud.registry.regenerate(token, 'password2');
    return { cloud, step: issue(1, { credentials: {} }, { slot: 'password2' }) };
  },
};

/** Longer than a lease. */
const frozen = 10 * minute;
const jumps = [0, frozen];

/** What has to be so whatever went before: one more attempt ends well, and nothing was published twice. */
async function expectRightEnding(
  cloud: MemoryCloud,
  step: StepRequest,
  generation: number,
  results: StepResult[],
) {
  cloud.clock.time += frozen;
  const last = await attempt(cloud, step);
  expect(last).toMatchObject({ kind: 'issueCredential', ok: true });
  expect(publicationsOf(cloud, generation)).toBe(1);
  expect(publishedLogsIn(cloud)).toBe(true);
  expect(await attempt(cloud, step)).toEqual(last);
  for (const result of results.filter(({ ok }) => ok)) expect(result).toEqual(last);
  for (const result of results) if (!result.ok) expect(['leaseTaken', 'leaseLost']).toContain(result.code);
  expect(leaksIn(JSON.stringify([results, last, cloud.reports]), cloud.registry.everIssued)).toEqual([]);
}

describe.each([...settings, intoNamedSlot])('issuing $name', ({ make, generation }) => {
  it('ends right after the process was killed at any call of a port', async () => {
    const first = await make();
    const gates = await gatesOf((gate) => attempt(first.cloud, first.step, gate));
    expect(gates).toBeGreaterThan(25);
    for (let at = 0; at < gates; at += 1) {
      const { cloud, step } = await make();
      const killed = new Interruptible(at, (gate) => attempt(cloud, step, gate));
      expect(await killed.stoppedOrDone).toBe('stopped');
      await expectRightEnding(cloud, step, generation, []);
    }
  });

  it('publishes once when an attempt is frozen at any call and another one runs meanwhile', async () => {
    const first = await make();
    const gates = await gatesOf((gate) => attempt(first.cloud, first.step, gate));
    let lost = 0;
    for (let at = 0; at < gates; at += 1)
      for (const before of jumps)
        for (const after of jumps) {
          const { cloud, step } = await make();
          const one = new Interruptible(at, (gate) => attempt(cloud, step, gate));
          await one.stoppedOrDone;
          cloud.clock.time += before;
          const other = await attempt(cloud, step);
          cloud.clock.time += after;
          const result = await one.goOn();
          if (!result.ok && result.code === 'leaseLost') lost += 1;
          await expectRightEnding(cloud, step, generation, [result, other]);
        }
    expect(lost).toBeGreaterThan(10);
  });
});

describe.each(settings)('issuing $name', ({ make, generation }) => {
  it('publishes once when two attempts stop each other at any two calls', async () => {
    const first = await make();
    const gates = await gatesOf((gate) => attempt(first.cloud, first.step, gate));
    for (let oneAt = 0; oneAt < gates; oneAt += 1)
      for (let otherAt = 0; otherAt < gates; otherAt += 1)
        for (const between of jumps) {
          const { cloud, step } = await make();
          const one = new Interruptible(oneAt, (gate) => attempt(cloud, step, gate));
          await one.stoppedOrDone;
          cloud.clock.time += frozen;
          const other = new Interruptible(otherAt, (gate) => attempt(cloud, step, gate));
          await other.stoppedOrDone;
          cloud.clock.time += between;
          const results = [await one.goOn(), await other.goOn()];
          await expectRightEnding(cloud, step, generation, results);
        }
  }, 120_000);
});
