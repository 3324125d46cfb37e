import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startTestHost } from '../support/start-test-host.ts';

/** What a start with this app fails with. */
async function refusal(
  code: string,
  environment: Record<string, string> = {},
  hostJson: object = { version: '2.0' },
): Promise<string> {
  const starting = startTestHost(
    { 'app.mjs': `import { app, input, output } from '@azure/functions';\n${code}`, 'host.json': hostJson },
    { environment },
  );
  return await starting.then(
    async (host) => {
      await host.close();
      return 'it started';
    },
    (error: Error) => error.message,
  );
}

describe('a host does not start', () => {
  const table: Record<string, [code: string, message: RegExp]> = {
    'with a storage queue function': [
      `app.storageQueue('old', { queueName: 'q', connection: 'S', handler: () => {} });`,
      /^The 'old' function is in error: queueTrigger is not supported$/,
    ],
    'with an entity': [
      `const df = await import('durable-functions'); df.app.entity('counter', () => {});`,
      /^The 'counter' function is in error: entityTrigger is not supported$/,
    ],
    'with HTTP streaming': [
      `app.setup({ enableHttpStream: true }); app.http('web', { handler: () => ({}) });`,
      /HTTP streaming \(app\.setup\), which is not supported/,
    ],
    'with the SDK binding': [
      `app.serviceBusQueue('sdk', { queueName: 'q', connection: 'Bus', sdkBinding: true, handler: () => {} });`,
      /^The 'sdk' function is in error: serviceBusTrigger: sdkBinding is not supported$/,
    ],
    'without the setting of a connection': [
      `app.serviceBusQueue('intake', { queueName: 'q', connection: 'Bus', handler: () => {} });`,
      /^The 'intake' function is in error: Service Bus account connection string 'Bus' does not exist/,
    ],
    'without the setting of an output’s connection': [
      `app.http('web', { extraOutputs: [output.serviceBusQueue({ queueName: 'q', connection: 'Out' })], handler: () => ({}) });`,
      /^The 'web' function is in error: Service Bus account connection string 'Out' does not exist/,
    ],
    'with a route constraint that is unknown': [
      `app.http('web', { route: 'a/{b:color}', handler: () => ({}) });`,
      /^The 'web' function is in error: route "a\/\{b:color\}": the route constraint "color" is not known$/,
    ],
    'with a durable client of another task hub': [
      `const df = await import('durable-functions');
       app.http('web', { extraInputs: [{ type: 'durableClient', name: 'client', taskHub: 'Other' }], handler: () => ({}) }); df;`,
      /^The 'web' function is in error: durableClient: taskHub "Other" is not the host's task hub "TestHubName"$/,
    ],
    'with a syntax error, and names the file': [
      'const = 1;',
      /Worker was unable to load entry point "app\.mjs": /,
    ],
  };
  for (const [what, [code, message]] of Object.entries(table))
    test(what, async () => expect(await refusal(code)).toMatch(message));

  test('with another language', async () => {
    expect(await refusal('', { FUNCTIONS_WORKER_RUNTIME: 'python' })).toBe(
      'FUNCTIONS_WORKER_RUNTIME is python; only node is supported',
    );
  });

  test('with a wrong setting of durable functions', async () => {
    const hostJson = { version: '2.0', extensions: { durableTask: { hubName: 'a b' } } };
    expect(await refusal('', {}, hostJson)).toMatch(/^host\.json: extensions\.durableTask\.hubName: /);
  });
});

test('a host does not start with functions of the programming model v3', async () => {
  const starting = startTestHost({
    'package.json': {},
    'old/function.json': { bindings: [] },
    'old/index.js': '',
  });
  await expect(starting).rejects.toThrow(
    /^The 'old' function is in error: function\.json \(programming model v3\) is not supported$/,
  );
});

test('a host does not start when its data folder is a file', async () => {
  const dataFolder = fileURLToPath(import.meta.url);
  await expect(startTestHost({ 'app.mjs': '' }, { dataFolder })).rejects.toThrow(
    /^The data folder .* cannot be used: EEXIST/,
  );
});

test('a host without functions runs, and says so', async () => {
  const host = await startTestHost({ 'package.json': {} });
  const line = await host.log.line('the warning', ({ message }) => message === 'No job functions found.');
  expect(line.level).toBe('warning');
  expect((await host.fetch('/api/anything')).status).toBe(404);
  await host.close();
});
