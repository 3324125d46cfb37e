import type { Instant } from '../contracts/instants.ts';
import { minute, plus } from '../lifecycle/instant-arithmetic.ts';
import type { WebhookFailure } from '../ports/webhook.ts';

/** How deliveries to a sink went lately. */
export interface SinkHealth {
  /** Failures since the last success. */
  readonly failures: number;
  /** Of the first of these. */
  readonly failingSince?: Instant | undefined;
  readonly lastFailureAt?: Instant | undefined;
  readonly code?: WebhookFailure | undefined;
  /** Whether it was told that the sink fails. */
  readonly told: boolean;
}

export const healthy: SinkHealth = { failures: 0, told: false };

const mostFailures = 3;
const longestFailure = 10 * minute;
const pause = minute;

export function afterFailure(health: SinkHealth, code: WebhookFailure, now: Instant): SinkHealth {
  const { failures, failingSince = now, told } = health;
  return { failures: failures + 1, failingSince, lastFailureAt: now, code, told };
}

/** Three failures in a row are an alert, and so are ten minutes without a success. */
export function isBroken({ failures, failingSince }: SinkHealth, now: Instant): boolean {
  if (failures === 0 || failingSince === undefined) return false;
  return failures >= mostFailures || plus(failingSince, longestFailure) <= now;
}

/** A broken sink is tried once a minute, so that it does not hold up the others by its time-outs. */
export function isLeftAlone(health: SinkHealth, now: Instant): boolean {
  const { lastFailureAt } = health;
  return isBroken(health, now) && lastFailureAt !== undefined && now < plus(lastFailureAt, pause);
}
