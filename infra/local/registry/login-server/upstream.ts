import { LoginServerError } from './login-server-error.ts';

/** Headers that belong to one connection, or that the registry behind must not see. */
const notForwarded = [
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Sends a request that is allowed on to the registry that holds the images, and streams its answer back. Links in the answer are
 * turned to this login server, so that the client stays on it.
 * @throws LoginServerError when the registry behind does not answer.
 */
export async function forward(request: Request, upstream: string, loginServer: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of notForwarded) headers.delete(name);
  headers.set('accept-encoding', 'identity');
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'DELETE';
  const answer = await send(request.signal, new URL(pathname + search, upstream), {
    method: request.method,
    headers,
    redirect: 'manual',
    ...(hasBody ? { body: request.body, duplex: 'half' } : {}),
  });
  return new Response(answer.body, {
    status: answer.status,
    headers: answerHeaders(answer.headers, upstream, loginServer),
  });
}

async function send(client: AbortSignal, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (client.aborted) throw new LoginServerError(499, 'UNKNOWN', 'The client has gone.');
    if (!(cause instanceof TypeError)) throw cause;
    throw new LoginServerError(503, 'UNAVAILABLE', 'The registry that holds the images does not answer.');
  }
}

function answerHeaders(from: Headers, upstream: string, loginServer: string): Headers {
  const headers = new Headers(from);
  for (const name of ['connection', 'keep-alive', 'transfer-encoding']) headers.delete(name);
  const location = headers.get('location');
  if (location) headers.set('location', onLoginServer(location, upstream, loginServer));
  return headers;
}

function onLoginServer(location: string, upstream: string, loginServer: string): string {
  const target = new URL(location, upstream);
  if (target.host !== new URL(upstream).host) return location;
  return `https://${loginServer}${target.pathname}${target.search}`;
}
