import type { Registry } from '../configuration/configuration.ts';
import type { Instant } from '../contracts/instants.ts';
import { latest } from '../lifecycle/instant-arithmetic.ts';
import type { TokenIdentity, TokenState } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { LoginServer } from '../ports/login-server.ts';
import type { SecretStore } from '../ports/secret-store.ts';
import type { TokenRegistry } from '../ports/token-registry.ts';
import type { ActivityPorts } from './activity-ports.ts';
import type { HeldLease } from './held-lease.ts';
import { registrySettings } from './identity.ts';
import { RevocationWatch } from './revocation-watch.ts';

/** What a step works with, under its lease. */
export interface StepContext {
  readonly identity: TokenIdentity;
  /** The record, as it was when the lease was taken. */
  readonly state: TokenState;
  readonly settings: Registry;
  readonly registry: TokenRegistry;
  readonly loginServer: LoginServer;
  readonly lease: HeldLease;
  readonly clock: Clock;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** The orchestration's time when the step was planned. */
  readonly plannedAt: Instant;
  readonly vault: (name: string) => SecretStore;
  /** Asked before a password is made, before each login and before publishing. */
  readonly revocation: RevocationWatch;
  /** For what goes wrong and does not end the step. */
  readonly report: (error: unknown) => void;
}

/** The record as a step finds it. */
export interface OpenRecord {
  readonly state: TokenState;
  /** By the adapters' clock. */
  readonly readAt: Instant;
}

/** @throws Error if the registry is not configured. */
export function stepContext(
  ports: ActivityPorts,
  { state, readAt }: OpenRecord,
  lease: HeldLease,
  { plannedAt, report }: Pick<StepContext, 'plannedAt' | 'report'>,
): StepContext {
  const { configuration, clock, pause, registries, loginServers, vaults, records } = ports;
  const { identity } = state;
  const settings = registrySettings(configuration, identity.registry);
  return {
    identity,
    state,
    settings,
    registry: configured(registries, settings.name),
    loginServer: configured(loginServers, settings.name),
    lease,
    clock,
    pause,
    plannedAt,
    report,
    vault: (name) => configured(vaults, name),
    revocation: new RevocationWatch(() => records.readPending(identity), clock, readAt),
  };
}

/** @throws Error if it is not, or no longer, configured. */
export function configured<Port>(ports: ReadonlyMap<string, Port>, name: string): Port {
  const port = ports.get(name);
  if (!port) throw new Error('A registry or vault is not configured.');
  return port;
}

/** When something happened that a step has just done: the orchestration's time may be ahead of the machine's. */
export function momentOf({ clock, plannedAt }: Pick<StepContext, 'clock' | 'plannedAt'>): Instant {
  return latest(clock.now().toISOString(), plannedAt);
}
