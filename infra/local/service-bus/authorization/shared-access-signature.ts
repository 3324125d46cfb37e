import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeLeniently } from '../entity-address.ts';

/** Name and key of the official emulator's one shared access policy. They are no secret. */
export const emulatorKeyName = 'RootManageSharedAccessKey';
export const emulatorKey = 'SAS_KEY_VALUE';

/**
 * Until when a token such as `SharedAccessSignature sr=…&sig=…&se=…&skn=…` is valid, in milliseconds since 1970; nothing unless
 * it is signed with the emulator's key.
 */
export function signatureExpiry(token: string): number | undefined {
  const [scheme, query = ''] = token.split(' ', 2);
  if (scheme !== 'SharedAccessSignature') return undefined;
  const fields = new Map(query.split('&').map((field) => splitOnce(field, '=')));
  const [resource, signature, expiry] = [fields.get('sr'), fields.get('sig'), fields.get('se')];
  if (!resource || !signature || !expiry || fields.get('skn') !== emulatorKeyName) return undefined;
  const expected = createHmac('sha256', emulatorKey).update(`${resource}\n${expiry}`).digest();
  const actual = Buffer.from(decodeLeniently(signature), 'base64');
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return undefined;
  return /^\d{1,12}$/.test(expiry) ? Number(expiry) * 1000 : undefined;
}

function splitOnce(text: string, separator: string): [string, string] {
  const place = text.indexOf(separator);
  return place < 0 ? [text, ''] : [text.slice(0, place), text.slice(place + 1)];
}
