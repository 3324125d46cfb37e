import { describe, expect, it } from 'vitest';
import { AcrControlPlane } from '../../src/adapters/acr-control-plane.ts';
import { isOwnRequestId } from '../../src/adapters/own-request-id.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { failureOf } from './keyturn-cloud.ts';
import { expiresAt, map, token, useControlPlane } from './use-control-plane.ts';

const plane = useControlPlane();

describe('every request', () => {
  it('carries an id by which reports of it are recognised as our own', async () => {
    await plane.createToken();
    const ids = plane.keyturn.cloud.history
      .list({ part: 'resource-manager' })
      .map((each) => each.clientRequestId);
    expect(ids.length).toBeGreaterThan(3);
    expect(ids.filter((id) => !isOwnRequestId(id ?? ''))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('that is throttled says when to come back, and is not repeated', async () => {
    plane.keyturn.inject({ kind: 'throttle', retryAfterSeconds: 30 }, '^GET .*tokens', 9);
    const before = Date.now();
    const failure = await failureOf(plane.registry.readToken(token));
    expect(failure).toMatchObject({ code: 'throttled', status: 429 });
    expect(Date.parse(failure.retryAt ?? '')).toBeGreaterThanOrEqual(before + 30_000);
    expect(plane.keyturn.requests()).toHaveLength(1);
  });

  it('that is throttled without being told when to come back fails at once, too', async () => {
    plane.keyturn.inject({ kind: 'throttle' }, 'generateCredentials', 9);
    expect(await failureOf(plane.generate())).toMatchObject({ code: 'throttled', retryAt: undefined });
    expect(plane.writes()).toHaveLength(1);
  });

  it('that reads is repeated when there was no answer', async () => {
    plane.keyturn.inject({ kind: 'drop', when: 'before' }, '^GET ', 1);
    plane.keyturn.inject({ kind: 'fail', status: 500 }, '^GET ', 1);
    expect(await plane.registry.readToken(token)).toBeNull();
    expect(plane.keyturn.requests()).toHaveLength(3);
  });

  it.each([
    [400, 'refused'],
    [403, 'accessDenied'],
    [409, 'conflict'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('that is answered with %i fails as %s', async (status, code) => {
    plane.keyturn.inject({ kind: 'fail', status }, 'generateCredentials');
    expect(await failureOf(plane.generate())).toMatchObject({ service: 'registry', status, code });
  });

  it('beyond the most tokens of the registry fails as limitReached', async () => {
    plane.keyturn.inject({ kind: 'fail', status: 400, code: 'QuotaExceeded' }, '^PUT ');
    expect(await failureOf(plane.registry.createToken(token, '_repositories_pull'))).toMatchObject({
      code: 'limitReached',
    });
  });

  it('whose operation fails later is told as a failed operation', async () => {
    await plane.createMap();
    await plane.control.changeRegistrySettings({ failedOperations: 1 });
    expect(await failureOf(plane.registry.createToken(token, map))).toMatchObject({
      code: 'operationFailed',
    });
  });

  it('of an identity without permission is denied', async () => {
    await plane.createToken();
    expect(await failureOf(plane.adapter('stranger').setTokenStatus(token, false))).toMatchObject({
      code: 'accessDenied',
      status: 403,
    });
  });

  it('that writes is not sent after the end of the lease', async () => {
    await plane.createToken();
    plane.keyturn.cloud.history.clear();
    const limits = { notAfter: new Date(Date.now() - 1).toISOString() };
    const late = plane.registry.generatePassword(token, 'password1', expiresAt, limits);
    expect(await failureOf(late)).toMatchObject({ code: 'tooLate' });
    expect(plane.writes()).toEqual([]);
    expect(await plane.registry.createToken(token, map, limits)).toMatchObject({ created: false });
  });

  it('that waits for an access token in vain ends when the caller ends it, and is never sent', async () => {
    const { promise: tokenAtLast, resolve: giveToken } = Promise.withResolvers<void>();
    const slow = new AcrControlPlane({
      resourceId: plane.keyturn.cloud.environment.REGISTRY_RESOURCE_ID ?? '',
      credential: {
        getToken: async (scopes) => {
          await tokenAtLast;
          return plane.keyturn.credential().getToken(scopes);
        },
      },
      resourceManager: {
        endpoint: plane.keyturn.cloud.environment.AZURE_RESOURCE_MANAGER_ENDPOINT ?? '',
        scope: 'https://management.azure.com/.default',
      },
      clock: systemClock,
    });
    await plane.createToken();
    plane.keyturn.cloud.history.clear();
    const limits = { signal: AbortSignal.timeout(50) };
    const call = slow.generatePassword(token, 'password1', expiresAt, limits);
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
    giveToken();
    expect((await plane.registry.readToken(token))?.passwords).toEqual([]);
    expect(plane.writes()).toEqual([]);
  });

  it('ends when the caller ends it', async () => {
    plane.keyturn.inject({ kind: 'delay', milliseconds: 5_000 }, '^GET ');
    const signal = AbortSignal.timeout(50);
    expect(await failureOf(plane.registry.readToken(token, { signal }))).toMatchObject({ code: 'cancelled' });
  });
});
