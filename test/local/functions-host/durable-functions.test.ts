import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { MovableClock } from '../../../infra/local/clock.ts';
import { startTestHost, type TestHost, type TestHostOptions } from './support/start-test-host.ts';

let host: TestHost | undefined;
afterEach(async () => {
  await host?.close();
  host = undefined;
});

const starter = `
  app.http('start', { route: 'start/{name}', extraInputs: [df.input.durableClient()], handler: async (request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew(request.params.name, { input: await request.json() });
    return client.createCheckStatusResponse(request, id); } });`;

async function start(
  code: string,
  options: TestHostOptions = {},
  hostJson: object = { version: '2.0' },
): Promise<TestHost> {
  const files = {
    'app.mjs': `import { app } from '@azure/functions'; import * as df from 'durable-functions';\n${starter}\n${code}`,
    'host.json': hostJson,
  };
  host = await startTestHost(files, options);
  return host;
}

interface Status {
  runtimeStatus: string;
  output: unknown;
}

interface Links {
  id: string;
  statusQueryGetUri: string;
  terminatePostUri: string;
}

async function startOrchestration(host: TestHost, name: string, input: unknown = {}): Promise<Links> {
  const response = await host.fetch(`/api/start/${name}`, { method: 'POST', body: JSON.stringify(input) });
  expect(response.status).toBe(202);
  return (await response.json()) as Links;
}

async function status({ statusQueryGetUri }: Links): Promise<Status> {
  return (await (await fetch(statusQueryGetUri)).json()) as Status;
}

/** The status when the orchestration has ended. */
async function ended(links: Links): Promise<Status> {
  let last: Status = { runtimeStatus: 'Pending', output: undefined };
  await expect
    .poll(
      async () => {
        last = await status(links);
        return last.runtimeStatus;
      },
      { timeout: 15_000, interval: 20 },
    )
    .not.toMatch(/Running|Pending/);
  return last;
}

describe('durable functions', () => {
  test('run: client, orchestrator and activities, with their inputs and metadata', async () => {
    const host = await start(`
      df.app.activity('double', { handler: (input, context) => ({ twice: input.n * 2, instance: context.triggerMetadata.instanceId, data: context.triggerMetadata.data }) });
      df.app.orchestration('chain', function* (context) {
        const first = yield context.df.callActivity('DOUBLE', { n: context.df.getInput().n });
        return [first, yield context.df.callActivity('double', { n: first.twice })]; });`);
    const links = await startOrchestration(host, 'chain', { n: 3 });
    expect(await ended(links)).toMatchObject({
      runtimeStatus: 'Completed',
      output: [
        { twice: 6, instance: links.id, data: { n: 3 } },
        { twice: 12, instance: links.id },
      ],
    });
    expect(host.log.runsOf('double').map(({ trigger }) => trigger)).toEqual([
      `orchestration ${links.id}, task 0`,
      `orchestration ${links.id}, task 1`,
    ]);
  });

  test('have links that lead to this host, at the name in WEBSITE_HOSTNAME', async () => {
    const host = await start(`df.app.orchestration('nothing', function* () {});`);
    const links = await startOrchestration(host, 'nothing');
    expect(links.statusQueryGetUri).toContain(
      `http://127.0.0.1:${host.port}/runtime/webhooks/durabletask/instances/`,
    );
    expect(links.statusQueryGetUri).toContain(`code=${host.keys.durabletask}`);
    expect(host.environment.WEBSITE_HOSTNAME).toBe(`localhost:${host.port}`);
    await ended(links);
  });

  test('use the task hub of host.json, which may be a setting', async () => {
    const host = await start(
      `df.app.orchestration('nothing', function* () {});`,
      { environment: { HUB: 'HubOfTest' } },
      { version: '2.0', extensions: { durableTask: { hubName: '%HUB%' } } },
    );
    expect((await startOrchestration(host, 'nothing')).statusQueryGetUri).toContain('taskHub=HubOfTest');
  });

  test('follow the clock: a timer of thirty days is over when it has moved', async () => {
    const clock = new MovableClock();
    const host = await start(
      `df.app.orchestration('sleeps', function* (context) {
        for (let week = 0; week < 5; week++) yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5 * 86_400_000));
        return 'awake'; });`,
      { clock },
    );
    const links = await startOrchestration(host, 'sleeps');
    await host.log.until('the first episode', () => host.log.runsOf('sleeps').length > 0);
    expect((await status(links)).runtimeStatus).toBe('Running');
    await clock.advance(30 * 86_400_000);
    expect(await ended(links)).toMatchObject({ runtimeStatus: 'Completed', output: 'awake' });
    clock.close();
  });
});

describe('a worker that exits while the host lives', () => {
  test('TRAP: fails the orchestrations whose episodes were in flight', async () => {
    const host = await start(`df.app.orchestration('exits', function* () { process.exit(1); });`);
    expect(await ended(await startOrchestration(host, 'exits'))).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('node exited with code 1 (0x1)'),
    });
  });

  test('gives its activities back as failed', async () => {
    const host = await start(`
      df.app.activity('exits', { handler: () => process.exit(1) });
      df.app.activity('answers', { handler: () => 'compensated' });
      df.app.orchestration('compensates', function* (context) {
        try { return yield context.df.callActivity('exits'); } catch (error) { return [error.message.includes('node exited with code 1'), yield context.df.callActivity('answers')]; } });`);
    expect(await ended(await startOrchestration(host, 'compensates'))).toMatchObject({
      runtimeStatus: 'Completed',
      output: [true, 'compensated'],
    });
  });

  test('as against a host that stops: the work is done by the next host', async () => {
    const code = `
      df.app.activity('waits', { handler: () => process.env.HOST === 'second' ? 'done by the second' : new Promise(() => setInterval(() => {}, 1000)) });
      df.app.orchestration('survives', function* (context) { return yield context.df.callActivity('waits'); });`;
    const dataFolder = await mkdtemp(join(tmpdir(), 'functions-data-'));
    const first = await start(code, { dataFolder, environment: { HOST: 'first' } });
    const { id } = await startOrchestration(first, 'survives');
    await first.log.until('the orchestrator’s first episode', () => first.log.runsOf('survives').length > 0);
    await first.close();
    const second = await start(code, { dataFolder, environment: { HOST: 'second' } });
    const statusQueryGetUri = `http://127.0.0.1:${second.port}/runtime/webhooks/durabletask/instances/${id}?code=${second.keys.durabletask}`;
    const links = { id, statusQueryGetUri, terminatePostUri: '' };
    expect(await ended(links)).toMatchObject({ runtimeStatus: 'Completed', output: 'done by the second' });
    await second.close();
    host = undefined;
    await rm(dataFolder, { recursive: true });
  });
});

test('an orchestrator’s failure is told in its own words in the log', async () => {
  const host = await start(
    `df.app.orchestration('fails', function* () { throw new Error('out of stock'); });`,
  );
  expect((await ended(await startOrchestration(host, 'fails'))).runtimeStatus).toBe('Failed');
  expect(host.log.runsOf('fails')[0]).toMatchObject({
    outcome: 'failed',
    message: expect.stringMatching(/: out of stock$/),
  });
});

test('TRAP 1 is reported: a task that several Task.any wait for', async () => {
  const host = await start(`
    df.app.activity('answers', { handler: () => 1 });
    df.app.orchestration('reuses', function* (context) {
      const slow = context.df.waitForExternalEvent('never');
      yield context.df.Task.any([slow, context.df.callActivity('answers')]);
      yield context.df.Task.any([slow, context.df.callActivity('answers')]); });
    df.app.orchestration('doesNot', function* (context) {
      yield context.df.Task.all([context.df.callActivity('answers'), context.df.callActivity('answers')]); });`);
  await startOrchestration(host, 'reuses');
  await ended(await startOrchestration(host, 'doesNot'));
  const line = await host.log.line('the warning', ({ message }) =>
    message.includes('more than one Task.any'),
  );
  expect(line).toMatchObject({ level: 'warning', functionName: 'reuses' });
  expect(host.log.lines.filter(({ message }) => message === line.message)).toHaveLength(1);
});
