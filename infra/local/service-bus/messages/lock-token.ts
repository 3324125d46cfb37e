/**
 * A lock token travels in two forms: as an AMQP uuid on the management link, and in .NET's Guid layout (its first three groups
 * byte-reversed) as the tag of the delivery.
 */

/** The uuid's 16 bytes in the usual order. */
export function uuidBytes(token: string): Buffer {
  return Buffer.from(token.replaceAll('-', ''), 'hex');
}

/** The text of a uuid of 16 bytes. */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function deliveryTag(token: string): Buffer {
  return reverseGroups(uuidBytes(token));
}

export function lockTokenOf(tag: Buffer): string {
  return uuidText(reverseGroups(Buffer.from(tag)));
}

function reverseGroups(bytes: Buffer): Buffer {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
