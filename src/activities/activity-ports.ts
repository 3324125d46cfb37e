import type { Configuration } from '../configuration/configuration.ts';
import type { PlanSettledRecord } from '../observability/plan-settled-record.ts';
import type { Clock } from '../ports/clock.ts';
import type { Findings } from '../ports/findings.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { LoginServer } from '../ports/login-server.ts';
import type { EventSink } from '../ports/message-sender.ts';
import type { RegistryFindings } from '../ports/registry-findings.ts';
import type { SecretStore } from '../ports/secret-store.ts';
import type { TokenLeases } from '../ports/token-leases.ts';
import type { TokenRecords } from '../ports/token-records.ts';
import type { TokenRegistry } from '../ports/token-registry.ts';
import type { ErrorDescription } from '../ports/trouble.ts';

/** What went wrong in an activity: fit for any log. */
export interface Trouble extends ErrorDescription {
  readonly activity: 'plan' | 'step' | 'settle';
  readonly registry: string;
  readonly token: string;
  /** Of a step, its kind. */
  readonly kind?: string;
}

/** All that the activities need of the outside, by the names of the configuration. */
export interface ActivityPorts {
  readonly configuration: Configuration;
  /** For leases and time-outs. Decisions use the orchestration's time. */
  readonly clock: Clock;
  readonly registries: ReadonlyMap<string, TokenRegistry>;
  readonly loginServers: ReadonlyMap<string, LoginServer>;
  readonly vaults: ReadonlyMap<string, SecretStore>;
  readonly records: TokenRecords;
  readonly leases: TokenLeases;
  readonly inventory: Inventory;
  readonly findings: Findings;
  readonly registryFindings: RegistryFindings;
  readonly events: EventSink;
  /** Lets some milliseconds go by. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly report: (trouble: Trouble) => void;
  /** For the log: what a plan has led to. */
  readonly tell: (settled: PlanSettledRecord) => void;
}
