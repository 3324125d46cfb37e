import { describe, expect, it } from 'vitest';
import { isOwnRequestId, newOwnRequestId } from '../../src/adapters/own-request-id.ts';
import { sendDeadline, withSendDeadline } from '../../src/adapters/send-deadline.ts';
import { failureOf } from './keyturn-cloud.ts';

const notAfter = '2026-01-01T00:10:00.000Z';

/** Sends a request at a moment, and says whether it was sent. */
async function send(method: string, now: string): Promise<'sent'> {
  const { policy } = sendDeadline('registry', { now: () => new Date(now) });
  const request = { method, headers: { set: () => undefined } };
  return policy.sendRequest(request, async () => 'sent' as const);
}

describe('a write', () => {
  it('is sent up to its deadline, and not a millisecond later', async () => {
    expect(await withSendDeadline({ notAfter }, () => send('POST', notAfter))).toBe('sent');
    const late = withSendDeadline({ notAfter }, () => send('POST', '2026-01-01T00:10:00.001Z'));
    expect(await failureOf(late)).toMatchObject({ service: 'registry', code: 'tooLate' });
  });

  it('without a deadline is always sent, also while another one has one', async () => {
    const later = '2027-01-01T00:00:00.000Z';
    const [one, other] = await Promise.allSettled([
      withSendDeadline({}, () => send('PUT', later)),
      withSendDeadline({ notAfter }, () => send('PUT', later)),
    ]);
    expect([one?.status, other?.status]).toEqual(['fulfilled', 'rejected']);
  });

  it('may be followed after its deadline by reads', async () => {
    expect(await withSendDeadline({ notAfter }, () => send('GET', '2027-01-01T00:00:00.000Z'))).toBe('sent');
  });
});

describe('an id of our own', () => {
  it('is a GUID, different each time, and recognised', () => {
    const ids = Array.from({ length: 100 }, newOwnRequestId);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(isOwnRequestId(id.toUpperCase())).toBe(true);
    }
    expect(new Set(ids).size).toBe(100);
  });

  it('is not what others send', () => {
    for (const id of ['', crypto.randomUUID(), 'keyturn/7']) expect(isOwnRequestId(id)).toBe(false);
  });
});
