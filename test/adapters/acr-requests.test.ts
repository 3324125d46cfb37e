import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AcrControlPlane } from '../../src/adapters/acr-control-plane.ts';
import { isOwnRequestId } from '../../src/adapters/own-request-id.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { failureOf } from './keyturn-cloud.ts';
import {
  type ControlPlaneUnderTest,
  expiresAt,
  map,
  startControlPlane,
  token,
} from './start-control-plane.ts';

let plane: ControlPlaneUnderTest;
let keyturn: ControlPlaneUnderTest['keyturn'];
let control: ControlPlaneUnderTest['control'];
let registry: ControlPlaneUnderTest['registry'];
let adapter: ControlPlaneUnderTest['adapter'];
let createMap: ControlPlaneUnderTest['createMap'];
let createToken: ControlPlaneUnderTest['createToken'];
let generate: ControlPlaneUnderTest['generate'];
let writes: ControlPlaneUnderTest['writes'];

beforeAll(async () => {
  plane = await startControlPlane();
  ({ keyturn, control, registry, adapter, createMap, createToken, generate, writes } = plane);
});
afterAll(() => plane.keyturn.close());
beforeEach(() => plane.control.reset());

describe('every request', () => {
  it('carries an id by which reports of it are recognised as our own', async () => {
    await createToken();
    const ids = keyturn.cloud.history.list({ part: 'resource-manager' }).map((each) => each.clientRequestId);
    expect(ids.length).toBeGreaterThan(3);
    expect(ids.filter((id) => !isOwnRequestId(id ?? ''))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('that is throttled says when to come back, and is not repeated', async () => {
    keyturn.inject({ kind: 'throttle', retryAfterSeconds: 30 }, '^GET .*tokens', 9);
    const before = Date.now();
    const failure = await failureOf(registry.readToken(token));
    expect(failure).toMatchObject({ code: 'throttled', status: 429 });
    expect(Date.parse(failure.retryAt ?? '')).toBeGreaterThanOrEqual(before + 30_000);
    expect(keyturn.requests()).toHaveLength(1);
  });

  it('that is throttled without being told when to come back fails at once, too', async () => {
    keyturn.inject({ kind: 'throttle' }, 'generateCredentials', 9);
    expect(await failureOf(generate())).toMatchObject({ code: 'throttled', retryAt: undefined });
    expect(writes()).toHaveLength(1);
  });

  it('that reads is repeated when there was no answer', async () => {
    keyturn.inject({ kind: 'drop', when: 'before' }, '^GET ', 1);
    keyturn.inject({ kind: 'fail', status: 500 }, '^GET ', 1);
    expect(await registry.readToken(token)).toBeNull();
    expect(keyturn.requests()).toHaveLength(3);
  });

  it.each([
    [400, 'refused'],
    [403, 'accessDenied'],
    [409, 'conflict'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('that is answered with %i fails as %s', async (status, code) => {
    keyturn.inject({ kind: 'fail', status }, 'generateCredentials');
    expect(await failureOf(generate())).toMatchObject({ service: 'registry', status, code });
  });

  it('beyond the most tokens of the registry fails as limitReached', async () => {
    keyturn.inject({ kind: 'fail', status: 400, code: 'QuotaExceeded' }, '^PUT ');
    expect(await failureOf(registry.createToken(token, '_repositories_pull'))).toMatchObject({
      code: 'limitReached',
    });
  });

  it('whose operation fails later is told as a failed operation', async () => {
    await createMap();
    await control.changeRegistrySettings({ failedOperations: 1 });
    expect(await failureOf(registry.createToken(token, map))).toMatchObject({ code: 'operationFailed' });
  });

  it('of an identity without permission is denied', async () => {
    await createToken();
    expect(await failureOf(adapter('stranger').setTokenStatus(token, false))).toMatchObject({
      code: 'accessDenied',
      status: 403,
    });
  });

  it('that writes is not sent after the end of the lease', async () => {
    await createToken();
    keyturn.cloud.history.clear();
    const limits = { notAfter: new Date(Date.now() - 1).toISOString() };
    const late = registry.generatePassword(token, 'password1', expiresAt, limits);
    expect(await failureOf(late)).toMatchObject({ code: 'tooLate' });
    expect(writes()).toEqual([]);
    expect(await registry.createToken(token, map, limits)).toMatchObject({ created: false });
  });

  it('that waits for an access token in vain ends when the caller ends it, and is never sent', async () => {
    const { promise: tokenAtLast, resolve: giveToken } = Promise.withResolvers<void>();
    const slow = new AcrControlPlane({
      resourceId: keyturn.cloud.environment.REGISTRY_RESOURCE_ID ?? '',
      credential: {
        getToken: async (scopes) => {
          await tokenAtLast;
          return keyturn.credential().getToken(scopes);
        },
      },
      resourceManager: {
        endpoint: keyturn.cloud.environment.AZURE_RESOURCE_MANAGER_ENDPOINT ?? '',
        scope: 'https://management.azure.com/.default',
      },
      clock: systemClock,
    });
    await createToken();
    keyturn.cloud.history.clear();
    const limits = { signal: AbortSignal.timeout(50) };
    const call = slow.generatePassword(token, 'password1', expiresAt, limits);
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
    giveToken();
    expect((await registry.readToken(token))?.passwords).toEqual([]);
    expect(writes()).toEqual([]);
  });

  it('ends when the caller ends it', async () => {
    keyturn.inject({ kind: 'delay', milliseconds: 5_000 }, '^GET ');
    const signal = AbortSignal.timeout(50);
    expect(await failureOf(registry.readToken(token, { signal }))).toMatchObject({ code: 'cancelled' });
  });
});
