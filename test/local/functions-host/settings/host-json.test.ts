import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { readHostJson } from '../../../../infra/local/functions-host/settings/host-json.ts';
import { writeApp } from '../support/write-app.ts';

describe('readHostJson', () => {
  let remove: (() => Promise<void>) | undefined;
  afterEach(() => remove?.());

  async function read(hostJson: string | object, environment: Record<string, string> = {}) {
    const app = await writeApp({ 'host.json': hostJson });
    remove = app.remove;
    return await readHostJson(app.folder, environment);
  }

  test('has the real host’s defaults', async () => {
    expect(await read({ version: '2.0' })).toEqual({
      version: '2.0',
      functionTimeout: 30 * 60_000,
      logging: { logLevel: {} },
      extensions: {
        http: { routePrefix: 'api' },
        serviceBus: {
          autoCompleteMessages: true,
          maxConcurrentCalls: 16 * availableParallelism(),
          maxAutoLockRenewalDuration: 5 * 60_000,
          prefetchCount: 0,
          maxMessageBatchSize: 1000,
        },
        durableTask: {},
      },
    });
  });

  test('reads numbers and flags that are written as texts, as .NET configuration does', async () => {
    const serviceBus = { maxConcurrentCalls: '4', autoCompleteMessages: 'false' };
    const { extensions } = await read({ version: '2.0', extensions: { serviceBus } });
    expect(extensions.serviceBus).toMatchObject({ maxConcurrentCalls: 4, autoCompleteMessages: false });
  });

  test('renews locks for ever when their duration is -00:00:00.0010000', async () => {
    const serviceBus = { maxAutoLockRenewalDuration: '-00:00:00.0010000' };
    const { extensions } = await read({ version: '2.0', extensions: { serviceBus } });
    expect(extensions.serviceBus.maxAutoLockRenewalDuration).toBe(Infinity);
  });

  test('has no function timeout to speak of for -1', async () => {
    expect((await read({ version: '2.0', functionTimeout: '-1' })).functionTimeout).toBeGreaterThan(1e9);
  });

  test('lets AzureFunctionsJobHost__ variables override settings, without regard to case', async () => {
    const hostJson = { version: '2.0', extensions: { http: { routePrefix: 'file' } } };
    const { extensions, logging } = await read(hostJson, {
      AzureFunctionsJobHost__Extensions__HTTP__RoutePrefix: 'variable',
      AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
    });
    expect(extensions.http.routePrefix).toBe('variable');
    expect(logging.logLevel).toEqual({ default: 'warning' });
  });

  test('hands the settings of durable functions through', async () => {
    const durableTask = { hubName: 'Hub', maxConcurrentActivityFunctions: 3 };
    expect((await read({ version: '2.0', extensions: { durableTask } })).extensions.durableTask).toEqual(
      durableTask,
    );
  });

  for (const [what, hostJson, message] of [
    ['is not JSON', '{', /Unable to parse host configuration file '.*host\.json'/],
    ['has no version', {}, /host\.json: version: the 'version' property must be '2\.0'/],
    ['has another version', { version: '3.0' }, /the 'version' property must be '2\.0'/],
    [
      'times functions out within a second',
      { version: '2.0', functionTimeout: '00:00:00.5' },
      /must be greater than 00:00:01/,
    ],
    ['has a time span that is none', { version: '2.0', functionTimeout: '5m' }, /"5m" is not a time span/],
    [
      'asks for batches of a minimum size',
      { version: '2.0', extensions: { serviceBus: { minMessageBatchSize: 2 } } },
      /minMessageBatchSize: batches of a minimum size are not supported/,
    ],
    [
      'asks for web sockets',
      { version: '2.0', extensions: { serviceBus: { transportType: 'amqpWebSockets' } } },
      /transportType: only amqpTcp is supported/,
    ],
    ['has a custom handler', { version: '2.0', customHandler: {} }, /custom handlers are not supported/],
  ] as const)
    test(`refuses a file that ${what}`, async () => {
      await expect(read(hostJson)).rejects.toThrow(message);
    });
});
