import { describe, expect, it } from 'vitest';
import { readInboundMessage } from '../../src/adapters/inbound-trigger-message.ts';

const body = new Uint8Array([0, 255, 123]);
const metadata = {
  messageId: 'm-1',
  contentType: 'application/json',
  subject: 'onboarding',
  correlationId: 'order-12',
  sequenceNumber: 7,
  enqueuedTimeUtc: '2026-03-01T12:00:00.123Z',
  applicationProperties: { sentBy: 'form', tries: 2, late: true, nested: { a: 1 } },
};

describe('a message of a Service Bus trigger', () => {
  it('is taken over with its bytes and with everything that its sender wrote on it', () => {
    expect(readInboundMessage(body, metadata)).toEqual({
      messageId: 'm-1',
      body,
      contentType: 'application/json',
      subject: 'onboarding',
      correlationId: 'order-12',
      properties: { sentBy: 'form', tries: 2, late: true },
      sequenceNumber: '7',
      enqueuedAt: '2026-03-01T12:00:00.123Z',
    });
  });

  it('need have nothing but its place in the queue', () => {
    const bare = { sequenceNumber: '7', enqueuedTimeUtc: '2026-03-01T12:00:00', subject: null };
    expect(readInboundMessage(body, bare)).toEqual({
      messageId: '',
      body,
      properties: {},
      sequenceNumber: '7',
      enqueuedAt: '2026-03-01T12:00:00.000Z',
    });
  });

  it.each([
    ['text instead of bytes', '{}', metadata, 'not bytes'],
    ['no sequence number', body, { ...metadata, sequenceNumber: undefined }, 'no sequence number'],
    ['no time', body, { ...metadata, enqueuedTimeUtc: undefined }, 'no time'],
  ])('that has %s stays in its queue', (_what, given, beside, message) => {
    expect(() => readInboundMessage(given, beside)).toThrow(message);
  });
});
