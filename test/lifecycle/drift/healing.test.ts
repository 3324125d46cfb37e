import { describe, expect, it } from 'vitest';
import type { TokenFinding } from '../../../src/contracts/findings.ts';
import { tokenFindings } from '../../../src/contracts/findings.ts';
import {
  type Healing,
  type HealingPolicy,
  nextHealing,
  possibleHealings,
} from '../../../src/lifecycle/drift/healing.ts';
import { massDriftLimit } from '../../../src/lifecycle/drift/mass-drift.ts';
import type { Status } from '../../../src/lifecycle/state.ts';
import { healingSchema } from '../../../src/policy/healing-document.ts';
import { at, day, hour, start } from '../build.ts';

const names = Object.keys(tokenFindings) as TokenFinding[];
const everything: HealingPolicy = Object.fromEntries(
  names.map((finding) => [finding, possibleHealings[finding].at(-1) ?? 'report']),
);
const statuses: Status[] = ['provisioning', 'active', 'disabled', 'expired', 'deleted', 'revoked'];
const person = { kind: 'user', name: 'sam@contoso.example' } as const;
const template = { kind: 'application', name: 'pipeline' } as const;

function next(
  finding: TokenFinding,
  given: {
    status?: Status;
    policy?: HealingPolicy;
    actor?: typeof person | typeof template | undefined;
    cause?: 'azurePolicy' | 'person' | 'automation' | 'unknown';
    healedAt?: string[];
  } = {},
) {
  const { status = 'active', policy = everything, actor, cause = 'unknown', healedAt = [] } = given;
  return nextHealing(
    { finding, cause, ...(actor ? { actor } : {}) },
    { status, policy, healedAt, now: start },
  );
}

describe('healing', () => {
  it('is not done unless the policy says so', () => {
    for (const finding of names)
      for (const status of statuses.filter((each) => each !== 'revoked'))
        expect(next(finding, { status, policy: {}, actor: template })).toEqual({ action: undefined });
  });

  it('does of a revoked token nothing but disable it again, whatever the policy says', () => {
    for (const policy of [{}, everything])
      for (const finding of names)
        expect(next(finding, { status: 'revoked', policy, actor: person }).action).toBe(
          finding === 'reEnabledOutOfBand' ? 'disable' : undefined,
        );
  });

  it.each<[TokenFinding, typeof person | typeof template | undefined, object]>([
    ['disabledOutOfBand', person, { action: undefined, code: 'actorIsPerson' }],
    ['deletedOutOfBand', person, { action: undefined, code: 'actorIsPerson' }],
    ['disabledOutOfBand', undefined, { action: undefined, code: 'actorUnknown' }],
    ['deletedOutOfBand', undefined, { action: undefined, code: 'actorUnknown' }],
    ['disabledOutOfBand', template, { action: 'restore' }],
    ['deletedOutOfBand', template, { action: 'restore' }],
    ['scopeMapChanged', person, { action: 'restore' }],
    ['reEnabledOutOfBand', person, { action: 'disable' }],
    ['unpublishedSlotRegenerated', person, { action: 'rotate' }],
    ['publishedDead', undefined, { action: 'rotate' }],
    ['secretForeign', template, { action: undefined }],
    ['outOfPolicy', template, { action: undefined }],
  ])('of %s done by %o is %o', (finding, actor, expected) => {
    expect(next(finding, { actor })).toEqual(expected);
  });

  it('enables what a policy of Azure disabled', () => {
    expect(next('disabledOutOfBand', { cause: 'azurePolicy' })).toEqual({ action: 'restore' });
  });

  it('brings nothing up that is not to be up', () => {
    for (const status of ['disabled', 'expired', 'deleted', 'provisioning'] as const)
      for (const finding of [
        'disabledOutOfBand',
        'deletedOutOfBand',
        'publishedDead',
        'secretMissing',
      ] as const)
        expect(next(finding, { status, actor: template }).action).toBeUndefined();
    expect(next('scopeMapChanged', { status: 'disabled' }).action).toBe('restore');
  });

  it('is given up after three times a day, and tried again the day after', () => {
    const healedAt = [at(-3 * hour), at(-2 * hour), at(-hour)];
    expect(next('scopeMapChanged', { healedAt })).toEqual({
      action: undefined,
      done: 'parked',
      code: 'healedTooOften',
    });
    expect(next('scopeMapChanged', { healedAt: [at(-day), ...healedAt.slice(1)] }).action).toBe('restore');
    expect(next('reEnabledOutOfBand', { status: 'revoked', healedAt }).action).toBeUndefined();
  });

  it('can be chosen for a finding only as it is possible', () => {
    for (const finding of names) {
      const possible: readonly Healing[] = ['report', ...possibleHealings[finding]];
      for (const mode of ['report', 'restore', 'rotate'] as const)
        expect(healingSchema.safeParse({ [finding]: mode }).success).toBe(possible.includes(mode));
    }
    expect(healingSchema.safeParse({ disabled: 'restore' }).success).toBe(false);
  });

  it('stops for a registry beyond ten tokens, or two in a hundred', () => {
    expect([0, 100, 500, 501, 1_000, 5_000].map(massDriftLimit)).toEqual([10, 10, 10, 10, 20, 100]);
  });
});
