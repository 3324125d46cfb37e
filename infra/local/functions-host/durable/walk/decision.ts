import type { EventRaised } from '../history-event.ts';

/** New work that an episode ends in, by task id. The episode turns each into history events and messages, in id order. */
export type Decision =
  | ScheduleActivity
  | CreateTimer
  | StartSubOrchestration
  | CompleteOrchestration
  | ContinueAsNew;

export interface ScheduleActivity {
  readonly kind: 'scheduleActivity';
  readonly id: number;
  readonly name: string;
  /** JSON text. */
  readonly input: string | null;
}

export interface CreateTimer {
  readonly kind: 'createTimer';
  readonly id: number;
  readonly fireAt: Date;
}

export interface StartSubOrchestration {
  readonly kind: 'startSubOrchestration';
  readonly id: number;
  readonly name: string;
  readonly instanceId: string;
  /** JSON text. */
  readonly input: string | null;
}

export interface CompleteOrchestration {
  readonly kind: 'complete';
  readonly id: number;
  readonly status: 'Completed' | 'Failed' | 'Terminated';
  /** JSON text of the output, or plain text: why it failed or was terminated. */
  readonly result: string | null;
  readonly details: string | null;
}

export interface ContinueAsNew {
  readonly kind: 'continueAsNew';
  readonly id: number;
  /** JSON text. */
  readonly input: string | null;
  readonly carriedEvents: readonly EventRaised[];
}
