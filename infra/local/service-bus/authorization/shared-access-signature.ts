import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeLeniently } from '../entity-address.ts';

/** Name and key of the official emulator's one shared access policy. They are no secret. */
export const emulatorKeyName = 'RootManageSharedAccessKey';
export const emulatorKey = 'SAS_KEY_VALUE';

/**
 * Whether a token such as `SharedAccessSignature sr=…&sig=…&se=…&skn=…` is signed with the emulator's key and still valid.
 * Expiry is compared with the machine's clock, by which clients date their tokens.
 */
export function isValidSharedAccessSignature(token: string): boolean {
  const [scheme, query = ''] = token.split(' ', 2);
  if (scheme !== 'SharedAccessSignature') return false;
  const fields = new Map(query.split('&').map((field) => splitOnce(field, '=')));
  const [resource, signature, expiry] = [fields.get('sr'), fields.get('sig'), fields.get('se')];
  if (!resource || !signature || !expiry || fields.get('skn') !== emulatorKeyName) return false;
  if (!(Number(expiry) * 1000 > Date.now())) return false;
  const expected = createHmac('sha256', emulatorKey).update(`${resource}\n${expiry}`).digest();
  const actual = Buffer.from(decodeLeniently(signature), 'base64');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function splitOnce(text: string, separator: string): [string, string] {
  const place = text.indexOf(separator);
  return place < 0 ? [text, ''] : [text.slice(0, place), text.slice(place + 1)];
}
