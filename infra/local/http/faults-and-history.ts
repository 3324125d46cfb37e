import { setTimeout as wait } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { MiddlewareHandler } from 'hono';
import type { FaultEffect } from '../control/faults.ts';
import type { PartName } from '../control/parts.ts';
import type { PartContext } from '../part.ts';
import type { PartEnvironment, PartRequest } from './serve.ts';

/** Builds an error answer in a service's own shape; without code and message it uses the service's own for that status. */
export type ErrorAnswer = (error: {
  status: number;
  code?: string | undefined;
  message?: string | undefined;
  headers?: Record<string, string> | undefined;
}) => Response;

/** Lets a request meet the faults injected for the part, and remembers it. */
export function faultsAndHistory(
  part: PartName,
  errorAnswer: ErrorAnswer,
  { faults, history }: PartContext,
): MiddlewareHandler<PartEnvironment> {
  return async (context, next) => {
    const url = new URL(context.req.url);
    const request = `${context.req.method} ${decodeURIComponentLeniently(url.pathname)}${url.search}`;
    const effect = faults.take(part, request);
    const answer = await answerWithFault(context, next, effect, errorAnswer);
    if (answer) replaceAnswer(context, answer);
    history.add({
      part,
      request,
      ...optional('operation', context.get('operation')),
      ...optional('identity', context.get('identity')),
      ...optional('clientRequestId', context.req.header('x-ms-client-request-id')),
      ...optional('outcome', effect?.kind === 'drop' ? undefined : context.res.status),
      ...optional('fault', effect?.kind),
    });
  };
}

/** Hono merges a second answer's headers into the first unless the first is taken away. */
function replaceAnswer(context: PartRequest, answer: Response): void {
  context.res = undefined;
  context.res = answer;
}

async function answerWithFault(
  context: PartRequest,
  next: () => Promise<void>,
  effect: FaultEffect | undefined,
  errorAnswer: ErrorAnswer,
): Promise<Response | undefined> {
  switch (effect?.kind) {
    case undefined:
      await next();
      return undefined;
    case 'fail':
      if (effect.when === 'after') {
        await next();
        await context.res.body?.cancel();
      }
      return errorAnswer(effect);
    case 'throttle': {
      const seconds = effect.retryAfterSeconds;
      return errorAnswer({
        status: 429,
        headers: seconds === undefined ? {} : { 'retry-after': String(seconds) },
      });
    }
    case 'delay':
      await wait(effect.milliseconds);
      await next();
      return undefined;
    case 'drop':
      if (effect.when === 'after') await next();
      context.env.outgoing.destroy();
      return RESPONSE_ALREADY_SENT;
    case 'damage':
      await next();
      return damage(context, effect.how);
  }
}

/** Answers that never have a body: damaging one loses all of it. */
const withoutBody: ReadonlySet<number> = new Set([204, 304]);

async function damage(context: PartRequest, how: 'cut' | 'garble'): Promise<Response> {
  const body = Buffer.from(await context.res.arrayBuffer());
  const { status, headers } = context.res;
  if (withoutBody.has(status)) {
    context.env.outgoing.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  if (how === 'garble') {
    const garbled = Buffer.concat([body.subarray(0, Math.max(body.length - 1, 0)), Buffer.from('~')]);
    headers.delete('content-length');
    return new Response(garbled, { status, headers });
  }
  const outgoing = context.env.outgoing;
  outgoing.writeHead(status, { ...Object.fromEntries(headers), 'content-length': String(body.length + 1) });
  outgoing.write(body.subarray(0, Math.ceil(body.length * 0.7)), () => outgoing.destroy());
  return RESPONSE_ALREADY_SENT;
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [name in Name]?: Value });
}

function decodeURIComponentLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
