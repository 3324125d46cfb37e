import type { Configuration } from '../configuration/configuration.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeniedCommands } from '../ports/denied-commands.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { Lifecycles } from '../ports/lifecycles.ts';
import type { EventSink, MessageSender } from '../ports/message-sender.ts';
import type { RequestIndex } from '../ports/request-index.ts';
import type { TokenRecords } from '../ports/token-records.ts';
import type { TokenRegistry } from '../ports/token-registry.ts';

/** All that the intake needs of the outside. */
export interface IntakePorts {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly registries: ReadonlyMap<string, TokenRegistry>;
  readonly records: TokenRecords;
  readonly denied: DeniedCommands;
  readonly requests: RequestIndex;
  readonly inventory: Inventory;
  readonly lifecycles: Lifecycles;
  readonly events: EventSink;
  readonly messages: MessageSender;
  /** Lets some milliseconds go by. */
  readonly pause: (milliseconds: number) => Promise<void>;
}
