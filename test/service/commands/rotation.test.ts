import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { RunningService } from '../running-service.ts';
import { RegistryContents } from './registry-contents.ts';
import { Requester, teamRequest } from './requester.ts';

const requested = 'keyturn.token.requested';
const provisioned = 'keyturn.token.provisioned';
const rotation = 'keyturn.token.rotation-requested';
const rotated = 'keyturn.token.rotated';
const devices = { entrance: 'token-requests-devices' } as const;
const day = 24 * 60 * 60 * 1_000;
const deviceRequest = { owner: 'devices-berlin', access: { scopeMap: 'device-firmware' } };
const teams = [
  'team-asked',
  'team-cut',
  'team-brief',
  'team-leaked',
  'team-ending',
  'team-standard',
] as const;

vi.setConfig({ testTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
/** Each token's first password. */
const first = new Map<string, string>();

// The tests of this file share a clock that goes only forward: each goes on where the one before stopped.
beforeAll(async () => {
  service = await RunningService.start();
  requester = await Requester.open(service);
  const registry = await RegistryContents.open(service);
  await registry.makeScopeMap('device-firmware', ['repositories/firmware/main/content/read']);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

/** What Keyturn has asked of registry and vault since the history was cleared, reading included. */
async function asked(): Promise<string[]> {
  const requests = await service.control.requests();
  return requests
    .filter(({ part }) => ['resource-manager', 'login-server', 'key-vault'].includes(part))
    .map(({ operation = 'login' }) => operation.split('/').slice(-2).join('/'));
}

/** What it has changed there. */
async function written(): Promise<string[]> {
  return (await asked())
    .filter((operation) => /(write|delete|setSecret|update|generateCredentials|recover)/.test(operation))
    .sort();
}

/** The days between two instants. */
function days(from: string | Date, to: string | undefined): number {
  return (Date.parse(to ?? '') - new Date(from).getTime()) / day;
}

function passwordLogsIn(token: string, password = first.get(token)): Promise<number> {
  return service.logIn(token, password);
}

/** Resolves when every node of the login server has learned that a token's first password is dead. */
async function isRefused(token: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => passwordLogsIn(token)));
      expect(answers).toEqual([401, 401, 401, 401]);
    },
    { timeout: 60_000, interval: 200 },
  );
}

it('provisioning on a scope map that exists costs two registry writes and one vault write', async () => {
  await requester.ask(requested, 'device-first', deviceRequest, devices);
  await service.control.clearRequests();
  await requester.cause(provisioned, requested, 'device-one', deviceRequest, devices);
  expect(await written()).toEqual(['generateCredentials/action', 'setSecret/action', 'tokens/write']);
});

it('each profile says how long a password lives and when the next one comes', async () => {
  const issuedAt = await service.control.now();
  const [standard, live, device] = await Promise.all([
    requester.cause(provisioned, requested, 'team-long', teamRequest()),
    requester.cause(provisioned, requested, 'team-live', teamRequest(undefined, { profile: 'live' })),
    requester.cause(provisioned, requested, 'device-two', deviceRequest, devices),
  ]);
  expect([standard, live, device].map(({ expiresAt }) => Math.round(days(issuedAt, expiresAt)))).toEqual([
    74, 33, 240,
  ]);
  const nextRotations = [standard, live, device].map(({ nextRotation }) => days(issuedAt, nextRotation));
  for (const [index, rotateEvery] of [60, 30, 180].entries()) {
    expect(nextRotations[index]).toBeGreaterThan(rotateEvery * 0.9 - 0.01);
    expect(nextRotations[index]).toBeLessThan(rotateEvery * 0.95 + 0.01);
  }
});

it('a rotation on request publishes a second password; the next waits until a slot is free', async () => {
  await Promise.all(
    teams.map(async (token) => {
      const more = token === 'team-ending' ? { lifetime: 'P40D' } : {};
      await requester.cause(provisioned, requested, token, teamRequest(undefined, more));
      first.set(token, await service.publishedPassword(token));
    }),
  );
  const now = await service.control.now();
  const data = await requester.cause(rotated, rotation, 'team-asked', { reason: 'A new pipeline' });
  expect(data).toMatchObject({ cause: 'request', slot: 'password2', generation: 2 });
  expect(Math.round(days(now, data.previousValidUntil))).toBe(14);
  expect(await service.publishedPassword('team-asked')).not.toBe(first.get('team-asked'));
  expect([await service.logIn('team-asked'), await passwordLogsIn('team-asked')]).toEqual([200, 200]);
  await service.control.clearRequests();
  const deferred = await requester.cause('keyturn.token.rotation-deferred', rotation, 'team-asked');
  expect(deferred.cause).toBe('noSlotFree');
  expect(Math.round(days(now, deferred.until))).toBe(14);
  const outcome = await requester.outcome(await requester.send(rotation, 'team-asked'));
  expect(outcome).toMatchObject({ status: 'deferred', code: 'noSlotFree', until: deferred.until });
  expect(await written()).toEqual([]);
});

it('a compromised password is replaced at once, and the event says whose was cut short', async () => {
  await requester.cause(rotated, rotation, 'team-cut');
  const second = await service.publishedPassword('team-cut');
  const data = await requester.cause(rotated, rotation, 'team-cut', { compromised: true });
  expect(data).toMatchObject({
    cause: 'compromised',
    slot: 'password1',
    generation: 3,
    cutShort: { slot: 'password1', generation: 1, promisedUntil: expect.any(String) },
  });
  expect([
    await service.logIn('team-cut'),
    await passwordLogsIn('team-cut', second),
    await passwordLogsIn('team-cut'),
  ]).toEqual([200, 200, 401]);
});

it('with a validity of zero the replaced password is dead at once', async () => {
  const data = { compromised: true, previousValidFor: 'PT0S' };
  const told = await requester.cause(rotated, rotation, 'team-leaked', data);
  expect(told.previousValidUntil).toBeUndefined();
  await isRefused('team-leaked');
  expect(await service.logIn('team-leaked')).toBe(200);
});

it('a validity below the least of the profile is denied, and so is an early rotation of a device', async () => {
  const brief = { previousValidFor: 'P1D' };
  expect(await requester.ask(rotation, 'team-brief', brief)).toBe('denied previousValidForTooShort');
  expect(await requester.ask(rotation, 'device-one', {}, devices)).toBe('denied earlyRotationNotAllowed');
  await requester.cause(rotated, rotation, 'team-brief', { previousValidFor: 'P4D' });
  expect(await passwordLogsIn('team-brief')).toBe(200);
});

it('nothing is asked of registry and vault on a day without anything to do', async () => {
  await service.control.clearRequests();
  await service.control.advance('P1D');
  expect(await asked()).toEqual([]);
});

it('a replaced password ends when it was said to, by one registry write', async () => {
  await service.control.clearRequests();
  await service.control.advance('P4D');
  await isRefused('team-brief');
  expect(await service.logIn('team-brief')).toBe(200);
  expect(await written()).toEqual(['generateCredentials/action']);
});

it('a rotation that was put off comes as soon as a slot is free, once, and names its command', async () => {
  const second = await service.publishedPassword('team-asked');
  await service.control.advance('P10D');
  const { data } = await requester.event(
    rotated,
    'team-asked',
    ({ data }) => 'generation' in data && data.generation === 3,
  );
  expect(data).toMatchObject({
    cause: 'request',
    slot: 'password1',
    command: { entrance: 'token-requests' },
  });
  expect([await service.logIn('team-asked'), await service.logIn('team-asked', second)]).toEqual([200, 200]);
  expect(await passwordLogsIn('team-asked')).toBe(401);
  expect(requester.told('team-asked').filter((type) => type === 'rotated')).toHaveLength(2);
});

it('a rotation by schedule costs one registry write and one vault write', async () => {
  const { nextRotation = '' } = (await requester.event(provisioned, 'team-live')).data;
  const before = await service.publishedPassword('team-live');
  await service.control.advanceTo(new Date(Date.parse(nextRotation) - 60_000));
  expect(requester.told('team-live')).toEqual(['provisioned']);
  await service.control.clearRequests();
  await service.control.advance('PT2M');
  const { data } = await requester.event(rotated, 'team-live');
  expect(data).toMatchObject({ cause: 'schedule', slot: 'password2', generation: 2 });
  expect(Math.round(days(await service.control.now(), data.previousValidUntil))).toBeGreaterThanOrEqual(3);
  expect(await written()).toEqual(['generateCredentials/action', 'setSecret/action']);
  expect([await service.logIn('team-live'), await service.logIn('team-live', before)]).toEqual([200, 200]);
});

it('the end of a token’s life is announced, and then nobody logs in until it is requested again', async () => {
  const { data: announced, severity } = await requester.event('keyturn.token.expiring', 'team-ending');
  expect([severity, announced]).toMatchObject(['warning', { cause: 'endOfLife' }]);
  expect(await passwordLogsIn('team-ending')).toBe(200);
  await service.control.advanceTo(new Date(Date.parse(announced.deadline) + 60_000));
  const ended = await requester.event('keyturn.token.expired', 'team-ending');
  expect([ended.severity, ended.data]).toMatchObject([
    'critical',
    { cause: 'endOfLife', deadline: announced.deadline },
  ]);
  expect(await passwordLogsIn('team-ending')).toBe(401);
  expect(requester.told('team-ending')).toEqual(['provisioned', 'expiring', 'expired']);
  for (const type of [rotation, 'keyturn.token.enable-requested'] as const)
    expect(await requester.ask(type, 'team-ending', { reason: 'Once more' })).toBe('denied tokenExpired');
  await requester.cause(provisioned, requested, 'team-ending', teamRequest());
  expect(await service.logIn('team-ending')).toBe(200);
});

it('a rotation that works is silent but for its event, and the previous password works on', async () => {
  await service.control.advance('P17D');
  const { data } = await requester.event(rotated, 'team-standard');
  expect(Math.round(days(await service.control.now(), data.previousValidUntil))).toBeGreaterThanOrEqual(12);
  expect([await service.logIn('team-standard'), await passwordLogsIn('team-standard')]).toEqual([200, 200]);
  expect(requester.told('team-standard')).toEqual(['provisioned', 'rotated']);
});
