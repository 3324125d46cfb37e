import type { RegistrySettings } from '../registry-settings.ts';
import { ServiceError } from './service-error.ts';

type RequestKind = 'reads' | 'writes' | 'deletes';

interface Bucket {
  level: number;
  filledAt: number;
}

interface Limit {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/**
 * Azure Resource Manager's token buckets: one for each identity and kind of request, and one fifteen times as large for each kind
 * over all identities of the subscription. They fill by the local cloud's clock, so moving it on stands for waiting.
 */
export class RequestLimits {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * Takes one request out of the buckets and returns the headers that say how many are left.
   * @throws ServiceError with status 429 and `Retry-After` when a bucket is empty; nothing is taken then.
   */
  take(request: {
    method: string;
    objectId: string;
    subscriptionId: string;
    settings: RegistrySettings;
    now: Date;
  }): Record<string, string> {
    const { method, objectId, subscriptionId, settings, now } = request;
    const kind = kindOfRequest(method);
    const own = limitOf(kind, settings);
    const global = {
      capacity: own.capacity * settings.globalLimitFactor,
      refillPerSecond: own.refillPerSecond * settings.globalLimitFactor,
    };
    const ownBucket = this.#filled(`${kind}/${objectId}`, own, now);
    const globalBucket = this.#filled(kind, global, now);
    const wait = Math.max(secondsUntilOne(ownBucket, own), secondsUntilOne(globalBucket, global));
    if (wait > 0) throw throttled(kind, subscriptionId, objectId, wait);
    ownBucket.level -= 1;
    globalBucket.level -= 1;
    return {
      [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.floor(ownBucket.level)),
      [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(Math.floor(globalBucket.level)),
    };
  }

  reset(): void {
    this.#buckets.clear();
  }

  #filled(key: string, { capacity, refillPerSecond }: Limit, now: Date): Bucket {
    const instant = now.getTime();
    const bucket = this.#buckets.get(key) ?? { level: capacity, filledAt: instant };
    const gained = (Math.max(instant - bucket.filledAt, 0) / 1000) * refillPerSecond;
    bucket.level = Math.min(capacity, bucket.level + gained);
    bucket.filledAt = instant;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

function kindOfRequest(method: string): RequestKind {
  if (method === 'DELETE') return 'deletes';
  return method === 'GET' || method === 'HEAD' ? 'reads' : 'writes';
}

function limitOf(kind: RequestKind, settings: RegistrySettings): Limit {
  if (kind === 'reads') return settings.readLimit;
  return kind === 'writes' ? settings.writeLimit : settings.deleteLimit;
}

function secondsUntilOne({ level }: Bucket, { refillPerSecond }: Limit): number {
  return level >= 1 ? 0 : Math.ceil((1 - level) / refillPerSecond);
}

function throttled(kind: RequestKind, subscriptionId: string, actor: string, seconds: number): ServiceError {
  const verb = kind.slice(0, -1);
  return new ServiceError(
    'gateway',
    429,
    'SubscriptionRequestsThrottled',
    `Number of '${verb}' requests for subscription '${subscriptionId}' actor '${actor}' exceeded. Please try again after '${seconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
    { 'retry-after': String(seconds) },
  );
}
