import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultRegistrySettings } from '../../../infra/local/registry/registry-settings.ts';
import { RequestLimits } from '../../../infra/local/registry/resource-manager/request-limits.ts';
import { ServiceError } from '../../../infra/local/registry/resource-manager/service-error.ts';
import { identities } from '../identity/local-cloud.ts';
import {
  deleter,
  failureOf,
  group,
  type RegistryUnderTest,
  registryId,
  startRegistryUnderTest,
  subscriptionId,
} from './registry-under-test.ts';

let registry: RegistryUnderTest;

beforeAll(async () => {
  registry = await startRegistryUnderTest();
});
afterAll(() => registry.close());
beforeEach(() => registry.running.reset());

describe('the limits of Azure Resource Manager', () => {
  it('are counted for reads, writes and deletes each, and shown with every answer', async () => {
    registry.running.updateSettings({ writeLimit: { capacity: 200, refillPerSecond: 0.001 } });
    const shown = async (method: string) => {
      const path = method === 'POST' ? '/generateCredentials' : '/tokens/first-token';
      const body = method === 'POST' || method === 'PUT' ? { body: {} } : {};
      const { headers } = await registry.arm(path, { method, ...body });
      return Object.entries(headers)
        .filter(([name]) => name.startsWith('x-ms-ratelimit'))
        .map(([name, value]) => `${name.replace('x-ms-ratelimit-remaining-subscription-', '')} ${value}`);
    };
    expect(await shown('GET')).toEqual(['global-reads 3749', 'reads 249']);
    expect(await shown('PUT')).toEqual(['global-writes 2999', 'writes 199']);
    expect(await shown('DELETE')).toEqual(['deletes 199', 'global-deletes 2999']);
    expect(await shown('POST')).toEqual(['global-writes 2998', 'writes 198']);
  });

  it('refuse who exceeds them, until as much time has passed as Retry-After says', async () => {
    registry.running.updateSettings({ writeLimit: { capacity: 2, refillPerSecond: 0.1 } });
    const { tokens } = registry.client();
    const update = () => tokens.update(group, 'contoso', 'first-token', {});
    for (let count = 0; count < 2; count++)
      expect(await failureOf(update())).toMatchObject({ statusCode: 404 });
    const refused = await registry.arm('/tokens/first-token', { method: 'PATCH', body: {} });
    const seconds = Number(refused.headers['retry-after']);
    expect([refused.status, JSON.parse(refused.body)]).toEqual([
      429,
      {
        error: {
          code: 'SubscriptionRequestsThrottled',
          message: `Number of 'write' requests for subscription '${subscriptionId}' actor '${identities.operator.objectId}' exceeded. Please try again after '${seconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
        },
      },
    ]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(10);
    expect((await registry.arm('')).status).toBe(200);
    await registry.cloud.clock.advance(seconds * 1000);
    expect(await failureOf(update())).toMatchObject({ statusCode: 404 });
    expect(await failureOf(update())).toMatchObject({ statusCode: 429 });
  });

  it('are each identity’s own, but for those of the whole subscription', async () => {
    registry.running.updateSettings({
      readLimit: { capacity: 2, refillPerSecond: 0.001 },
      globalLimitFactor: 1.5,
    });
    const read = async (identity = identities.operator) => (await registry.arm('', { identity })).status;
    expect([await read(), await read(), await read()]).toEqual([200, 200, 429]);
    expect(await read(deleter)).toBe(200);
    expect(await read(deleter)).toBe(429);
  });

  it('are waited out by the official client when it is let retry', async () => {
    registry.running.updateSettings({ readLimit: { capacity: 1, refillPerSecond: 1 } });
    const { registries } = registry.client(identities.operator, { retryOptions: { maxRetries: 3 } });
    const read = await Promise.all([registries.get(group, 'contoso'), registries.get(group, 'contoso')]);
    expect(read.map(({ id }) => id)).toEqual([registryId, registryId]);
  });

  it('never let through more than the bucket holds and gains, whatever the order of requests and waits', () => {
    const settings = { ...defaultRegistrySettings, readLimit: { capacity: 5, refillPerSecond: 2 } };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 }), (waits) => {
        const limits = new RequestLimits();
        let now = 0;
        let passed = 0;
        for (const wait of waits) {
          now += wait;
          const request = { method: 'GET', objectId: 'one', subscriptionId, settings, now: new Date(now) };
          try {
            limits.take(request);
            passed += 1;
          } catch (error) {
            if (!(error instanceof ServiceError)) throw error;
            const later = new Date(now + Number(error.headers['retry-after']) * 1000);
            now = later.getTime();
            limits.take({ ...request, now: later });
            passed += 1;
          }
          expect(passed).toBeLessThanOrEqual(5 + (now / 1000) * 2);
        }
      }),
    );
  });
});
