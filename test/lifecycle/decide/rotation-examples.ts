import { nextRotation } from '../../../src/lifecycle/schedule.ts';
import { active, at, credential, day, identity, managed, minute, second } from '../build.ts';
import { registryToken, vaultSecret, versionOf } from '../build-facts.ts';

/** When the standard token of the examples rotates by schedule. */
export const due = nextRotation(credential(0), managed().schedule, undefined, identity.token) ?? '';

export const generation1 = credential(0, { supersededAt: at(56 * day + minute + second) });
export const generation2 = credential(56 * day, {
  generation: 2,
  slot: 'password2',
  secretVersion: 'version2',
});
/** Rotated once, on day 56. */
export const rotated = active({
  generation: 2,
  credentials: { password1: generation1, password2: generation2 },
  published: 'password2',
});
export const freeAt = at(70 * day + minute + second);

/** Generation 2 is published, but the record does not know it: its plan was not settled. */
export const unsettled = {
  facts: {
    token: {
      ok: true,
      value: registryToken(rotated),
    },
    secret: { ok: true, value: vaultSecret([versionOf(generation1), versionOf(generation2)]) },
  },
} as const;
