import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppStartError } from '../app/app-start-error.ts';
import type { FunctionDefinition, HttpTrigger } from '../app/function-definition.ts';
import type { FunctionCaller } from '../invocations/function-caller.ts';
import type { HostLog } from '../log/host-log.ts';
import { type HostKeys, opens } from './host-keys.ts';
import { hasUndeclaredBody, type RequestTarget, requestKey, toHttpData } from './http-request.ts';
import { answer, answerReturnValue, statusOf } from './http-response.ts';
import { compileRoute, type RouteTemplate } from './route-template.ts';

interface Route {
  readonly definition: FunctionDefinition;
  readonly trigger: HttpTrigger;
  readonly template: RouteTemplate;
}

export interface HttpTriggersOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly routePrefix: string;
  readonly keys: HostKeys;
  readonly caller: FunctionCaller;
  readonly log: HostLog;
}

/** The HTTP functions of an app, by their routes. */
export class HttpTriggers {
  readonly #options: HttpTriggersOptions;
  readonly #routes: readonly Route[];

  /** @throws AppStartError with a line for each function whose route is malformed. */
  constructor(options: HttpTriggersOptions) {
    this.#options = options;
    this.#routes = compileRoutes(options);
  }

  /**
   * Runs the function whose route and methods fit; says no when there is none. As on the real host the functions are tried in
   * the order of their names, and a known route with another method is like no route at all.
   */
  async handle(request: IncomingMessage, response: ServerResponse, target: RequestTarget): Promise<boolean> {
    for (const { definition, trigger, template } of this.#routes) {
      if (trigger.methods && !trigger.methods.includes(request.method ?? '')) continue;
      const params = template.match(target.path);
      if (!params) continue;
      const refusal = this.#refusal(definition, trigger, request, target);
      if (refusal) answer(response, refusal);
      else await this.#run(definition, request, response, target, params);
      return true;
    }
    return false;
  }

  #refusal(
    definition: FunctionDefinition,
    { authLevel }: HttpTrigger,
    request: IncomingMessage,
    target: RequestTarget,
  ): 401 | 404 | undefined {
    const { keys } = this.#options;
    const key = requestKey(request, target);
    if (!opens(keys, key, authLevel)) return 401;
    return definition.isDisabled && !opens(keys, key, 'admin') ? 404 : undefined;
  }

  async #run(
    definition: FunctionDefinition,
    request: IncomingMessage,
    response: ServerResponse,
    target: RequestTarget,
    params: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (hasUndeclaredBody(request)) this.#warnOfUndeclaredBody(definition.name);
    const traceParent = request.headers.traceparent;
    const end = await this.#options.caller.call(definition, {
      input: { http: await toHttpData(request, target, params) },
      traceParent: typeof traceParent === 'string' ? traceParent : undefined,
      trigger: `HTTP ${request.method} ${target.rawPath}`,
      describe: ({ returnValue }) => String(statusOf(returnValue)),
    });
    if (end.kind === 'returned') this.#answer(definition.name, response, end.response.returnValue);
    else if (end.kind === 'abandoned') answer(response, 503, 'Function host is not running.');
    else answer(response, 500);
  }

  #answer(
    functionName: string,
    response: ServerResponse,
    returnValue: Parameters<typeof answerReturnValue>[1],
  ): void {
    try {
      answerReturnValue(response, returnValue);
    } catch (error) {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      answer(response, 500);
      this.#options.log.write({
        level: 'error',
        category: `Function.${functionName}`,
        functionName,
        message: `its response could not be sent: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }

  #warnOfUndeclaredBody(functionName: string): void {
    this.#options.log.write({
      level: 'warning',
      category: `Function.${functionName}`,
      functionName,
      message:
        'the request body came in chunks, without Content-Length: like the real host, this one leaves it out',
    });
  }
}

function compileRoutes({ definitions, routePrefix }: HttpTriggersOptions): Route[] {
  const prefix = routePrefix.replace(/^\/+|\/+$/g, '');
  const routes: Route[] = [];
  const problems: string[] = [];
  for (const definition of definitions) {
    const { trigger } = definition;
    if (trigger.kind !== 'http') continue;
    try {
      routes.push({ definition, trigger, template: compileRoute(`${prefix}/${trigger.route}`) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      problems.push(`The '${definition.name}' function is in error: route "${trigger.route}": ${reason}`);
    }
  }
  if (problems.length > 0) throw new AppStartError(problems.join('\n'));
  return routes;
}
