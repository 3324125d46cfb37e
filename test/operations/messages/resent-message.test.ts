import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { describe, expect, it } from 'vitest';
import { messageLine } from '../../../src/operations/messages/message-line.ts';
import { resentMessage } from '../../../src/operations/messages/resent-message.ts';
import { command } from '../../service/messages.ts';

const now = '2026-03-01T12:00:00.000Z';
const asked = command(
  'keyturn.token.requested',
  'team-web',
  { owner: 'team-web', access: { repositories: { 'teams/web': ['content/read'] } } },
  { id: 'first', time: '2026-02-01T12:00:00.000Z' },
);

function setAside(
  body: unknown,
  changes: Partial<ServiceBusReceivedMessage> = {},
): ServiceBusReceivedMessage {
  return {
    body: Buffer.from(JSON.stringify(body)),
    messageId: 'original',
    contentType: 'application/cloudevents+json',
    applicationProperties: {
      rejectionReason: 'stale',
      rejectionDescription: 'the event was sent too long after its time',
      keyturnOriginalMessageId: 'earlier',
      tenant: 'contoso',
    },
    ...changes,
  } as ServiceBusReceivedMessage;
}

const resend = (message: ServiceBusReceivedMessage, unchanged = false) =>
  resentMessage(message, { body: undefined, unchanged, now });

describe('a command that is sent again', () => {
  it('has a new id and the present time, and is otherwise what it was', () => {
    const sent = resend(setAside(asked));
    const event = JSON.parse(String(sent.body));
    expect(event).toEqual({ ...asked, id: expect.stringMatching(/^[0-9a-f-]{36}$/), time: now });
    expect(event.id).not.toBe(asked.id);
    expect(sent.messageId).not.toBe('original');
    expect(sent.applicationProperties).toEqual({ tenant: 'contoso' });
  });

  it('is refused if it would be set aside again, with the reason', () => {
    const { owner: _left, ...data } = asked.data;
    expect(() => resend(setAside({ ...asked, data }))).toThrow(/set aside again: .*data\.owner/);
    expect(() => resend(setAside('no event'))).toThrow(/set aside again/);
  });
});

it('what is no command is sent as it is, with its own id', () => {
  const report = { id: 'report', type: 'Microsoft.Resources.ResourceWriteSuccess' };
  const sent = resend(setAside(report), true);
  expect(JSON.parse(String(sent.body))).toEqual(report);
  expect(sent.messageId).toBe('original');
});

describe('the line about a message', () => {
  it('names its number, kind and reason, whoever gave that', () => {
    const about = {
      sequenceNumber: 7,
      enqueuedTimeUtc: new Date(now),
    } as unknown as ServiceBusReceivedMessage;
    expect(messageLine(setAside(asked, about))).toMatch(
      /^ {5}7 {2}2026-03-01T12:00:00\.000Z {2}keyturn\.token\.requested contoso\/team-web +stale {2}the event/,
    );
    const dead = { ...about, applicationProperties: {}, deadLetterReason: 'MaxDeliveryCountExceeded' };
    expect(messageLine(setAside(asked, dead))).toContain('MaxDeliveryCountExceeded');
  });

  it('shows nothing that a sender could write to a terminal', () => {
    const line = messageLine(setAside({ type: '\u001b[31mred\n', subject: '\u202etxet' }));
    expect(line).not.toMatch(/\p{C}/u);
  });
});
