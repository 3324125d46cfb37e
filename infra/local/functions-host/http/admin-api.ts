import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type HostKeys, opens } from './host-keys.ts';
import { type RequestTarget, readBody, requestKey } from './http-request.ts';
import { answer, answerJson } from './http-response.ts';

/** What the admin endpoints can do. */
export interface AdminApiOptions {
  readonly keys: HostKeys;
  readonly hostId: string;
  readonly hostVersion: string;
  /** Starts a run of a function by hand with this text, in the background; says no when there is no such function. */
  readonly run: (functionName: string, input: string | undefined) => boolean;
}

/** The text that a function is run with; like the real host it takes no object, only what can be read as text. */
const runRequest = z.object({
  input: z
    .union([z.string(), z.number().transform(String), z.boolean().transform(String), z.null()])
    .optional(),
});

/** Answers the endpoints under `/admin` that this host has, as the real host does. */
export async function handleAdmin(
  request: IncomingMessage,
  response: ServerResponse,
  target: RequestTarget,
  options: AdminApiOptions,
): Promise<void> {
  const [, area, name, ...rest] = target.path.split('/');
  const route = `${request.method} ${area}`;
  if (route === 'GET host' && name === 'ping' && rest.length === 0) return answer(response, 200);
  const isStatus = route === 'GET host' && name === 'status' && rest.length === 0;
  const isRun = route === 'POST functions' && name !== undefined && rest.length === 0;
  if (!isStatus && !isRun) return answer(response, 404);
  if (!opens(options.keys, requestKey(request, target), 'admin')) return answer(response, 401);
  if (isStatus) return answerJson(response, 200, hostStatus(options));
  await runFunction(request, response, name ?? '', options);
}

function hostStatus({ hostId, hostVersion }: AdminApiOptions): object {
  return {
    id: hostId,
    state: 'Running',
    version: hostVersion,
    versionDetails: hostVersion,
    processUptime: Math.round(process.uptime() * 1000),
    functionAppContentEditingState: 'Allowed',
  };
}

async function runFunction(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  { run }: AdminApiOptions,
): Promise<void> {
  if (!/^(application|text)\/([\w.+-]+\+)?json\b/i.test(request.headers['content-type'] ?? '')) {
    request.resume();
    return answer(response, 415);
  }
  const body = parseRunRequest(Buffer.from(await readBody(request)).toString('utf8'));
  if (!body) return answer(response, 400);
  answer(response, run(name, body.input ?? undefined) ? 202 : 404);
}

function parseRunRequest(text: string): z.output<typeof runRequest> | undefined {
  try {
    return runRequest.safeParse(lowerCaseNames(JSON.parse(text))).data;
  } catch {
    return undefined;
  }
}

function lowerCaseNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
}
