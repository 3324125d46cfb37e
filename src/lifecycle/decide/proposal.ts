import type { Instant } from '../../contracts/instants.ts';
import { type CommandReference, type PendingCommand, referenceTo } from '../command-order.ts';
import type { StoredObservation } from '../drift/observation.ts';
import type { Facts, Reading, RegistryToken, VaultSecret } from '../facts.ts';
import type { Blocked, Work } from '../plan.ts';
import type { Refusal } from '../refusals.ts';
import { type Publication, publications, type SlotKnowledge, slotKnowledge } from '../slots.ts';
import type { ManagedState, TokenState } from '../state.ts';
import type { Step } from '../steps.ts';

/** All that a decision looks at. */
export interface Situation<State extends TokenState = TokenState> {
  readonly state: State;
  /** Accepted commands without an outcome, in any order. */
  readonly commands: readonly PendingCommand[];
  readonly facts: Facts;
  /** That the token should be compared with what is believed of it. */
  readonly observed?: StoredObservation | undefined;
  readonly now: Instant;
}

/** Work to plan, before it has a number. */
export interface Proposal {
  readonly work: Work;
  readonly steps: readonly Step[];
  readonly blocked?: Blocked;
  /** What the record has to say before the first step runs, if that differs from what it says. */
  readonly state?: TokenState;
}

/** The token as it is out there. */
export interface World {
  readonly token: RegistryToken | null;
  readonly secret: VaultSecret;
  readonly publications: readonly Publication[];
  readonly slots: SlotKnowledge;
}

/** Goes on with the world as it was found; if it could not be read, the work waits for that. */
export function withWorld(
  { facts, state }: Situation,
  work: Work,
  next: (world: World) => Proposal,
): Proposal {
  const { token, secret } = facts;
  const unread = [token, secret].find((reading) => reading !== undefined && !reading.ok);
  if (unread && !unread.ok) return blockedBy(work, unread);
  if (!token?.ok || !secret?.ok) return blockedBy(work, { code: 'unexpected' });
  const found = publications(secret.value.versions, state.identity);
  const believed = state.status === 'none' ? { credentials: {} } : believedSlots(state);
  return next({
    token: token.value,
    secret: secret.value,
    publications: found,
    slots: slotKnowledge(found, believed),
  });
}

export function believedSlots({ credentials, published }: ManagedState): SlotKnowledge {
  return { credentials, published };
}

export function blockedBy(work: Work, unread: Extract<Reading<never>, { ok: false }> | Blocked): Proposal {
  const { code, retryAt } = unread;
  return { work, steps: [], blocked: { code, ...(retryAt === undefined ? {} : { retryAt }) } };
}

/** Work that only has to be written down. */
export function onRecord(work: Work): Proposal {
  return { work, steps: [] };
}

export function deny(pending: PendingCommand, rule: string, detail?: string): Proposal {
  const command = referenceTo(pending);
  return onRecord({ kind: 'deny', command, rule, ...(detail === undefined ? {} : { detail }) });
}

/** Denies what the policy allows, since the token's status does not. */
export function refuse(pending: PendingCommand, refusal: Refusal): Proposal {
  return deny(pending, refusal);
}

export function acknowledge(pending: PendingCommand): Proposal {
  return onRecord({ kind: 'acknowledge', command: referenceTo(pending) });
}

export function supersede(commands: readonly CommandReference[]): Proposal {
  return onRecord({ kind: 'supersede', commands });
}
