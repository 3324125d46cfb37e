import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventOf, EventType } from '../../../src/contracts/events.ts';
import { command, type Messages } from '../messages.ts';
import { type KeyturnConfiguration, RunningService } from '../running-service.ts';

const hour = 3_600_000;
const patience = { timeout: 60_000, interval: 200 };

/** On the full hour, about three hours after the tests begin: when the schedules come up. */
const occurrence = Math.floor((Date.now() + 3 * hour) / hour) * hour;
const opening = occurrence + 2 * hour;
const closing = occurrence + 4 * hour;

/** What the clocks of Berlin show at a moment. */
function berlin(at: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hourCycle: 'h23', ...options }).format(
    at,
  );
}
const hourOf = (at: number) => berlin(at, { hour: '2-digit' }).slice(0, 2);
const weekdayOf = (at: number) => berlin(at, { weekday: 'short' }).toLowerCase();

const timed = ['team-timed-a', 'team-timed-b', 'team-timed-c', 'team-timed-d'];

let service: RunningService;
let messages: Messages;

function changeConfiguration(configuration: KeyturnConfiguration): void {
  const policyOf = (entrance: string) => configuration.entrances[entrance]?.policy ?? {};
  const timeZone = 'Europe/Berlin';
  const schedule = `0 0 ${Number(hourOf(occurrence))} * * *`;
  Object.assign(configuration, {
    rotation: { schedule: '0 0 * * * *' },
    rotationSchedules: {
      teams: { schedule, timeZone, select: { tokens: ['team-timed-*'] }, reason: 'By the clock' },
      partners: { schedule, timeZone, select: { entrances: ['token-requests-partners'], owners: ['acme'] } },
    },
    profiles: { brief: { rotateEvery: 'P1D', overlap: 'PT1H', minimumOverlap: 'PT1H' } },
  });
  Object.assign(policyOf('token-requests-partners'), {
    rotationWindows: [{ from: `${hourOf(opening)}:00`, to: `${hourOf(closing)}:00`, timeZone }],
  });
  // Opened yesterday, and again in six days.
  Object.assign(policyOf('token-requests-devices'), {
    profiles: ['brief'],
    rotationWindows: [{ days: [weekdayOf(Date.now() - 24 * hour)], from: '00:00', to: '01:00', timeZone }],
  });
}

beforeAll(async () => {
  service = await RunningService.start({ redeliveryDelay: 'PT2S', changeConfiguration });
  messages = service.openMessages();
  const access = { repositories: { 'shared/base': ['content/read'] } };
  await messages.send(
    'token-requests',
    ...[...timed, 'team-apart'].map((token) =>
      command('keyturn.token.requested', token, { owner: token, access }),
    ),
  );
  const partner = { source: '/partner-portal' };
  await messages.send(
    'token-requests-partners',
    ...['partner-acme', 'partner-other'].map((token) => {
      const owner = token.slice('partner-'.length);
      return command('keyturn.token.requested', token, { owner, access, lifetime: 'P365D' }, partner);
    }),
  );
  await messages.send(
    'token-requests-devices',
    command(
      'keyturn.token.requested',
      'device-brief',
      { owner: 'devices-brief', access: { repositories: { 'firmware/base': ['content/read'] } } },
      { source: '/provisioning/factory' },
    ),
  );
  for (const token of [...timed, 'team-apart', 'partner-acme', 'partner-other', 'device-brief'])
    await messages.event('keyturn.token.provisioned', token);
}, 120_000);
afterAll(async () => {
  await messages.close();
  await service.close();
});

function eventsOf<Type extends EventType>(type: Type, token: string): EventOf<Type>[] {
  return messages.events.filter(
    (event): event is EventOf<Type> => event.type === type && event.data.token === token,
  );
}

function saidOf(schedule: string): Record<string, unknown>[] {
  return service.hosts
    .flatMap(({ log }) => log.saidBy('rotationSchedules'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((record) => record.schedule === schedule);
}

const rotationsOf = (token: string) => eventsOf('keyturn.token.rotated', token);

it('a schedule rotates the tokens that it selects once, although the host is killed in the middle', async () => {
  await service.control.advanceTo(new Date(occurrence - 1_000));
  await expect.poll(() => saidOf('teams').map(({ result }) => result), patience).toEqual(['begun']);
  const before = await service.publishedPassword('team-timed-a');
  await service.control.injectFault({
    part: 'storage',
    effect: { kind: 'delay', milliseconds: 60_000 },
    match: 'KeyturnInventory.*team-timed-c',
  });
  const spared = timed.filter((token) => token !== 'team-timed-c');
  for (const token of spared) await messages.event('keyturn.token.rotated', token);
  expect(rotationsOf('team-timed-c')).toEqual([]);
  expect(saidOf('teams').map(({ result }) => result)).not.toContain('finished');
  await service.hosts[0]?.kill();
  await service.control.clearFaults();
  await service.startHost();
  await service.control.advanceTo(new Date(occurrence + hour));
  await messages.event('keyturn.token.rotated', 'team-timed-c');
  await expect.poll(() => saidOf('teams').at(-1)?.result, patience).toBe('finished');

  for (const token of timed) {
    expect(rotationsOf(token).map(({ data }) => [data.generation, data.cause, data.command])).toEqual([
      [
        2,
        'request',
        {
          entrance: 'keyturn',
          source: 'keyturn/rotation-schedules/teams',
          id: `teams/${new Date(occurrence).toISOString()}/contoso/${token}`,
          key: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ],
    ]);
    expect(await service.logIn(token)).toBe(200);
  }
  expect(await service.logIn('team-timed-a', before)).toBe(200);
  expect(rotationsOf('team-apart')).toEqual([]);
}, 180_000);

it('what it asked for can be asked about like what others ask for', async () => {
  const { key = '' } = rotationsOf('team-timed-a')[0]?.data.command ?? {};
  const keys = JSON.parse(await readFile(join(service.folder, 'host', 'keys.json'), 'utf8'));
  const answer = await fetch(`${service.hosts.at(-1)?.origin}/api/requests/keyturn/${key}`, {
    headers: { 'x-functions-key': keys.function },
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    entrance: 'keyturn',
    type: 'keyturn.token.rotation-requested',
    token: 'team-timed-a',
    status: 'done',
  });
});

it('under rotation windows it waits for the next one, and rotates then', async () => {
  const { data } = await messages.event('keyturn.token.rotation-deferred', 'partner-acme');
  const until = 'until' in data ? Date.parse(data.until ?? '') : 0;
  expect(data).toMatchObject({ cause: 'windowClosed' });
  expect(until).toBeGreaterThanOrEqual(opening);
  expect(until).toBeLessThan(closing);
  expect(rotationsOf('partner-acme')).toEqual([]);
  await service.control.advanceTo(new Date(closing));
  const rotated = await messages.event('keyturn.token.rotated', 'partner-acme');
  expect(Date.parse(rotated.time)).toBeGreaterThanOrEqual(until);
  expect(Date.parse(rotated.time)).toBeLessThan(closing);
  expect(eventsOf('keyturn.token.rotation-deferred', 'partner-other')).toEqual([]);
}, 120_000);

it('a rotation that somebody sends for waits for no window', async () => {
  await messages.send(
    'token-requests-partners',
    command('keyturn.token.rotation-requested', 'partner-other', {}, { source: '/partner-portal' }),
  );
  await messages.event('keyturn.token.rotated', 'partner-other');
  expect(eventsOf('keyturn.token.rotation-deferred', 'partner-other')).toEqual([]);
}, 120_000);

it('a window that opens too late is told of and ignored', async () => {
  await service.control.advanceTo(new Date(closing + 20 * hour));
  const rotated = await messages.event('keyturn.token.rotated', 'device-brief');
  const [warning, ...others] = eventsOf('keyturn.token.rotation-window-ignored', 'device-brief');
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ severity: 'warning', data: { owner: 'devices-brief' } });
  const { due, opensAt = '', deadline } = warning?.data ?? { due: '', deadline: '' };
  expect(Date.parse(rotated.time) - Date.parse(due)).toBeLessThan(hour);
  expect(Date.parse(opensAt) - Date.parse(due)).toBeGreaterThan(100 * hour);
  expect(deadline > due).toBe(true);
  expect(await service.logIn('device-brief')).toBe(200);
}, 120_000);
