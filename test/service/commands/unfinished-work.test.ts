import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { RunningService } from '../running-service.ts';
import { withQuickVault } from './quick-vault.ts';
import { RegistryContents } from './registry-contents.ts';
import { Requester, teamRequest } from './requester.ts';

vi.setConfig({ testTimeout: 120_000 });

const requested = 'keyturn.token.requested';
const provisioned = 'keyturn.token.provisioned';
const disabling = 'keyturn.token.disable-requested';
const revocation = 'keyturn.token.revocation-requested';
const because = { reason: 'A test' };

let service: RunningService;
let requester: Requester;
let registry: RegistryContents;

beforeAll(async () => {
  service = await RunningService.start({ changeCloud: withQuickVault });
  requester = await Requester.open(service);
  registry = await RegistryContents.open(service);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

afterEach(() => service.control.clearFaults());

/** Resolves when a token's record has a status, and something failed since, if that is asked for. */
async function untilStatus(token: string, status: string, failures = 0): Promise<void> {
  await vi.waitFor(
    async () => {
      const state = await requester.state(token);
      expect(state?.status).toBe(status);
      expect(Object.keys(state?.failures ?? {}).length).toBeGreaterThanOrEqual(failures);
    },
    { timeout: 60_000, interval: 100 },
  );
}

it('a token half made can be disabled, revoked and deleted; any other command waits until it is made', async () => {
  await service.control.injectFault({
    part: 'key-vault',
    effect: { kind: 'fail', status: 503 },
    match: '^PUT /secrets/',
  });
  const half = ['team-half-off', 'team-half-cut', 'team-half-gone', 'team-half-made'] as const;
  const requests = await Promise.all(half.map((token) => requester.send(requested, token, teamRequest())));
  await Promise.all(half.map((token) => untilStatus(token, 'provisioning', 1)));
  const waiting = [
    await requester.send('keyturn.token.rotation-requested', 'team-half-made'),
    await requester.send('keyturn.token.access-changed', 'team-half-made', {
      access: { added: { 'teams/shop': ['content/read'] } },
    }),
    await requester.send('keyturn.token.enable-requested', 'team-half-made', because),
    await requester.send('keyturn.token.reinstatement-requested', 'team-half-made', because),
  ];
  await Promise.all([
    requester.cause('keyturn.token.disabled', disabling, 'team-half-off', because),
    requester.cause('keyturn.token.revoked', revocation, 'team-half-cut', because),
    requester.cause('keyturn.token.deleted', 'keyturn.token.deletion-requested', 'team-half-gone', because),
  ]);
  expect(await Promise.all(half.map(async (token) => (await requester.state(token))?.status))).toEqual([
    'disabled',
    'revoked',
    'deleted',
    'provisioning',
  ]);
  await service.control.clearFaults();
  await service.control.advance('PT2M');
  const ends = await Promise.all(requests.map((request) => requester.outcome(request)));
  expect(ends.map(({ status, code }) => [status, code])).toEqual([
    ['done', undefined],
    ['superseded', undefined],
    ['superseded', undefined],
    ['done', undefined],
  ]);
  expect(await service.logIn('team-half-made')).toBe(200);
  const after = await Promise.all(waiting.map((command) => requester.outcome(command)));
  expect(after.map(({ status, code }) => [status, code])).toEqual([
    ['superseded', undefined],
    ['done', undefined],
    ['done', undefined],
    ['denied', 'tokenNotRevoked'],
  ]);
  expect(await registry.actions('team-half-made-scope-map')).toContain(
    'repositories/teams/shop/content/read',
  );
  expect([
    await registry.token('team-half-off'),
    await registry.token('team-half-cut'),
    await registry.token('team-half-gone'),
  ]).toMatchObject([{ status: 'disabled' }, { status: 'disabled' }, undefined]);
  await requester.cause('keyturn.token.enabled', 'keyturn.token.enable-requested', 'team-half-off', because);
  expect(await service.logIn('team-half-off')).toBe(200);
});

it('a revocation that is not complete is told, and tried until it is', async () => {
  await requester.cause(provisioned, requested, 'team-sticky', teamRequest());
  const password = await service.publishedPassword('team-sticky');
  await service.control.injectFault({
    part: 'key-vault',
    effect: { kind: 'fail', status: 503 },
    match: '^PATCH /secrets/',
  });
  await requester.cause('keyturn.token.revoked', revocation, 'team-sticky', because);
  const told = await requester.event('keyturn.token.revocation-incomplete', 'team-sticky');
  expect([told.severity, told.data.missing]).toEqual(['critical', ['secretVersionOff']]);
  expect(await service.logIn('team-sticky', password)).toBe(401);
  expect(await service.publishedPassword('team-sticky')).toBe(password);
  await service.control.clearFaults();
  await service.control.advance('PT1M');
  await vi.waitFor(
    async () => expect(service.publishedPassword('team-sticky')).rejects.toThrow(/disabled/i),
    { timeout: 60_000 },
  );
});

it('a token at the end of its life stays expired when it is disabled, and is revoked when it is revoked', async () => {
  const request = teamRequest(undefined, { profile: 'live', lifetime: 'P5D' });
  await Promise.all(
    ['team-ended', 'team-ended-badly'].map((token) =>
      requester.cause(provisioned, requested, token, request),
    ),
  );
  await service.control.advance('P5DT1M');
  await Promise.all(
    ['team-ended', 'team-ended-badly'].map((token) => requester.event('keyturn.token.expired', token)),
  );
  expect(await requester.ask(disabling, 'team-ended', because)).toBe('done');
  expect((await requester.state('team-ended'))?.status).toBe('expired');
  await requester.cause('keyturn.token.revoked', revocation, 'team-ended-badly', because);
  expect((await requester.state('team-ended-badly'))?.status).toBe('revoked');
});

it('a rotation that cannot come is told by the time that is left, and comes when it can', async () => {
  const token = 'team-blocked';
  await requester.cause(provisioned, requested, token, teamRequest(undefined, { profile: 'live' }));
  await registry.setEnabled(token, false);
  await service.control.advance('P29D');
  const failed = await requester.event('keyturn.token.rotation-failed', token);
  expect([failed.severity, failed.data]).toMatchObject([
    'warning',
    { code: 'disabledOutOfBand', toDo: expect.any(String), deadline: expect.any(String) },
  ]);
  await service.control.advance('P5D');
  await requester.event('keyturn.token.rotation-failed', token, ({ severity }) => severity === 'critical');
  const overdue = { cause: 'rotationOverdue', deadline: failed.data.deadline };
  const warned = await requester.event('keyturn.token.expiring', token);
  const over = await requester.event('keyturn.token.expired', token);
  expect([warned.severity, over.severity]).toEqual(['warning', 'critical']);
  expect([warned.data, over.data]).toMatchObject([overdue, overdue]);
  expect((await registry.token(token))?.status).toBe('disabled');
  await registry.setEnabled(token, true);
  await service.control.advance('P1D');
  await requester.event('keyturn.token.rotated', token);
  expect(await service.logIn(token)).toBe(200);
});
