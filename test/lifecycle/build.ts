import { type CommandOf, type CommandType, commandSchema } from '../../src/contracts/commands.ts';
import type { Instant } from '../../src/contracts/instants.ts';
import type { PendingCommand } from '../../src/lifecycle/command-order.ts';
import type { Credential } from '../../src/lifecycle/credential.ts';
import { plus } from '../../src/lifecycle/instant-arithmetic.ts';
import { type Managed, newState, type StateOf, type TokenIdentity } from '../../src/lifecycle/state.ts';

export const day = 86_400_000;
export const hour = 3_600_000;
export const minute = 60_000;
export const second = 1_000;

/** The moment that all examples count from. */
export const start: Instant = '2026-03-01T12:00:00.000Z';

/** So many milliseconds after `start`. */
export function at(milliseconds: number): Instant {
  return plus(start, milliseconds);
}

export const identity: TokenIdentity = {
  registry: 'contoso',
  loginServer: 'contoso.azurecr.io',
  token: 'team-web',
};

export function managed(changes: Partial<Managed> = {}): Managed {
  return {
    entrance: 'token-requests',
    owner: 'team-web',
    access: { scopeMap: 'shared-read', own: false },
    schedule: { profile: 'standard', rotateEvery: 'P60D', overlap: 'P14D' },
    delivery: {
      format: 'password',
      vault: 'team-vault',
      secretName: 'acr-contoso--team-web',
      secretUri: 'https://team-vault.vault.azure.net/secrets/acr-contoso--team-web',
    },
    ...changes,
  };
}

/** A credential that was issued some milliseconds after `start`, valid for the standard 74 days. */
export function credential(issued: number, changes: Partial<Credential> = {}): Credential {
  return {
    incarnation: 1,
    generation: 1,
    slot: 'password1',
    slotCreatedAt: at(issued),
    publishedAt: at(issued + minute),
    expiresAt: at(issued + 74 * day),
    secretVersion: 'version1',
    verified: true,
    ...changes,
  };
}

/** A token that was provisioned at `start`. */
export function active(changes: Partial<StateOf<'active'>> = {}): StateOf<'active'> {
  return {
    ...newState(identity),
    status: 'active',
    managed: managed(),
    incarnation: 1,
    generation: 1,
    credentials: { password1: credential(0) },
    published: 'password1',
    warned: {},
    ...changes,
  };
}

type DataOf<Type extends CommandType> = CommandOf<Type>['data'];

/** What a command needs beside registry and token. */
type Rest<Type extends CommandType> = Omit<DataOf<Type>, 'registry' | 'token'>;

let numbered = 0;

/** A command that the broker took some milliseconds after `start`; its place in the queue follows from that. */
export function command<Type extends CommandType>(
  type: Type,
  sent: number,
  data: Rest<Type>,
  changes: Partial<Omit<PendingCommand, 'command'>> = {},
): PendingCommand {
  numbered += 1;
  const { registry, token } = identity;
  const event = commandSchema.parse({
    specversion: '1.0',
    id: `id-${numbered}`,
    source: 'https://forms.contoso.example',
    subject: `${registry}/${token}`,
    time: at(sent),
    type,
    data: { registry, token, ...data },
  });
  return {
    key: `key-${numbered}`,
    entrance: 'token-requests',
    enqueuedAt: at(sent),
    sequenceNumber: String(numbered),
    command: event,
    ...changes,
  };
}
