import { randomBytes } from 'node:crypto';

/**
 * Begins the `x-ms-client-request-id` of every request to Azure Resource Manager that is Keyturn's: `keytur` in
 * hexadecimal, in a GUID of version 8, whose content is free. Azure asks for a GUID, and builds the address of a
 * long-running operation from it, so that an id with a slash would break polling.
 */
const prefix = '6b657974-7572-8';

/** A new id for one request of ours. */
export function newOwnRequestId(): string {
  const random = randomBytes(10).toString('hex');
  return `${prefix}${random.slice(0, 3)}-a${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

/** Whether a request id is one of ours. Anybody could send such an id: believe it only together with the identity. */
export function isOwnRequestId(id: string): boolean {
  return id.toLowerCase().startsWith(prefix);
}
