import { carryOutStep } from '../../src/activities/carry-out-step.ts';
import { plus } from '../../src/lifecycle/instant-arithmetic.ts';
import { tagsOf } from '../../src/lifecycle/secret-tags.ts';
import type { StateOf } from '../../src/lifecycle/state.ts';
import type { Step, StepKind, StepRequest, StepResult } from '../../src/lifecycle/steps.ts';
import { active, credential, day, identity, managed, start } from '../lifecycle/build.ts';
import { type Gate, MemoryCloud } from './memory/memory-cloud.ts';

export const { token } = identity;
export const { secretName } = managed().delivery;

/** The number of the plan that the steps of these tests belong to. */
export const plan = 1;

export function request<Kind extends StepKind>(
  step: Step<Kind>,
  changes: Partial<StepRequest> = {},
): StepRequest {
  return { registry: identity.registry, token, plan, plannedAt: start, step: step as Step, ...changes };
}

export function attempt(cloud: MemoryCloud, step: StepRequest, gate?: Gate): Promise<StepResult> {
  return carryOutStep(step, cloud.ports(gate));
}

type Changes = ConstructorParameters<typeof MemoryCloud>[0];

/** A token in the registry without a password, and a record with an open plan. */
export function withoutPassword(changes: Changes = {}): MemoryCloud {
  const cloud = new MemoryCloud(changes);
  cloud.registry.tokens.set(token, { enabled: true, scopeMap: 'shared-read', passwords: new Map() });
  const { published: _published, ...state } = active({ plan, credentials: {}, generation: 0 });
  cloud.records.put({
    ...state,
    status: 'provisioning',
    since: start,
    command: {
      key: 'key',
      type: 'keyturn.token.requested',
      entrance: 'token-requests',
      source: '/form',
      id: '1',
      enqueuedAt: start,
      sequenceNumber: '1',
    },
  });
  return cloud;
}

/** A token whose first password was published in `password1`, and a record with an open plan. */
export async function withPublished(
  changes: Changes = {},
): Promise<{ cloud: MemoryCloud; state: StateOf<'active'> }> {
  const cloud = new MemoryCloud(changes);
  cloud.registry.tokens.set(token, { enabled: true, scopeMap: 'shared-read', passwords: new Map() });
  const expiresAt = plus(start, 74 * day);
  const { value, createdAt } = cloud.registry.regenerate(token, 'password1', expiresAt);
  const tags = tagsOf(identity, managed(), {
    incarnation: 1,
    generation: 1,
    slot: 'password1',
    slotCreatedAt: createdAt,
  });
  const { version, createdAt: publishedAt } = await cloud.vault.writeVersion(secretName, {
    value,
    contentType: 'text/plain',
    expiresAt,
    tags,
  });
  cloud.vault.writes.length = 0;
  const published = credential(0, {
    slotCreatedAt: createdAt,
    publishedAt,
    expiresAt,
    secretVersion: version,
  });
  const state = active({ plan, credentials: { password1: published } });
  cloud.records.put(state);
  return { cloud, state };
}

/** Issues the next generation. */
export function issue(
  generation: number,
  believed: Step<'issueCredential'>['input']['believed'] = { credentials: {} },
  changes: Partial<Step<'issueCredential'>['input']> = {},
): StepRequest {
  return request<'issueCredential'>({
    kind: 'issueCredential',
    input: {
      incarnation: 1,
      generation,
      expiresAt: plus(start, 74 * day),
      mayCutShort: false,
      managed: managed(),
      believed,
      ...changes,
    },
  });
}

/** Whether the newest version of the secret logs in. */
export function publishedLogsIn({ vault, registry }: MemoryCloud): boolean {
  const newest = vault.newest(secretName);
  return newest !== undefined && registry.logsIn(token, newest.value);
}

/** How many versions of the secret carry that generation. */
export function publicationsOf({ vault }: MemoryCloud, generation: number): number {
  const versions = vault.secrets.get(secretName)?.versions ?? [];
  return versions.filter(({ tags }) => tags.generation === String(generation)).length;
}
