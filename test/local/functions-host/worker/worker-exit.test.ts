import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { restartPause } from '../../../../infra/local/functions-host/worker/worker-supervisor.ts';
import { startTestHost, type TestHost } from '../support/start-test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startTestHost(
    {
      'app.mjs': `import { app } from '@azure/functions';
        const forever = () => new Promise(() => setInterval(() => {}, 1000));
        app.http('hello', { handler: () => ({ body: 'hello from ' + process.env.name_of_app }) });
        app.http('rejects', { handler: () => { Promise.reject(new Error('nobody caught me')); return forever(); } });
        app.http('throws', { handler: () => { setTimeout(() => { throw new Error('thrown in a timer'); }, 1); return forever(); } });
        app.http('exits', { handler: () => { process.exit(7); } });
        app.http('exitsWell', { handler: () => { process.exit(0); } });
        app.http('waits', { handler: (request, context) => { context.log('waiting'); return forever(); } });
        app.http('loops', { handler: () => { for (;;); } });
        app.http('prints', { handler: () => { console.log('to stdout'); console.warn('warning'); console.error('fatal error'); return {}; } });`,
    },
    { environment: { name_of_app: 'the app', AzureFunctionsJobHost__functionTimeout: '00:00:02' } },
  );
});
afterAll(() => host.close());
beforeEach(() => {
  host.log.lines.length = 0;
});

async function expectHello(): Promise<void> {
  expect(await (await host.fetch('/api/hello')).text()).toBe('hello from the app');
}

function workerEnd(): Promise<{ message: string; [fact: string]: unknown }> {
  return host.log.line(
    'the end of the worker',
    ({ category, level }) => category === 'Host.Worker' && level === 'error',
  );
}

describe('a worker that ends by itself', () => {
  test('by an unhandled rejection: the host says whose it was, fails the run, and goes on', async () => {
    const response = await host.fetch('/api/rejects');
    expect(response.status).toBe(500);
    expect(await workerEnd()).toMatchObject({
      message:
        'The worker ended: node exited with code 1 (0x1): nobody caught me (unhandled rejection in function "rejects"). ' +
        'In flight were: rejects. It is started again.',
      culprit: 'rejects',
      inFlight: ['rejects'],
      stack: expect.stringContaining('app.mjs'),
    });
    await expectHello();
  });

  test('by an error in a timer callback', async () => {
    expect((await host.fetch('/api/throws')).status).toBe(500);
    expect((await workerEnd()).message).toContain(
      'thrown in a timer (uncaught exception in function "throws")',
    );
    await expectHello();
  });

  test('by process.exit', async () => {
    expect((await host.fetch('/api/exits')).status).toBe(500);
    expect((await workerEnd()).message).toContain('node exited with code 7 (0x7)');
    expect(host.log.runsOf('exits')).toMatchObject([{ outcome: 'failed', level: 'error' }]);
    await expectHello();
  });

  test('by process.exit(0)', async () => {
    expect((await host.fetch('/api/exitsWell')).status).toBe(500);
    await expectHello();
  });

  test('takes along what else was in flight, and names it', async () => {
    const waiting = host.fetch('/api/waits');
    await host.log.until('the other run', () => host.log.saidBy('waits').length > 0);
    await host.fetch('/api/exits');
    expect((await waiting).status).toBe(500);
    expect((await workerEnd()).inFlight).toEqual(expect.arrayContaining(['waits', 'exits']));
    await expectHello();
  });
});

describe('a function that runs over its time', () => {
  test('fails, and the worker is started again', async () => {
    expect((await host.fetch('/api/waits')).status).toBe(500);
    expect(host.log.runsOf('waits')).toMatchObject([
      {
        outcome: 'failed',
        message: expect.stringContaining(
          'Timeout value of 00:00:02 was exceeded by function: Functions.waits',
        ),
      },
    ]);
    expect((await workerEnd()).message).toMatch(/^The worker ended: Timeout value of 00:00:02 was exceeded/);
    await expectHello();
  });

  test('is stopped although it never lets go of the thread', async () => {
    expect((await host.fetch('/api/loops')).status).toBe(500);
    await expectHello();
  });
});

test('what the app prints goes into the log, errors by their words', async () => {
  await host.fetch('/api/prints');
  await host.log.until(
    'the prints',
    () => host.log.lines.filter(({ category }) => category === 'Host.Function.Console').length === 3,
  );
  const printed = host.log.lines.filter(({ category }) => category === 'Host.Function.Console');
  expect(new Set(printed.map(({ level, message }) => `${level} ${message}`))).toEqual(
    new Set(['information to stdout', 'warning warning', 'error fatal error']),
  );
});

test('workers that end before they ran anything are started again at once three times, then after pauses that grow', () => {
  expect([0, 1, 2, 3, 4, 5, 20].map(restartPause)).toEqual([0, 0, 0, 1000, 2000, 4000, 30_000]);
});
