import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MovableClock } from '../../../infra/local/clock.ts';
import { createControlApi } from '../../../infra/local/control/control-api.ts';
import { ControlClient } from '../../../infra/local/control/control-client.ts';
import { Faults } from '../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../infra/local/control/request-history.ts';
import { type HostProcess, runHostCommand, spawnHost } from './support/spawn-host.ts';
import { type AppFiles, writeApp } from './support/write-app.ts';

let dataFolder: string;
let cleanUps: (() => Promise<unknown>)[];

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'functions-data-'));
  cleanUps = [() => rm(dataFolder, { recursive: true, force: true })];
});
afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

async function app(files: AppFiles): Promise<string> {
  const { folder, remove } = await writeApp(files);
  cleanUps.push(remove);
  return folder;
}

async function start(folder: string, args: readonly string[] = []): Promise<HostProcess> {
  const host = await spawnHost(folder, dataFolder, args);
  cleanUps.push(() => host.end('SIGKILL'));
  return host;
}

const timerApp = {
  'app.mjs': `import { app } from '@azure/functions';
    app.timer('often', { schedule: '*/1 * * * * *', handler: () => {} });
    app.timer('yearly', { schedule: '0 0 0 1 1 *', handler: (timer, context) => context.log(String(timer.isPastDue)) });`,
};

describe('the command', () => {
  test('--help prints how it is used', async () => {
    const { code, stdout, stderr } = await runHostCommand(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const option of ['--script-root', '--port', '--data', '--redelivery-delay', '--log', '--control'])
      expect(stdout).toContain(option);
  });

  test('ends with 2 and one line for a mistake in what was asked', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => new Promise((resolve) => taken.close(resolve)));
    const port = String((taken.address() as AddressInfo).port);
    const folder = await app({ 'app.mjs': '' });
    const mistakes: [args: string[], message: RegExp][] = [
      [['--fast'], /^Unknown option '--fast'\. See --help\n$/],
      [
        ['--script-root', join(folder, 'gone'), '--port', '0', '--data', dataFolder],
        /^The script root .*gone is not a folder\n$/,
      ],
      [
        ['--script-root', folder, '--port', port, '--data', dataFolder],
        new RegExp(`^Port ${port} on 127.0.0.1, for the Functions host, is taken by another program\n$`),
      ],
      [
        ['--script-root', folder, '--port', '0', '--data', dataFolder, '--control', 'http://127.0.0.1:9'],
        /^No control API of the local cloud answers at http:\/\/127\.0\.0\.1:9.*\n$/,
      ],
    ];
    const results = await Promise.all(mistakes.map(([args]) => runHostCommand(args)));
    for (const [index, { code, stderr }] of results.entries()) {
      expect(stderr).toMatch(mistakes[index]?.[1] ?? /no/);
      expect(code).toBe(2);
    }
  });

  test('ends with 1 for an app that cannot be started, and names the file or the function', async () => {
    const args = ['--port', '0', '--data', dataFolder, '--script-root'];
    const broken = await app({ 'package.json': { main: 'app.js' }, 'app.js': 'const = 1;' });
    const unsupported = await app({
      'app.mjs': `import { app } from '@azure/functions'; app.storageQueue('old', { queueName: 'q', connection: 'S', handler: () => {} });`,
    });
    expect(await runHostCommand([...args, broken])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Worker was unable to load entry point "app\.js": .* \(.*app\.js:1\)\n$/,
      ),
    });
    expect(await runHostCommand([...args, unsupported])).toMatchObject({
      code: 1,
      stderr: "The 'old' function is in error: queueTrigger is not supported\n",
    });
  });

  test('ends with 0 at Ctrl-C, although a function never ends, and runs the appTerminate hooks', async () => {
    const folder = await app({
      'app.mjs': `import { app } from '@azure/functions';
        app.hook.appTerminate(() => { console.log('good-bye'); });
        app.http('waits', { handler: (request, context) => { context.log('began'); return new Promise(() => {}); } });`,
    });
    const host = await start(folder);
    const waiting = fetch(`${host.url}/api/waits`).catch(() => undefined);
    await host.log.until('the run', () => host.log.saidBy('waits').length > 0);
    expect(await host.end('SIGINT')).toBe(0);
    await waiting;
    await host.log.line('the good-bye', ({ message }) => message === 'good-bye');
  });

  test('writes lines without colours where there is no terminal', async () => {
    const folder = await app({ 'app.mjs': 'process.exit(0)' });
    const { stderr } = await runHostCommand(['--script-root', folder, '--port', '0', '--data', dataFolder]);
    expect(stderr).toContain('ended the worker while it was loading');
    expect(stderr).not.toContain('\u001b');
  });
});

test('the app finds its folder as the working directory, and its settings in the environment', async () => {
  const folder = await app({
    'app.mjs': `import { app } from '@azure/functions'; import { readFileSync } from 'node:fs';
      app.http('here', { handler: () => ({ jsonBody: [readFileSync('data.txt', 'utf8'), process.env.SETTING] }) });`,
    'data.txt': 'found',
    'local.settings.json': { Values: { SETTING: 'value' } },
  });
  const host = await start(folder);
  expect(await (await fetch(`${host.url}/api/here`)).json()).toEqual(['found', 'value']);
});

describe('a host that is killed with -9', () => {
  test('goes on from its data: the timer that it held fires in the next one at once', async () => {
    const folder = await app(timerApp);
    const first = await start(folder);
    await first.log.until('a run', () => first.log.runsOf('often').length > 0);
    await first.end('SIGKILL');
    const second = await start(folder);
    await second.log.until('a run', () => second.log.runsOf('often').length > 0);
  });

  test('leaves its timers to another host that shares its data', async () => {
    const folder = await app(timerApp);
    const first = await start(folder);
    await first.log.until('a run', () => first.log.runsOf('often').length > 0);
    const second = await start(folder);
    expect(second.log.runsOf('often')).toEqual([]);
    await first.end('SIGKILL');
    await second.log.until('a run', () => second.log.runsOf('often').length > 0);
  });
});

test('--control: timers of the process follow the local cloud’s clock', async () => {
  const clock = new MovableClock();
  const { listener, feed } = createControlApi({
    clock,
    faults: new Faults(),
    history: new RequestHistory(() => clock.now()),
    issuedPasswords: () => [],
    issuedLoginTokens: () => [],
    registrySettings: () => ({}),
    changeRegistrySettings: () => ({}),
    eventGridSettings: () => ({}),
    changeEventGridSettings: () => ({}),
    heldMessages: () => [],
    reset: async () => {},
  });
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(async () => {
    feed.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    clock.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = await app({
    'app.mjs': `import { app } from '@azure/functions';
      app.timer('yearly', { schedule: '0 0 0 1 1 *', handler: (timer, context) => context.log(timer.scheduleStatus.next.slice(0, 10)) });`,
  });
  const host = await start(folder, ['--control', url]);
  await new ControlClient(url).advance('P3Y');
  await host.log.until('three years', () => host.log.runsOf('yearly').length === 3);
  const years = host.log.saidBy('yearly').map((date) => Number(date.slice(0, 4)));
  expect(host.log.saidBy('yearly').every((date) => date.endsWith('-01-01'))).toBe(true);
  expect(years).toEqual([0, 1, 2].map((later) => (years[0] ?? 0) + later));
});
