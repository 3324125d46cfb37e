import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import * as df from 'durable-functions';

/** Async HTTP API: starts an orchestration and answers at once with 202 and where to ask how it goes. */
app.http('startOrchestration', {
  route: 'orchestrators/{name}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = request.query.get('instanceId');
    const started = await client.startNew(request.params.name ?? '', {
      ...(instanceId === null ? {} : { instanceId }),
      input: await request.json(),
    });
    return client.createCheckStatusResponse(request, started);
  },
});

/** As above, but waits a little: whoever is quick gets the outcome itself. */
app.http('waitForOrchestration', {
  route: 'orchestrations/{id}/outcome',
  methods: ['GET'],
  extraInputs: [df.input.durableClient()],
  handler: (request, context) => {
    const timeoutInMilliseconds = Number(request.query.get('timeout') ?? '5000');
    return df
      .getClient(context)
      .waitForCompletionOrCreateCheckStatusResponse(request, request.params.id ?? '', {
        timeoutInMilliseconds,
        retryIntervalInMilliseconds: 100,
      });
  },
});

/** An API of the app's own that hides Durable Functions: a manager decides on an expense. */
app.http('decideExpense', {
  route: 'expenses/{id}/decision',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context): Promise<HttpResponseInit> => {
    const client = df.getClient(context);
    const id = request.params.id ?? '';
    const decision = await decisionIn(request);
    if (!decision) return { status: 400, jsonBody: { error: 'approved must be true or false' } };
    const status = await client.getStatus(id).catch(() => undefined);
    if (!status) return { status: 404, jsonBody: { error: `There is no expense ${id}` } };
    if (status.runtimeStatus !== df.OrchestrationRuntimeStatus.Running)
      return { status: 409, jsonBody: { error: `Expense ${id} is decided` } };
    await client.raiseEvent(id, 'decision', decision);
    return { status: 202, jsonBody: { id } };
  },
});

async function decisionIn(request: HttpRequest): Promise<{ approved: boolean } | undefined> {
  const body: unknown = await request.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null || !('approved' in body)) return undefined;
  return typeof body.approved === 'boolean' ? { approved: body.approved } : undefined;
}
