import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import type { HttpQuestion } from '../src/http/http-answer.ts';
import { type HttpRoute, httpRoutes } from '../src/http/http-routes.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';

const { authentication } = application.configuration.http;

if (authentication !== 'off') for (const route of httpRoutes) registerRoute(route);

/** Where App Service Authentication is on, the platform has authenticated the caller, who then needs no key. */
function registerRoute({ functionName, route, answer }: HttpRoute): void {
  app.http(functionName, {
    methods: ['GET'],
    route,
    authLevel: authentication === 'functionKey' ? 'function' : 'anonymous',
    handler: async (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> => {
      const report = (trouble: object) => logRecord(context, 'warn', { record: 'trouble', ...trouble });
      const { status, headers, body } = await answer(questionOf(request), application.http(report));
      return { status, headers, body: JSON.stringify(body) };
    },
  });
}

function questionOf({ params, query, headers }: HttpRequest): HttpQuestion {
  return { parameters: params, query, header: (name) => headers.get(name) ?? undefined };
}
