import type { ServerResponse } from 'node:http';
import type { HttpCookie, HttpData, TypedData } from '../typed-data.ts';

/** Answers with a status and, unless a text is given, an empty body. */
export function answer(response: ServerResponse, status: number, text = '', contentType?: string): void {
  response.statusCode = status;
  if (contentType) response.setHeader('content-type', contentType);
  if (status !== 204) response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  answer(response, status, JSON.stringify(value), 'application/json; charset=utf-8');
}

/** The status that an HTTP function's return value stands for: none is 204. */
export function statusOf(returnValue: TypedData | null | undefined): number {
  return returnValue?.http ? Number(returnValue.http.statusCode ?? 200) : 204;
}

/**
 * Answers what an HTTP function returned.
 * @throws TypeError when a header cannot be sent.
 */
export function answerReturnValue(response: ServerResponse, returnValue: TypedData | null | undefined): void {
  const http = returnValue?.http;
  if (!http) {
    answer(response, 204);
    return;
  }
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  const cookies = (http.cookies ?? []).map(setCookie);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.statusCode = statusOf(returnValue);
  const body = bodyBytes(http);
  if (![204, 205, 304].includes(response.statusCode)) response.setHeader('content-length', body.length);
  response.end(body);
}

function bodyBytes({ body }: HttpData): Uint8Array {
  if (body?.bytes) return body.bytes;
  return Buffer.from(body?.string ?? body?.json ?? '');
}

/** A cookie as ASP.NET Core writes it; one without a path is for the whole site. */
function setCookie(cookie: HttpCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires) parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  if (cookie.maxAge) parts.push(`max-age=${cookie.maxAge.value}`);
  if (cookie.domain) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value) parts.push('secure');
  const sameSite = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' }[
    cookie.sameSite ?? 'none'
  ];
  if (sameSite) parts.push(`samesite=${sameSite}`);
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}
