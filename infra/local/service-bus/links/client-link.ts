import type { Operation } from '../operation-gate.ts';

/** What a link knows of the connection that it is on. */
export interface ClientLink {
  /** The entity's name as configured, for faults and history. */
  readonly entityName: string;
  /** Runs an operation for the client behind the connection. */
  run(operation: ClientOperation): void;
  /** Calls the listener once the link, its session or its connection has ended. */
  onEnd(listener: () => void): void;
  /** Looks after a promise that nobody awaits: if it fails, the connection is cut. */
  inBackground(work: Promise<void>): void;
}

export type ClientOperation = Pick<Operation, 'request' | 'perform' | 'answer'>;
