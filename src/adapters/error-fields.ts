// What is read of an error that a client threw. It may be anything: fields may be missing, of any type, or throw.

/** The HTTP status, if it is one. */
export function statusOf(error: unknown): number | undefined {
  const status = field(error, 'statusCode') ?? field(field(error, 'response'), 'status');
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status < 600
    ? status
    : undefined;
}

/**
 * The codes that a service or client gave, most particular first. Only to be compared with known ones, never to be
 * shown: a client may put any text into them. Of several tries, those of the last.
 */
export function codesOf(error: unknown): string[] {
  const tries = field(error, 'errors');
  if (Array.isArray(tries) && tries.length > 0) return codesOfOne(tries.at(-1));
  return codesOfOne(error);
}

function codesOfOne(error: unknown): string[] {
  const details = field(error, 'details');
  const serviceError = field(details, 'error');
  const candidates = [
    field(field(serviceError, 'innerError'), 'code'),
    field(field(serviceError, 'innererror'), 'code'),
    field(serviceError, 'code'),
    field(field(details, 'odataError'), 'code'),
    field(error, 'code'),
    field(field(error, 'cause'), 'code'),
  ];
  return candidates.filter((code) => typeof code === 'string');
}

export function nameOf(error: unknown): string {
  const name = field(error, 'name');
  return typeof name === 'string' ? name : '';
}

/** The first characters of the message, only to be compared with known text. */
export function messageBeginning(error: unknown, length: number): string {
  const message = field(error, 'message');
  return typeof message === 'string' ? message.slice(0, length) : '';
}

/** A header of the answer that the error is about. */
export function headerOf(error: unknown, header: string): string | undefined {
  const headers = field(field(error, 'response'), 'headers');
  try {
    const get: unknown = field(headers, 'get');
    const value: unknown = typeof get === 'function' ? get.call(headers, header) : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}
