import type { Configuration } from '../configuration/configuration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { RequestIndex } from '../ports/request-index.ts';
import type {
  InventoryRetention,
  LifecycleRetention,
  RecordRetention,
  RequestRetention,
} from '../ports/retention.ts';

export interface RetentionPorts {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly inventory: Pick<Inventory, 'listRows' | 'readRow'>;
  readonly requests: Pick<RequestIndex, 'findRequest'>;
  readonly retention: {
    readonly records: RecordRetention;
    readonly requests: RequestRetention;
    readonly inventory: InventoryRetention;
    readonly lifecycles: LifecycleRetention;
  };
}

/** How much is cleared away in one run, or a group of some more; what is left is for the next. */
export interface Limits {
  readonly histories: number;
  readonly requests: number;
  readonly names: number;
}

/** So much, so that a run ends long before the Functions host ends it. */
export const usualLimits: Limits = { histories: 20_000, requests: 5_000, names: 500 };
