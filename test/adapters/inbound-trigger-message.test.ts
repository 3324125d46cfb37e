import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInboundMessage } from '../../src/adapters/inbound-trigger-message.ts';

const body = Buffer.from('{"specversion":"1.0"}');

/** As the worker hands it over: the extension's names with a small first letter, and much that nobody needs here. */
const metadata = {
  messageId: 'm-1',
  contentType: 'application/cloudevents+json',
  subject: 'contoso/team-web',
  label: 'contoso/team-web',
  correlationId: 'c-1',
  sequenceNumber: 42,
  enqueuedTimeUtc: '2026-03-01T12:00:00.123',
  enqueuedTime: '2026-03-01T12:00:00.123+00:00',
  deliveryCount: 1,
  lockToken: '5f1b6a3e-0000-4000-8000-000000000001',
  applicationProperties: { sentBy: 'form', tries: 3, urgent: false },
};

describe('a message of a Service Bus trigger', () => {
  it('is read with all that is sent on of it', () => {
    expect(readInboundMessage(body, metadata)).toEqual({
      messageId: 'm-1',
      body,
      contentType: 'application/cloudevents+json',
      subject: 'contoso/team-web',
      correlationId: 'c-1',
      properties: { sentBy: 'form', tries: 3, urgent: false },
      sequenceNumber: '42',
      enqueuedAt: '2026-03-01T12:00:00.123Z',
    });
  });

  it('may lack everything that the sender sets', () => {
    const { sequenceNumber, enqueuedTimeUtc } = metadata;
    expect(readInboundMessage(body, { sequenceNumber, enqueuedTimeUtc })).toEqual({
      messageId: '',
      body,
      contentType: undefined,
      subject: undefined,
      correlationId: undefined,
      properties: {},
      sequenceNumber: '42',
      enqueuedAt: '2026-03-01T12:00:00.123Z',
    });
  });

  it('keeps of the sender’s properties those that can be sent on', () => {
    const applicationProperties = { text: 'a', number: 1.5, flag: true, nothing: null, list: [1], deep: {} };
    const { properties } = readInboundMessage(body, { ...metadata, applicationProperties });
    expect(properties).toEqual({ text: 'a', number: 1.5, flag: true });
  });

  it.each([
    ['a text of seven digits behind the second', '2026-03-01T12:00:00.1234567', '2026-03-01T12:00:00.123Z'],
    ['a whole second', '2026-03-01T12:00:00', '2026-03-01T12:00:00.000Z'],
    ['UTC', '2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['a zone', '2026-03-01T14:00:00+02:00', '2026-03-01T12:00:00.000Z'],
    ['a date', new Date('2026-03-01T12:00:00.123Z'), '2026-03-01T12:00:00.123Z'],
  ])('says in UTC when it was enqueued, given %s', (_what, enqueuedTimeUtc, enqueuedAt) => {
    expect(readInboundMessage(body, { ...metadata, enqueuedTimeUtc }).enqueuedAt).toBe(enqueuedAt);
  });

  it('keeps the order of any two sequence numbers that can be told apart', () => {
    const number = fc.maxSafeNat();
    fc.assert(
      fc.property(number, number, (one, other) => {
        const [first, second] = [one, other].map((sequenceNumber) =>
          BigInt(readInboundMessage(body, { ...metadata, sequenceNumber }).sequenceNumber),
        );
        expect([first, second]).toEqual([BigInt(one), BigInt(other)]);
      }),
    );
  });

  it('takes the sequence number of a partitioned queue, as number or text', () => {
    const ofPartition = 2 ** 48 * 3 + 7;
    expect(readInboundMessage(body, { ...metadata, sequenceNumber: ofPartition }).sequenceNumber).toBe(
      '844424930131975',
    );
    expect(
      readInboundMessage(body, { ...metadata, sequenceNumber: '9223372036854775807' }).sequenceNumber,
    ).toBe('9223372036854775807');
  });

  it.each([
    ['a body that the host read as text', '{"specversion":"1.0"}', metadata],
    ['a body that the host read as JSON', { specversion: '1.0' }, metadata],
    ['no metadata', body, undefined],
    ['a sequence number below 0', body, { ...metadata, sequenceNumber: -1 }],
    ['a broken sequence number', body, { ...metadata, sequenceNumber: 1.5 }],
    ['no sequence number', body, { ...metadata, sequenceNumber: undefined }],
    ['no time', body, { ...metadata, enqueuedTimeUtc: undefined }],
    ['a time that is none', body, { ...metadata, enqueuedTimeUtc: 'yesterday' }],
  ])('stays in its queue when it comes with %s', (_what, given, about) => {
    expect(() => readInboundMessage(given, about)).toThrow(/^The (body of the )?message (is|has) /);
  });
});
