import { createHmac } from 'node:crypto';

/**
 * Says who sent a body, and when: an HMAC-SHA256 with the sink's key over the time in seconds since 1970, a dot and the
 * body. So neither can be changed, and an old message cannot be passed off as a new one. See docs/alerts.md.
 */
export function signatureHeaders(body: string, key: string, now: Date): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signature = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
  return { 'keyturn-timestamp': timestamp, 'keyturn-signature': `sha256=${signature}` };
}
