import type { AccessTokens } from '../identity/access-tokens.ts';
import type { Namespace } from './namespace.ts';
import type { OperationGate } from './operation-gate.ts';

/** What all connections share. */
export interface Broker {
  readonly namespace: Namespace;
  readonly gate: OperationGate;
  /** Proves access tokens (`jwt`); without it only shared access signatures open links. */
  readonly accessTokens: AccessTokens | undefined;
}

/** Bytes that a message or batch may have, as in the service's Standard tier. */
export const maxMessageSize = 262_144;

/** Bytes that a frame from a client may have. */
export const maxFrameSize = 65_536;

/** Milliseconds of silence, announced to clients, after which (twice, to be lenient) they are taken for dead. */
export const idleTimeOut = 120_000;
