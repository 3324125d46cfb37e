/** Where an AMQP link leads. */
export interface EntityAddress {
  /** Lower-cased path of a queue, topic or subscription (`topic/subscriptions/name`). */
  readonly entity: string;
  readonly deadLetter: boolean;
  readonly management: boolean;
}

/**
 * Reads a link's address. Names compare case-insensitively; .NET writes URI paths, with a leading slash and percent-encoding.
 */
export function parseEntityAddress(address: string): EntityAddress {
  let path = decodeLeniently(address).toLowerCase().replace(/^\/+/, '').replace(/\/+$/, '');
  const strip = (suffix: string): boolean => {
    if (!path.endsWith(suffix)) return false;
    path = path.slice(0, -suffix.length);
    return true;
  };
  const management = strip('/$management');
  const deadLetter = strip('/$deadletterqueue');
  return { entity: path, deadLetter, management };
}

/** The path that a token's audience, such as `sb://host:port/queue/$management`, names. */
export function audiencePath(audience: string): string {
  return decodeLeniently(audience)
    .toLowerCase()
    .replace(/^[a-z]+:\/\/[^/]*/, '')
    .replace(/^\/+|\/+$/g, '');
}

/** Percent-decodes, unless the text is not percent-encoded. */
export function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
