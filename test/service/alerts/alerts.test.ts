import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AlertStoreTable } from '../../../src/adapters/alert-store-table.ts';
import { openRecordTables } from '../../../src/adapters/record-tables.ts';
import { systemClock } from '../../../src/adapters/system-clock.ts';
import { all } from '../../adapters/keyturn-cloud.ts';
import { disabledByOthers, enabledAgain, requestDenied } from '../../alerting/build-alert-events.ts';
import { repetitions } from '../../counts.ts';
import { AlertedService, secretOfAddress } from './alerted-service.ts';

const signingKey = 'KEYSECRET';
const many = repetitions({ quick: 200, soak: 5_000 });

let alerted: AlertedService;

beforeAll(async () => {
  alerted = await AlertedService.start([
    { name: 'pager', signingKey },
    { name: 'teams', format: 'teams', severities: ['critical'] },
    { name: 'slack', format: 'slack', severities: ['critical'] },
  ]);
});
afterAll(() => alerted.close());
beforeEach(() => {
  alerted.receiver.calls.length = 0;
  alerted.receiver.answer = () => ({ status: 200 });
});

const records = () =>
  alerted.service.hosts.flatMap(({ log }) =>
    log.lines.flatMap(({ message }) => (message.startsWith('{"record"') ? [JSON.parse(message)] : [])),
  );

it('an alert reaches every sink in its own form, and the log', async () => {
  const event = disabledByOthers('team-web', await alerted.now(), { cause: 'person' });
  await alerted.publish(event);
  const paths = ['pager', 'teams', 'slack'].map((sink) => `/${sink}?code=${secretOfAddress}`);
  await alerted.receiver.until('an alert for every sink', () =>
    paths.every((path) => alerted.receiver.calls.some((call) => call.path === path)),
  );
  const [generic, teams, slack] = paths.map((path) =>
    alerted.receiver.calls.find((call) => call.path === path),
  );
  expect(JSON.parse(generic?.body ?? '')).toMatchObject({
    kind: 'first',
    alert: 'disabledOutOfBand',
    severity: 'critical',
    title: 'contoso/team-web: disabled by others',
    examples: [{ token: 'team-web', owner: 'team-web' }],
    cause: 'person',
    toDo: { runbook: 'https://wiki.example/runbooks#disabled-out-of-band' },
  });
  const timestamp = generic?.headers['keyturn-timestamp'];
  const signature = createHmac('sha256', signingKey).update(`${timestamp}.${generic?.body}`).digest('hex');
  expect(generic?.headers['keyturn-signature']).toBe(`sha256=${signature}`);
  expect(JSON.parse(teams?.body ?? '').attachments[0].content.body[0].inlines[0].text).toBe(
    'contoso/team-web: disabled by others',
  );
  expect(JSON.parse(slack?.body ?? '').blocks[0].text.text).toBe('contoso/team-web: disabled by others');
  const ids = [generic, teams, slack].map((call) => call?.headers['keyturn-alert-id']);
  expect(new Set(ids).size).toBe(1);
  await expect
    .poll(() => records().filter(({ record }) => record === 'alert'), { timeout: 30_000 })
    .toContainEqual(
      expect.objectContaining({ severity: 'critical', finding: 'disabledOutOfBand', token: 'team-web' }),
    );
});

it(
  'many tokens at once are two calls, with every token on record',
  async () => {
    const tokens = Array.from({ length: many }, (_, index) => `team-many-${index}`);
    const now = await alerted.now();
    const actor = { kind: 'application', applicationId: '0a0a0a0a-0000-4000-8000-00000000000f' };
    await alerted.publish(...tokens.map((token) => disabledByOthers(token, now, { actor })));
    const first = await alerted.alert('pager', ({ kind }) => kind === 'first');
    const { service } = alerted;
    const tables = openRecordTables({
      kind: 'identity',
      endpoint: service.setting('STORAGE_TABLE_ENDPOINT'),
      credential: await service.credential(),
    });
    const store = new AlertStoreTable(tables.alerts, systemClock);
    const members = async () => {
      const group = await store.readGroup(first.group);
      return group ? (await all(store.listMembers(group.value))).map(({ row }) => row) : [];
    };
    await expect
      .poll(async () => (await members()).length, {
        timeout: repetitions({ quick: 60_000, soak: 600_000 }),
        interval: 500,
      })
      .toBe(many);
    expect((await members()).toSorted()).toEqual(tokens.toSorted());
    await service.control.advance('PT6M');
    const summary = await alerted.alert('pager', ({ kind }) => kind === 'summary');
    expect(summary).toMatchObject({ group: first.group, number: 2, count: many, open: many });
    expect(summary.examples).toHaveLength(10);
    expect(alerted.alertsOf('pager').map(({ kind, count }) => [kind, count])).toEqual([
      ['first', 1],
      ['summary', many],
    ]);
  },
  repetitions({ quick: 180_000, soak: 1_500_000 }),
);

it('an alert is over a quarter of an hour after the token was mended', async () => {
  await alerted.publish(enabledAgain('team-web', await alerted.now()));
  const over = async () => {
    await alerted.service.control.advance('PT5M');
    return alerted.alertsOf('pager').map(({ title }) => title);
  };
  await expect
    .poll(over, { timeout: 60_000, interval: 500 })
    .toContain('over: contoso/team-web: disabled by others');
}, 90_000);

it('a sink that is down gets its alerts when it is up again, and the others are told that it is down', async () => {
  alerted.receiver.answer = ({ path }) => ({ status: path.startsWith('/slack') ? 503 : 200 });
  await alerted.publish(disabledByOthers('team-down', await alerted.now(), { cause: 'automation' }));
  const alert = await alerted.alert('pager', ({ cause }) => cause === 'automation');
  const failing = async () => {
    await alerted.service.control.advance('PT1M');
    return alerted.alertsOf('pager').find(({ alert: name }) => name === 'alertSinkFailing');
  };
  await expect
    .poll(failing, { timeout: 60_000, interval: 500 })
    .toMatchObject({ sink: 'slack', severity: 'critical' });
  alerted.receiver.answer = () => ({ status: 200 });
  const before = alerted.receiver.calls.length;
  const slackIds = async () => {
    await alerted.service.control.advance('PT5M');
    return alerted.receiver.calls
      .slice(before)
      .filter(({ path }) => path.startsWith('/slack'))
      .map(({ headers }) => headers['keyturn-alert-id']);
  };
  await expect.poll(slackIds, { timeout: 60_000, interval: 500 }).toContain(alert.id);
  const over = async () => {
    await alerted.service.control.advance('PT5M');
    return alerted.alertsOf('pager').map(({ alert: name, kind }) => `${name} ${kind}`);
  };
  await expect.poll(over, { timeout: 60_000, interval: 500 }).toContain('alertSinkFailing resolved');
}, 240_000);

it('an alert comes though the records were out of reach when its event came', async () => {
  const { control } = alerted.service;
  await control.setReachable('storage', false);
  await alerted.publish(requestDenied('team-later', await alerted.now(), 'tokenNotAllowed'));
  const putOff = () =>
    records().filter(({ record, result }) => record === 'eventTakenIn' && result === 'putOff');
  await expect.poll(() => putOff().length, { timeout: 90_000 }).toBe(1);
  await control.setReachable('storage', true);
  await control.advance('PT1M');
  const alert = await alerted.alert('pager', ({ cause }) => cause === 'tokenNotAllowed');
  expect(alert).toMatchObject({
    alert: 'requestDenied',
    severity: 'warning',
    title: 'contoso/team-later: a request was denied',
  });
}, 180_000);

it('every ten minutes the log says that Keyturn is alive', async () => {
  const beats = () => records().filter(({ record }) => record === 'heartbeat').length;
  const before = beats();
  await alerted.service.control.advance('PT30M');
  await expect.poll(beats, { timeout: 30_000 }).toBeGreaterThanOrEqual(before + 3);
});

it('no address and no key of a sink is in the log', () => {
  const text = alerted.service.hosts.map(({ log, errors }) => JSON.stringify(log.lines) + errors).join('');
  expect(text).toContain('alertSinkFailing');
  for (const secret of [secretOfAddress, signingKey]) expect(text).not.toContain(secret);
});
