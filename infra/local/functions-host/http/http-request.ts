import type { IncomingMessage } from 'node:http';
import type { HttpData, NullableString } from '../typed-data.ts';

/** The largest request body that the host takes, as the real host's server. */
const largestBody = 100 * 1024 * 1024;

/** What is wrong with a request before any function sees it, as an HTTP status. */
export class RequestRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`The request is refused with ${status}`);
    this.status = status;
  }
}

/** The path and query of a request. */
export interface RequestTarget {
  /** Decoded, but for slashes inside segments, without slashes at its ends. */
  readonly path: string;
  readonly rawPath: string;
  readonly query: URLSearchParams;
}

export function requestTarget(request: IncomingMessage): RequestTarget {
  const [rawPath = '/', query = ''] = splitAt(request.url ?? '/', '?');
  return {
    path: decodePath(rawPath).replace(/^\/|\/$/g, ''),
    rawPath,
    query: new URLSearchParams(query),
  };
}

/** The key that a request shows: header `x-functions-key` before query `code`. */
export function requestKey(request: IncomingMessage, { query }: RequestTarget): string | undefined {
  const header = request.headers['x-functions-key'];
  return (Array.isArray(header) ? header[0] : header) ?? query.get('code') ?? undefined;
}

/**
 * The request as the worker gets it. Like the real host it gives several values of a name as one, with commas, and leaves
 * out a body whose length is not declared.
 * @throws RequestRefused (413) when the body is too large.
 */
export async function toHttpData(
  request: IncomingMessage,
  target: RequestTarget,
  params: Readonly<Record<string, string>>,
): Promise<HttpData> {
  const body = hasDeclaredBody(request) ? await readBody(request) : undefined;
  if (!body) request.resume();
  return {
    url: `http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`,
    method: request.method ?? 'GET',
    nullableHeaders: requestHeaders(request),
    nullableQuery: joinValues(target.query.entries()),
    nullableParams: joinValues(Object.entries(params)),
    ...(body ? { body: { bytes: body } } : {}),
  };
}

/** A body in chunks has no declared length: functions do not get it. */
export function hasUndeclaredBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined;
}

function hasDeclaredBody(request: IncomingMessage): boolean {
  return !hasUndeclaredBody(request) && Number(request.headers['content-length'] ?? 0) > 0;
}

export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestBody) throw new RequestRefused(413);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function requestHeaders(request: IncomingMessage): Record<string, NullableString> {
  const pairs: [string, string][] = [];
  for (const [name, values] of Object.entries(request.headersDistinct))
    for (const value of values ?? []) pairs.push([name, value]);
  return joinValues(pairs);
}

/** Names compare without regard to case; the first spelling stays. */
function joinValues(pairs: Iterable<[string, string]>): Record<string, NullableString> {
  const spelling = new Map<string, string>();
  const joined: Record<string, NullableString> = {};
  for (const [name, value] of pairs) {
    const known = spelling.get(name.toLowerCase()) ?? name;
    spelling.set(name.toLowerCase(), known);
    const earlier = joined[known];
    joined[known] = { value: earlier ? `${earlier.value},${value}` : value };
  }
  return joined;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path.replace(/%2f/gi, '%252F'));
  } catch {
    return path;
  }
}

function splitAt(text: string, separator: string): [string, string] {
  const position = text.indexOf(separator);
  return position < 0 ? [text, ''] : [text.slice(0, position), text.slice(position + 1)];
}
