import { randomUUID } from 'node:crypto';
import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { eventSchema } from '../../../src/contracts/events.ts';
import { type RejectionReason, rejectionReasons } from '../../../src/contracts/rejections.ts';
import type { SentCommand } from '../messages.ts';
import { RunningService } from '../running-service.ts';
import { Requester, teamRequest } from './requester.ts';

vi.setConfig({ testTimeout: 120_000 });

const requested = 'keyturn.token.requested';
const queue = 'token-requests';
const hour = 60 * 60 * 1_000;

let service: RunningService;
let requester: Requester;
let bus: ServiceBusClient;

beforeAll(async () => {
  service = await RunningService.start({
    changeConfiguration: ({ entrances }) => {
      const quotas = { tokens: 3, commandsPerHour: 12 };
      Object.assign(entrances['token-requests-devices']?.policy ?? {}, { quotas });
    },
  });
  requester = await Requester.open(service);
  bus = new ServiceBusClient(service.setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING'));
});
afterAll(async () => {
  await requester.close();
  await bus.close();
  await service.close();
});

/** Takes so many messages, with their bodies as bytes. */
async function take(receiver: ServiceBusReceiver, count: number): Promise<ServiceBusReceivedMessage[]> {
  const taken: ServiceBusReceivedMessage[] = [];
  while (taken.length < count) {
    const some = await receiver.receiveMessages(count - taken.length, { maxWaitTimeInMs: 60_000 });
    if (some.length === 0) throw new Error(`${taken.length} messages came, and not ${count}.`);
    taken.push(...some);
  }
  return taken;
}

const bytesOnly = { receiveMode: 'receiveAndDelete', skipParsingBodyAsJson: true } as const;

/** One message for each reason to set a message aside. */
async function unfit(): Promise<Record<RejectionReason, { body: Buffer; queue?: string }>> {
  const now = (await service.control.now()).getTime();
  const make = (about: Partial<SentCommand> = {}, data: object = teamRequest()) =>
    requester.command(requested, 'team-unfit', { ...data }, { about });
  const bytes = (value: unknown) => ({ body: Buffer.from(JSON.stringify(value)) });
  const known = await make();
  await requester.messages.send(queue, known);
  await requester.outcome(known);
  const strange = { type: 'keyturn.token.made-up' } as unknown as Partial<SentCommand>;
  const internal = { type: 'keyturn.internal.reconcile-requested' } as unknown as Partial<SentCommand>;
  return {
    tooLarge: { body: Buffer.alloc(60_001, '[') },
    notJson: { body: Buffer.from([0x7b, 0xff, 0xfe, 0x00]) },
    notCloudEvent: bytes({ ...(await make()), specversion: '0.3' }),
    unknownType: bytes(await make(strange)),
    internalCommand: bytes(await make(internal)),
    invalidData: bytes(await make({}, { ...teamRequest(), hunter2: 'hunter2' })),
    subjectMismatch: bytes(await make({ subject: 'contoso/team-other' })),
    notUrgent: { ...bytes(await make()), queue: 'token-requests-urgent' },
    stale: bytes(await make({ time: new Date(now - 25 * hour).toISOString() })),
    fromTheFuture: bytes(await make({ time: new Date(now + hour).toISOString() })),
    duplicateIdDifferentContent: bytes(
      await make({ id: known.id, time: known.time }, teamRequest({ 'teams/shop': ['content/read'] })),
    ),
  };
}

it('what is no command is set aside as it came, with reason and description, and holds nothing up', async () => {
  const about = { subject: 'A form', correlationId: 'form-7', contentType: 'application/octet-stream' };
  const properties = { tenant: 'web', attempt: 7, urgent: true };
  const sent = Object.entries(await unfit()).map(([reason, { body, queue: by = queue }]) => ({
    reason,
    queue: by,
    message: { ...about, body, messageId: randomUUID(), applicationProperties: properties },
  }));
  await Promise.all(sent.map(({ queue: by, message }) => requester.messages.sendRaw(by, message)));
  await requester.cause('keyturn.token.provisioned', requested, 'team-behind', teamRequest());

  const receiver = bus.createReceiver('token-requests-rejected', bytesOnly);
  const rejected = await take(receiver, sent.length);
  for (const { reason, message } of sent) {
    const found = rejected.find(({ messageId }) => messageId === message.messageId);
    const { rejectionReason, rejectionDescription, ...others } = found?.applicationProperties ?? {};
    expect(rejectionReason).toBe(reason);
    expect(rejectionDescription).toContain(rejectionReasons[reason as RejectionReason]);
    expect(rejectionDescription).not.toContain('hunter2');
    expect(others).toEqual(properties);
    expect(found).toMatchObject(about);
    expect(Buffer.compare(found?.body, message.body)).toBe(0);
  }
  expect((await receiver.receiveMessages(1, { maxWaitTimeInMs: 500 })).length).toBe(0);
  expect(requester.told('team-unfit')).toEqual(['provisioned']);
});

it('a late copy of what is no command is set aside as its original', async () => {
  const origin = { tenant: 'web' };
  await requester.messages.sendRaw(queue, {
    body: Buffer.from('not a command'),
    messageId: randomUUID(),
    applicationProperties: {
      ...origin,
      keyturnOriginalMessageId: 'the-original',
      keyturnOriginalSequenceNumber: '1',
      keyturnOriginalEnqueuedAt: (await service.control.now()).toISOString(),
      keyturnAttempt: 3,
    },
  });
  const [rejected] = await take(bus.createReceiver('token-requests-rejected', bytesOnly), 1);
  expect(rejected?.messageId).toBe('the-original');
  const { rejectionReason, rejectionDescription, ...others } = rejected?.applicationProperties ?? {};
  expect([rejectionReason, others]).toEqual(['notJson', origin]);
});

it('an event reaches the subscription that asks for its entrance, with all that subscriptions filter by', async () => {
  const partners = { entrance: 'token-requests-partners' } as const;
  const access = { repositories: { 'shared/base': ['content/read'] } };
  const request = { owner: 'fabrikam', access, lifetime: 'P1D' };
  await requester.cause('keyturn.token.provisioned', requested, 'partner-one', request, partners);
  await requester.cause(
    'keyturn.token.disabled',
    'keyturn.token.disable-requested',
    'partner-one',
    {
      reason: 'Over',
    },
    partners,
  );
  const receive = (subscription: string) =>
    bus.createReceiver('token-events', subscription, { receiveMode: 'receiveAndDelete' });
  const own = await take(receive('token-requests-partners'), 2);
  for (const { body, messageId, contentType, applicationProperties } of own) {
    const { id, type, severity, data } = eventSchema.parse(body);
    const { registry, token } = data;
    const { entrance, owner } = 'entrance' in data ? data : {};
    expect([messageId, contentType]).toEqual([id, 'application/cloudevents+json']);
    expect(applicationProperties).toEqual({ type, severity, registry, token, entrance, owner });
  }
  expect(own.map(({ body }) => body.type)).toEqual(['keyturn.token.provisioned', 'keyturn.token.disabled']);
});

it('a quota holds though all is requested at once, and never holds a revocation back', async () => {
  const devices = { entrance: 'token-requests-devices' } as const;
  const repositories = { 'firmware/main': ['content/read'] };
  const request = { owner: 'devices-berlin', access: { repositories } };
  const names = Array.from({ length: 12 }, (_, index) => `device-number-${index}`);
  const commands = await Promise.all(
    names.map((token) => requester.command(requested, token, request, devices)),
  );
  await requester.messages.send(devices.entrance, ...commands);
  const ends = await Promise.all(commands.map((each) => requester.outcome(each, devices)));
  const denied = ends.filter(({ status }) => status === 'denied');
  expect(denied.map(({ code }) => code)).toEqual(Array.from({ length: 9 }, () => 'tokenQuotaReached'));
  const made = names[ends.findIndex(({ status }) => status === 'done')] ?? '';
  const rotation = { compromised: true };
  expect(await requester.ask('keyturn.token.rotation-requested', made, rotation, devices)).toBe(
    'denied commandQuotaReached',
  );
  const reason = { reason: 'Stolen' };
  expect(await requester.ask('keyturn.token.revocation-requested', made, reason, devices)).toBe('done');
});
