import { type InvocationContext as Context, InvocationContext } from '@azure/functions';
import { serve } from '@hono/node-server';
import type { DurableClient } from 'durable-functions';
import { onTestFinished } from 'vitest';
import { durableHttpApi } from '../../../../../infra/local/functions-host/durable/client/http-api.ts';
import { durableClientInput } from '../../../../../infra/local/functions-host/durable/client/management-urls.ts';
import { df } from './programming-model.ts';
import type { TestHub } from './test-hub.ts';

export const key = 'system/key=';

/** Serves the hub's HTTP API on a free port and returns its origin. */
export async function serveApi(hub: TestHub): Promise<string> {
  const { fetch } = durableHttpApi(hub.engine, { key });
  const origin = await new Promise<string>((resolve) => {
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
    onTestFinished(() => new Promise<void>((done) => void server.close(() => done())));
  });
  return origin;
}

/** The library's real client, bound to the hub as a function's `durableClient` input would bind it. */
export async function clientOf(hub: TestHub, origin?: string): Promise<DurableClient> {
  process.env.WEBSITE_HOSTNAME = 'localhost';
  const base = origin ?? (await serveApi(hub));
  const urls = { origin: base, rpcBaseUrl: `${base}/durabletask/` };
  const input = df.input.durableClient();
  const context: Context = new InvocationContext({ options: { extraInputs: [input] } });
  context.extraInputs.set(input, JSON.parse(durableClientInput(urls, hub.engine.taskHubName, key)));
  return df.getClient(context);
}
