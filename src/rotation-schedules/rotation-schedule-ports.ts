import type { Configuration } from '../configuration/configuration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { Lifecycles } from '../ports/lifecycles.ts';
import type { RequestIndex } from '../ports/request-index.ts';
import type { RotationProgressStore } from '../ports/rotation-progress.ts';
import type { TokenRecords } from '../ports/token-records.ts';

/** All that rotation schedules need of the outside. */
export interface RotationSchedulePorts {
  readonly configuration: Pick<Configuration, 'registries' | 'rotationSchedules'>;
  readonly clock: Clock;
  readonly rotationProgress: RotationProgressStore;
  readonly inventory: Pick<Inventory, 'listRows' | 'markPending'>;
  readonly records: Pick<TokenRecords, 'insertCommand' | 'readCommand'>;
  readonly requests: Pick<RequestIndex, 'addRequest'>;
  readonly lifecycles: Lifecycles;
}
