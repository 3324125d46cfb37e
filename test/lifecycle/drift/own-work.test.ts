import { expect, it } from 'vitest';
import { ownWorkBegun, ownWorkEnded } from '../../../src/lifecycle/drift/own-work.ts';
import { newState } from '../../../src/lifecycle/state.ts';
import type { Step } from '../../../src/lifecycle/steps.ts';
import { active, at, day, identity, minute, start } from '../build.ts';

const retire: Step = { kind: 'retireSlot', input: { slot: 'password2', slotCreatedAt: start } };
const disable: Step = { kind: 'setTokenStatus', input: { enabled: false } };

it('says before a plan that makes passwords, and after it, when that was', () => {
  const begun = ownWorkBegun(active(), [disable, retire], start);
  expect(begun).toMatchObject({ ownWork: { from: at(-5 * minute) } });
  expect(ownWorkEnded(begun, [disable, retire], [], at(minute))).toMatchObject({
    ownWork: { from: at(-5 * minute), to: at(6 * minute) },
  });
});

it('says nothing of a plan that makes none, nor of a name without a token', () => {
  expect(ownWorkBegun(active(), [disable], start)).not.toHaveProperty('ownWork');
  expect(ownWorkBegun(newState(identity), [retire], start)).not.toHaveProperty('ownWork');
  expect(ownWorkEnded(active(), [retire], [], start)).toEqual(active());
});

it('goes on from work that has not ended or only lately, and begins anew after a while', () => {
  const open = active({ ownWork: { from: at(-day) } });
  const lately = active({ ownWork: { from: at(-day), to: at(-4 * minute) } });
  const longAgo = active({ ownWork: { from: at(-day), to: at(-6 * minute) } });
  expect(ownWorkBegun(open, [retire], start)).toMatchObject({ ownWork: { from: at(-day) } });
  expect(ownWorkBegun(lately, [retire], start)).toMatchObject({ ownWork: { from: at(-day) } });
  expect(ownWorkBegun(longAgo, [retire], start)).toMatchObject({ ownWork: { from: at(-5 * minute) } });
});

it('ends with what was made last if all of it is known, which is accounted for then', () => {
  const begun = ownWorkBegun(active(), [disable, retire], start);
  const disabled = { kind: 'setTokenStatus', ok: true, changed: true } as const;
  const retired = {
    kind: 'retireSlot',
    ok: true,
    slot: 'password2',
    regenerated: true,
    createdAt: at(7),
  } as const;
  expect(ownWorkEnded(begun, [disable, retire], [disabled, retired], at(minute))).toMatchObject({
    ownWork: { from: at(-5 * minute), to: at(7) },
    accounted: { password2: at(7) },
  });
  const unknown = { kind: 'retireSlot', ok: true, slot: 'password2', regenerated: false } as const;
  for (const results of [[disabled], [disabled, unknown]])
    expect(ownWorkEnded(begun, [disable, retire], results, at(minute))).toMatchObject({
      ownWork: { to: at(6 * minute) },
    });
});
