import { randomBytes } from 'node:crypto';
import type { TraceContext } from '../typed-data.ts';

const traceParentPattern = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/;

/** A W3C trace context of its own for one invocation; it belongs to the caller's trace when the caller named one. */
export function createTraceContext(callerTraceParent?: string): TraceContext {
  const random = randomBytes(24).toString('hex');
  const [, traceId = random.slice(0, 32), flags = '00'] =
    traceParentPattern.exec(callerTraceParent ?? '') ?? [];
  return { traceParent: `00-${traceId}-${random.slice(32)}-${flags}`, traceState: '', attributes: {} };
}
