import { describe, expect, it } from 'vitest';
import { commandKey } from '../../src/contracts/command-key.ts';
import { instantSchema } from '../../src/contracts/instants.ts';
import type { InboundMessage } from '../../src/intake/inbound-message.ts';
import { delay } from '../../src/intake/put-off.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { active, day, hour, identity, managed, minute, second, start } from '../lifecycle/build.ts';
import { event, IntakeSetting, messageOf, requested } from './intake-setting.ts';

const at = (milliseconds: number) => new Date(Date.parse(start) + milliseconds).toISOString();

interface Row {
  readonly message: InboundMessage;
  readonly given?: (setting: IntakeSetting) => unknown;
  readonly urgent?: boolean;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly setAside?: string;
  readonly calls?: readonly string[];
}

const setAside = (reason: string) => ({ result: 'setAside', rejection: { reason } });
const labels = {
  contentType: 'application/cloudevents+json',
  subject: 'onboarding',
  correlationId: 'order-12',
};
const denied = (rule: string) => ({ result: 'denied', rule });
const owned = (entrance: string) => (setting: IntakeSetting) =>
  setting.cloud.records.put(active({ managed: managed({ entrance }) }));

const rows: Record<string, Row> = {
  'accepts a request and starts its lifecycle': {
    message: messageOf(requested()),
    expect: { result: 'accepted' },
    calls: ['start'],
  },
  'wakes a lifecycle that runs, which it learns when it starts it for a request': {
    message: messageOf(requested()),
    given: (setting) => (setting.standing = 'running'),
    expect: { result: 'accepted' },
    calls: ['start', 'wake'],
  },
  'wakes a lifecycle that runs for any other command, without trying to start it': {
    message: messageOf(event('revocation-requested', { reason: 'Stolen' })),
    given: (setting) => {
      owned('token-requests')(setting);
      setting.standing = 'running';
    },
    expect: { result: 'accepted' },
    calls: ['wake'],
  },
  'starts a lifecycle anew that came to an end': {
    message: messageOf(requested()),
    given: (setting) => (setting.standing = 'finished'),
    expect: { result: 'accepted' },
    calls: ['start'],
  },
  'wakes a lifecycle that somebody else started just before': {
    message: messageOf(requested()),
    given: (setting) => (setting.startedByOthers = true),
    expect: { result: 'accepted' },
    calls: ['start', 'wake'],
  },
  'sets aside what is not JSON': { message: messageOf('{"a'), expect: setAside('notJson') },
  'sets aside with the broker’s own fields': {
    message: messageOf('{"a', labels),
    expect: setAside('notJson'),
  },
  'sets aside what is no event': { message: messageOf([1]), expect: setAside('notCloudEvent') },
  'sets aside what is too large': { message: messageOf('x'.repeat(70_000)), expect: setAside('tooLarge') },
  'sets aside what no command is called': {
    message: messageOf(event('polished')),
    expect: setAside('unknownType'),
  },
  'sets aside what only Keyturn may ask of itself': {
    message: messageOf(event('x', {}, { type: 'keyturn.internal.reconcile-requested' })),
    expect: setAside('internalCommand'),
  },
  'sets aside what was sent long after its time': {
    message: messageOf(requested({}, { time: at(-2 * day) })),
    expect: setAside('stale'),
  },
  'sets aside what claims to be of the future': {
    message: messageOf(requested({}, { time: at(hour) })),
    expect: setAside('fromTheFuture'),
  },
  'lets only revoking and disabling pass the urgent queue': {
    message: messageOf(requested()),
    urgent: true,
    expect: setAside('notUrgent'),
  },
  'takes a revocation by the urgent queue': {
    message: messageOf(event('revocation-requested', { reason: 'Stolen' })),
    urgent: true,
    expect: { result: 'accepted' },
    calls: ['start'],
  },
  'denies what the policy does not list, and starts nothing': {
    message: messageOf(requested({ owner: 'stranger' })),
    expect: denied('ownerNotAllowed'),
  },
  'denies a registry that is not configured': {
    message: messageOf(requested({ registry: 'other' }, { subject: 'other/team-web' })),
    expect: denied('registryNotAllowed'),
  },
  'denies a command to a token of another entrance': {
    message: messageOf(event('revocation-requested', { reason: 'Mine' })),
    given: owned('partners'),
    expect: denied('ownedByAnother'),
  },
  'denies a scope map that grants more than the policy': {
    message: messageOf(requested({ access: { scopeMap: 'shared-read' } })),
    given: ({ cloud }) =>
      cloud.registry.scopeMaps.set('shared-read', {
        name: 'shared-read',
        description: '',
        actions: ['repositories/*/content/delete'],
        system: false,
      }),
    expect: denied('actionNotAllowed'),
  },
  'leaves it to the lifecycle whether there is a token to disable': {
    message: messageOf(event('disable-requested', { reason: 'Unused' })),
    expect: { result: 'accepted' },
    calls: ['start'],
  },
};

describe('a message that comes in', () => {
  it.each(Object.entries(rows))(
    '%s',
    async (_sentence, { message, given, urgent, expect: wanted, calls }) => {
      const setting = new IntakeSetting();
      given?.(setting);
      const result = await setting.send(message, urgent);
      expect(result).toMatchObject(wanted);
      expect(setting.calls).toEqual(calls ?? []);
      const isSetAside = result.result === 'setAside';
      expect(setting.setAside).toEqual(
        isSetAside ? [{ ...rest(message), reason: result.rejection.reason }] : [],
      );
      expect(setting.cloud.events.map(({ type }) => type)).toEqual(
        result.result === 'denied' ? ['keyturn.token.request-denied'] : [],
      );
      if (isSetAside) return;
      const repeated = await setting.send({ ...message, sequenceNumber: '8' }, urgent);
      expect(repeated).toMatchObject({ result: 'duplicate' });
      expect(setting.cloud.events).toHaveLength(result.result === 'denied' ? 1 : 0);
    },
  );

  it('tells whoever was denied why, and keeps it as the outcome', async () => {
    const setting = new IntakeSetting();
    await setting.send(messageOf(requested({ owner: 'stranger' })));
    const key = commandKey('token-requests', { source: '/form/7', id: 'request-1' });
    expect(await setting.cloud.records.readCommand(identity, key)).toMatchObject({
      outcome: { status: 'denied', code: 'ownerNotAllowed', detail: 'stranger' },
    });
    expect(setting.cloud.events).toMatchObject([
      {
        severity: 'warning',
        data: { rule: 'ownerNotAllowed', entrance: 'token-requests', command: { key } },
      },
    ]);
    expect(setting.cloud.events[0]?.data).not.toHaveProperty('owner');
    expect(await setting.cloud.records.readPending(identity)).toEqual([]);
    expect(await setting.cloud.records.readOutbox(identity)).toEqual([]);
  });

  it.each([
    ['of the same token', { purpose: 'Something else' }, {}],
    ['of another token', { token: 'team-api' }, { subject: 'contoso/team-api' }],
  ])('is set aside when its id came before with other content %s', async (_where, data, envelope) => {
    const setting = new IntakeSetting();
    await setting.send(messageOf(requested()));
    const other = await setting.send(messageOf(requested(data, envelope)));
    expect(other).toMatchObject(setAside('duplicateIdDifferentContent'));
    const pending = await setting.cloud.records.readPending(identity);
    expect(pending.map(({ command }) => command.data)).not.toContainEqual(expect.objectContaining(data));
    expect(await setting.cloud.records.readPending({ ...identity, token: 'team-api' })).toEqual([]);
  });

  it('is counted against the quota of its entrance; revoking is not', async () => {
    const setting = new IntakeSetting({ policy: { quotas: { commandsPerHour: 2 } } });
    const nth = (id: string) => messageOf(requested({}, { id }), { enqueuedAt: at(Number(id) * second) });
    expect(await setting.send(nth('1'))).toMatchObject({ result: 'accepted' });
    expect(await setting.send(nth('2'))).toMatchObject({ result: 'accepted' });
    expect(await setting.send(nth('3'))).toMatchObject(denied('commandQuotaReached'));
    const revocation = event('revocation-requested', { reason: 'Stolen' }, { id: '4' });
    const soon = { enqueuedAt: at(4 * second) };
    expect(await setting.send(messageOf(revocation, soon))).toMatchObject({ result: 'accepted' });
    expect(await setting.send(messageOf(requested(), { enqueuedAt: at(2 * hour) }))).toMatchObject({
      result: 'accepted',
    });
  });

  it('marks the inventory, so that reconcile finds it should the lifecycle sleep', async () => {
    const setting = new IntakeSetting();
    await setting.send(messageOf(requested()));
    const row = await setting.cloud.inventory.readRow('contoso', 'team-web');
    expect(row?.row).toMatchObject({ status: 'none', pendingSince: start });
  });
});

describe('what the intake needs being down', () => {
  it.each(['records', 'lifecycles'] as const)('puts the message off after 20 s: %s', async (what) => {
    const setting = new IntakeSetting();
    setting.down.add(what);
    const message = messageOf(requested(), labels);
    expect(await setting.send(message)).toMatchObject({ result: 'putOff', why: expect.any(String) });
    const waited = setting.cloud.clock.time - Date.parse(start);
    expect(waited).toBeGreaterThan(10 * second);
    expect(waited).toBeLessThanOrEqual(20 * second);
    const [copy] = setting.later;
    expect(copy).toMatchObject({
      queue: 'token-requests',
      body: message.body,
      contentType: 'application/cloudevents+json',
      subject: 'onboarding',
      correlationId: 'order-12',
      properties: {
        sentBy: 'form',
        keyturnOriginalMessageId: 'm-1',
        keyturnOriginalSequenceNumber: '7',
        keyturnOriginalEnqueuedAt: start,
        keyturnAttempt: 1,
      },
    });
    expect(copy?.messageId).not.toBe('m-1');
    const ahead = Date.parse(copy?.dueAt ?? '') - setting.cloud.clock.time;
    expect(ahead).toBe(30 * second);
  });

  it('puts off a denied message while its denial cannot be told, and tells it once with a later copy', async () => {
    const setting = new IntakeSetting();
    const message = messageOf(requested({ owner: 'stranger' }));
    const topicDown = async (call: string) => {
      if (call !== 'before events.publish') return;
      throw new ServiceFailure({ service: 'serviceBus', operation: 'publish', code: 'unavailable' });
    };
    expect(await setting.send(message, false, topicDown)).toMatchObject({ result: 'putOff' });
    expect(setting.cloud.events).toEqual([]);
    const [copy] = setting.later;
    if (!copy) throw new Error('No copy was sent.');
    const later = { ...copy, sequenceNumber: '8', enqueuedAt: copy.dueAt ?? start };
    expect(await setting.send(later)).toMatchObject({ result: 'duplicate' });
    expect(setting.cloud.events.map(({ type }) => type)).toEqual(['keyturn.token.request-denied']);
    expect(await setting.cloud.records.readOutbox(identity)).toEqual([]);
  });

  it('takes the copy in later in the place of its original', async () => {
    const setting = new IntakeSetting();
    setting.down.add('records');
    await setting.send(messageOf(requested()));
    setting.down.clear();
    const [copy] = setting.later;
    if (!copy) throw new Error('No copy was sent.');
    const dueAt = instantSchema.parse(at(3 * day));
    const handedOut = { ...copy, sequenceNumber: '99', enqueuedAt: dueAt };
    expect(await setting.send(handedOut)).toMatchObject({ result: 'accepted' });
    expect(await setting.cloud.records.readPending(identity)).toMatchObject([
      { sequenceNumber: '7', enqueuedAt: start },
    ]);
  });

  it('counts the copies, and waits longer for each: from 30 s to 15 minutes', async () => {
    const setting = new IntakeSetting();
    setting.down.add('records');
    let message = messageOf(requested());
    const attempts: unknown[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      await setting.send(message);
      const copy = setting.later.at(-1);
      if (!copy) throw new Error('No copy was sent.');
      attempts.push(copy.properties.keyturnAttempt);
      message = { ...copy, sequenceNumber: String(10 + tries), enqueuedAt: copy.dueAt ?? start };
    }
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(setting.later.map(({ messageId }) => messageId)).size).toBe(8);
    for (let attempt = 1; attempt < 60; attempt += 1) {
      const full = Math.min(30 * second * 2 ** (attempt - 1), 15 * minute);
      expect(delay(attempt, `m-${attempt}`)).toBeGreaterThanOrEqual(Math.max(30 * second, full * 0.75 - 1));
      expect(delay(attempt, `m-${attempt}`)).toBeLessThanOrEqual(full);
    }
  });

  it('gives a message back to the broker for good after a week, counted from its first copy', async () => {
    const setting = new IntakeSetting();
    setting.down.add('records');
    let message = messageOf(requested());
    const putOffAt = async () => {
      const enqueuedAt = setting.cloud.clock.instant();
      const result = await setting.send({ ...message, enqueuedAt, sequenceNumber: '8' });
      const copy = setting.later.at(-1);
      if (result.result === 'putOff' && copy) message = { ...copy, sequenceNumber: '8', enqueuedAt };
      return result.result;
    };
    expect(await putOffAt()).toBe('putOff');
    setting.cloud.clock.time = Date.parse(start) + 7 * day - 20 * second - 1;
    expect(await putOffAt()).toBe('putOff');
    setting.cloud.clock.time = Date.parse(start) + 7 * day;
    await expect(putOffAt()).rejects.toThrow(/^Put off for a week: records .*: unavailable$/);
    expect(setting.later).toHaveLength(2);
    setting.down.clear();
    expect(await putOffAt()).toBe('accepted');
  });

  it('says of a message that it gives back no more than a log may hold', async () => {
    const setting = new IntakeSetting();
    const gate = async () => {
      throw new TypeError('of a secret kind');
    };
    setting.cloud.clock.time += 8 * day;
    await expect(setting.send(messageOf(requested()), false, gate)).rejects.toThrow(
      /^Put off for a week: TypeError$/,
    );
  });

  it('gives the message back to the broker when not even a copy can be sent', async () => {
    const setting = new IntakeSetting();
    setting.down.add('records').add('queues');
    await expect(setting.send(messageOf(requested()))).rejects.toThrow('unavailable');
  });

  it('puts off what cannot be set aside', async () => {
    const setting = new IntakeSetting();
    setting.down.add('queues');
    await expect(setting.send(messageOf('no json'))).rejects.toThrow('unavailable');
  });

  it('believes no copy that claims a place after its own', async () => {
    const setting = new IntakeSetting();
    const properties = {
      keyturnOriginalMessageId: 'forged',
      keyturnOriginalSequenceNumber: '7000',
      keyturnOriginalEnqueuedAt: at(hour),
      keyturnAttempt: 1,
    };
    await setting.send(messageOf(requested(), { properties }));
    expect(await setting.cloud.records.readPending(identity)).toMatchObject([
      { sequenceNumber: '7', enqueuedAt: start },
    ]);
  });
});

function rest({ sequenceNumber: _number, enqueuedAt: _instant, ...sent }: InboundMessage) {
  return sent;
}

describe('a message that is too large to be set aside as it is', () => {
  const setAsideOf = async (message: InboundMessage) => {
    const setting = new IntakeSetting();
    setting.mostBytes = 262_144;
    expect(await setting.send(message)).toMatchObject(setAside('tooLarge'));
    expect(setting.later).toEqual([]);
    return setting.setAside;
  };
  const body = (length: number) => 'x'.repeat(length);

  it('is set aside without its properties, if that is enough', async () => {
    const message = messageOf(body(200_000), {
      properties: { long: body(62_100) },
      contentType: 'text/plain',
    });
    expect(await setAsideOf(message)).toMatchObject([
      { body: message.body, contentType: 'text/plain', properties: { propertiesLeftOut: true } },
    ]);
  });

  it.each([
    ['body', messageOf(body(262_100))],
    ['content type', messageOf(body(70_000), { contentType: body(192_100) })],
  ])(
    'is set aside without the end of its body, if it is the %s that is too large',
    async (_what, message) => {
      const [aside, ...more] = await setAsideOf(message);
      expect(more).toEqual([]);
      expect(aside).toMatchObject({ properties: { propertiesLeftOut: true, bodyCutOff: true } });
      expect(aside?.body).toEqual(message.body.subarray(0, 60_000));
    },
  );
});

it('sets aside under its own id what claims an id that no message can bear', async () => {
  const setting = new IntakeSetting();
  const properties = {
    keyturnOriginalMessageId: 'x'.repeat(129),
    keyturnOriginalSequenceNumber: '1',
    keyturnOriginalEnqueuedAt: at(-hour),
    keyturnAttempt: 1,
  };
  await setting.send(messageOf('{"a', { properties }));
  await setting.send(messageOf('{"a', { properties: { ...properties, keyturnOriginalMessageId: '' } }));
  expect(setting.setAside.map(({ messageId }) => messageId)).toEqual(['m-1', '']);
});
