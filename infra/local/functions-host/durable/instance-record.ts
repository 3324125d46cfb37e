/** The statuses that the extension reports. */
export const runtimeStatuses = [
  'Running',
  'Completed',
  'ContinuedAsNew',
  'Failed',
  'Canceled',
  'Terminated',
  'Pending',
  'Suspended',
] as const;

export type RuntimeStatus = (typeof runtimeStatuses)[number];

/** What the task hub knows of an instance beside its history. */
export interface InstanceRecord {
  readonly id: string;
  /** Changes with each generation, and when the instance is started anew. */
  readonly executionId: string;
  readonly name: string;
  readonly version: string;
  readonly status: RuntimeStatus;
  /** JSON text. */
  readonly input: string | null;
  /** JSON text, or plain text: why it failed, was terminated or suspended. */
  readonly output: string | null;
  /** JSON text. */
  readonly customStatus: string | null;
  /** When the present generation started. */
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Whether nothing more will happen to the instance unless it is started anew. */
export function isFinished(status: RuntimeStatus): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Canceled' || status === 'Terminated';
}
