import type { HistoryEvent } from './history-event.ts';

/** Something for an instance's next episode. */
export interface Message {
  readonly instanceId: string;
  /** The execution it is meant for; undefined for what comes from outside, which also reaches later generations. */
  readonly executionId: string | undefined;
  /** When it can be seen, by the cloud's clock: in the future for timers. */
  readonly due: Date;
  readonly event: HistoryEvent;
}

/** A message in the task hub. Ids follow the order of sending. */
export interface StoredMessage extends Message {
  readonly id: number;
}

/** An activity that is to run. */
export interface ActivityTask {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  /** JSON text. */
  readonly input: string | null;
}
