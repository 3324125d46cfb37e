import type { Configuration } from '../configuration/configuration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Findings } from '../ports/findings.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { Lifecycles } from '../ports/lifecycles.ts';
import type { EventSink } from '../ports/message-sender.ts';
import type { RegistryFindings } from '../ports/registry-findings.ts';
import type { RegistryNotes } from '../ports/registry-notes.ts';
import type { SecretStore } from '../ports/secret-store.ts';
import type { TokenObservations } from '../ports/token-observations.ts';
import type { TokenRecords } from '../ports/token-records.ts';
import type { TokenRegistry } from '../ports/token-registry.ts';

/** All that registries are watched with. */
export interface WatchPorts {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly registries: ReadonlyMap<string, TokenRegistry>;
  readonly vaults: ReadonlyMap<string, SecretStore>;
  readonly records: Pick<TokenRecords, 'readState'> & TokenObservations;
  readonly inventory: Pick<Inventory, 'readRow' | 'listAll' | 'countManaged'>;
  readonly findings: Pick<Findings, 'forgetGone' | 'listFindings'>;
  readonly registryFindings: RegistryFindings;
  readonly notes: RegistryNotes;
  readonly lifecycles: Lifecycles;
  readonly events: EventSink;
  /** Lets some milliseconds go by. */
  readonly pause: (milliseconds: number) => Promise<void>;
}
