import { setTimeout as wait } from 'node:timers/promises';
import type { DurableEngine } from '../engine/durable-engine.ts';
import { isFinished } from '../instance-record.ts';
import { emptyAnswer, errorAnswer, exceptionAnswer, jsonAnswer } from './answers.ts';
import { type ApiRequest, apiRequest } from './api-request.ts';
import { historyDocument } from './history-document.ts';
import type { DurableHttpApiOptions } from './http-api.ts';
import { checkStatusLinks } from './management-urls.ts';
import { booleanOf, filterOf, instantOf, integerOf, secondsOf } from './query.ts';
import { jsonValue, statusDocument } from './status-document.ts';

const continuationHeader = 'x-ms-continuation-token';

/** Answers the paths below the HTTP API's base as the extension's `HttpApiHandler` does. */
export class InstanceRoutes {
  readonly #engine: DurableEngine;
  readonly #options: DurableHttpApiOptions;

  constructor(engine: DurableEngine, options: DurableHttpApiOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  async answer(raw: Request, base: string): Promise<Response> {
    const request = apiRequest(raw, base);
    if (!request) return emptyAnswer(404);
    const [controller = ''] = request.segments;
    const hub = request.query('taskHub')?.trim();
    if (hub && hub.toLowerCase() !== this.#engine.taskHubName.toLowerCase())
      return errorAnswer(501, `This host serves the task hub ${this.#engine.taskHubName} only`);
    switch (controller.toLowerCase()) {
      case 'orchestrators':
        return this.#orchestrators(request);
      case 'instances':
        return this.#instances(request);
      case 'entities':
        return errorAnswer(501, 'Durable entities are not supported by this host');
      default:
        return emptyAnswer(404);
    }
  }

  async #orchestrators(request: ApiRequest): Promise<Response> {
    const [, name, id, ...more] = request.segments;
    if (request.method !== 'POST' || name === undefined || more.length > 0) return emptyAnswer(404);
    const body = await request.body();
    const input = parsed(body);
    if (body !== '' && !input) return invalidJson();
    const value = input?.value ?? null;
    const started = this.#engine.operations.start(name, id, value === null ? null : JSON.stringify(value));
    return this.#started(request, started);
  }

  async #instances(request: ApiRequest): Promise<Response> {
    const [, id, operation, eventName, ...more] = request.segments;
    const { method } = request;
    if (more.length > 0) return emptyAnswer(404);
    if (id === undefined) {
      if (method === 'GET') return this.#list(request);
      return method === 'DELETE' ? this.#purgeAll(request) : emptyAnswer(404);
    }
    if (operation === undefined) {
      if (method === 'GET') return this.#status(request, id);
      return method === 'DELETE' ? this.#purge(id) : emptyAnswer(404);
    }
    if (method !== 'POST') return emptyAnswer(404);
    const action = operation.toLowerCase();
    if (eventName !== undefined)
      return action === 'raiseevent' ? this.#raiseEvent(request, id, eventName) : emptyAnswer(404);
    return this.#operate(request, id, action);
  }

  #status(request: ApiRequest, id: string): Response {
    const { query } = request;
    const instance = this.#engine.operations.get(id);
    if (!instance) return emptyAnswer(404);
    const showInput = booleanOf(query('showInput'), true);
    const showHistory = booleanOf(query('showHistory'), false) && instance.status !== 'Pending';
    const view = { showInput, showOutput: booleanOf(query('showHistoryOutput'), false) };
    const history = showHistory ? historyDocument(this.#engine.operations.history(id), view) : undefined;
    const document = statusDocument(instance, showInput, history);
    if (!isFinished(instance.status))
      return jsonAnswer(202, document, { location: request.url.href, 'retry-after': '5' });
    const failureIsError = booleanOf(query('returnInternalServerErrorOnFailure'), false);
    return jsonAnswer(instance.status === 'Failed' && failureIsError ? 500 : 200, document);
  }

  #list({ query, url, headers }: ApiRequest): Response {
    const filter = filterOf(query, url.searchParams.getAll('runtimeStatus'));
    const token = headers.get(continuationHeader) ?? '';
    const after = Buffer.from(token, 'base64url').toString();
    const top = integerOf(query('top'));
    const { instances, continuation } = this.#engine.operations.list(
      filter,
      after,
      top !== undefined && top > 0 ? top : undefined,
    );
    const showInput = booleanOf(query('showInput'), true);
    return jsonAnswer(
      200,
      instances.map((instance) => statusDocument(instance, showInput)),
      {
        [continuationHeader]:
          continuation === undefined ? '' : Buffer.from(continuation).toString('base64url'),
      },
    );
  }

  #purge(id: string): Response {
    return this.#engine.operations.purge(id) ? jsonAnswer(200, { instancesDeleted: 1 }) : emptyAnswer(404);
  }

  #purgeAll({ query, url }: ApiRequest): Response {
    if (!instantOf(query('createdTimeFrom')))
      return jsonAnswer(400, "Please provide value for 'createdTimeFrom' parameter.");
    const { idPrefix: _, ...filter } = filterOf(query, url.searchParams.getAll('runtimeStatus'));
    const instancesDeleted = this.#engine.operations.purgeAll(filter);
    return instancesDeleted === 0 ? emptyAnswer(404) : jsonAnswer(200, { instancesDeleted });
  }

  async #raiseEvent(request: ApiRequest, id: string, name: string): Promise<Response> {
    const missing = this.#goneOrMissing(id);
    if (missing) return missing;
    const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (mediaType !== 'application/json')
      return errorAnswer(400, 'Only application/json request content is supported');
    const data = parsed(await request.body());
    if (!data) return invalidJson();
    this.#engine.operations.raiseEvent(id, name, JSON.stringify(data.value));
    return emptyAnswer(202);
  }

  async #operate(request: ApiRequest, id: string, action: string): Promise<Response> {
    const { operations } = this.#engine;
    const reason = request.query('reason') ?? null;
    switch (action) {
      case 'terminate':
      case 'suspend':
      case 'resume': {
        const missing = this.#goneOrMissing(id);
        if (missing) return missing;
        operations[action](id, reason);
        return emptyAnswer(202);
      }
      case 'restart': {
        const withNewId = booleanOf(request.query('restartWithNewInstanceId'), true);
        return this.#started(request, operations.restart(id, withNewId));
      }
      case 'rewind':
        return jsonAnswer(501, 'The rewind operation is not supported by this host.');
      default:
        return emptyAnswer(404);
    }
  }

  #goneOrMissing(id: string): Response | undefined {
    const instance = this.#engine.operations.get(id);
    if (!instance) return emptyAnswer(404);
    return isFinished(instance.status) ? emptyAnswer(410) : undefined;
  }

  /** The links of a started instance; or its outcome, when the caller asked to wait for it and it came in time. */
  async #started(request: ApiRequest, id: string): Promise<Response> {
    const timeout = secondsOf(request.query('timeout'));
    const pause = secondsOf(request.query('pollingInterval'));
    if (timeout !== undefined && pause !== undefined) {
      const outcome = await this.#outcome(request, id, timeout, pause);
      if (outcome) return outcome;
    }
    const links = checkStatusLinks(id, {
      origin: request.url.origin,
      taskHubName: this.#engine.taskHubName,
      ...this.#options,
    });
    return jsonAnswer(202, links, { location: links.statusQueryGetUri ?? '', 'retry-after': '10' });
  }

  async #outcome(
    request: ApiRequest,
    id: string,
    timeout: number,
    pause: number,
  ): Promise<Response | undefined> {
    const end = performance.now() + timeout;
    for (;;) {
      const instance = this.#engine.operations.get(id);
      if (instance?.status === 'Completed') return jsonAnswer(200, jsonValue(instance.output));
      if (instance && isFinished(instance.status)) return this.#status(request, id);
      const left = end - performance.now();
      if (left <= 0) return undefined;
      await wait(Math.min(left, pause));
    }
  }
}

function parsed(body: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}

function invalidJson(): Response {
  return exceptionAnswer(
    400,
    'Invalid JSON content',
    'Newtonsoft.Json.JsonReaderException',
    'The body is no JSON text.',
  );
}
