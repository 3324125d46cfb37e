import type { Configuration } from '../configuration/configuration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Findings } from '../ports/findings.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { RegistryNotes } from '../ports/registry-notes.ts';
import type { RequestIndex } from '../ports/request-index.ts';
import type { TokenRecords } from '../ports/token-records.ts';
import type { ErrorDescription } from '../ports/trouble.ts';

/** All that answers are made from. They only read; no vault and no registry is asked. */
export interface HttpPorts {
  readonly configuration: Pick<Configuration, 'http' | 'registries'>;
  readonly inventory: Pick<Inventory, 'listRows'>;
  readonly findings: Pick<Findings, 'listFindings'>;
  readonly notes: Pick<RegistryNotes, 'readNote'>;
  readonly records: Pick<TokenRecords, 'readState' | 'readHistory' | 'readCommand'>;
  readonly requests: Pick<RequestIndex, 'findRequest'>;
  readonly clock: Clock;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Tells the log what went wrong. */
  readonly report: (trouble: ErrorDescription) => void;
}
