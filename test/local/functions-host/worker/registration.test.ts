import { afterEach, describe, expect, test } from 'vitest';
import { startTestWorker, type TestWorker } from '../support/start-test-worker.ts';
import type { AppFiles } from '../support/write-app.ts';

let worker: TestWorker | undefined;
afterEach(async () => {
  await worker?.close();
  worker = undefined;
});

async function start(files: AppFiles, environment?: Record<string, string>): Promise<TestWorker> {
  worker = await startTestWorker(files, environment);
  return worker;
}

const timerApp = `app.timer('tick', { schedule: '0 0 * * * *', handler: () => 'ticked' });`;

describe('loading an app', () => {
  const forms: Record<string, AppFiles> = {
    'an ES module by its name (.mjs)': { 'app.mjs': `import { app } from '@azure/functions'; ${timerApp}` },
    'an ES module by the package’s type': {
      'package.json': { main: 'app.js', type: 'module' },
      'app.js': `import { app } from '@azure/functions'; ${timerApp}`,
    },
    'a CommonJS module by its name (.cjs), whatever the package’s type': {
      'package.json': { main: 'app.cjs', type: 'module' },
      'app.cjs': `const { app } = require('@azure/functions'); ${timerApp}`,
    },
    'a CommonJS module without a type': {
      'package.json': { main: 'app.js' },
      'app.js': `const { app } = require('@azure/functions'); ${timerApp}`,
    },
    'an ES module that imports CommonJS that registers': {
      'app.mjs': `import './inner.cjs';`,
      'inner.cjs': `const { app } = require('@azure/functions'); ${timerApp}`,
    },
    'a folder that main names': {
      'package.json': { main: 'dist' },
      'dist/app.cjs': `const { app } = require('@azure/functions'); ${timerApp}`,
    },
  };
  for (const [what, files] of Object.entries(forms))
    test(`takes ${what}`, async () => {
      const { worker, returnValue } = await start(files);
      expect(worker.functions.map(({ name }) => name)).toEqual(['tick']);
      expect(await returnValue('tick', { json: '{}' })).toEqual({ string: 'ticked' });
    });

  test('loads every file that the pattern of main matches, in the order of their names', async () => {
    const file = (name: string) => `import { app } from '@azure/functions';
      globalThis.order = [...(globalThis.order ?? []), '${name}'];
      app.timer('${name}', { schedule: '0 0 * * * *', handler: () => globalThis.order.join() });`;
    const { worker, returnValue } = await start({
      'package.json': { main: 'functions/{b,a}*.mjs' },
      'functions/b.mjs': file('b'),
      'functions/a1.mjs': file('a1'),
      'functions/c.mjs': file('c'),
    });
    expect(worker.functions.map(({ name, scriptFile }) => [name, scriptFile])).toEqual([
      ['a1', 'functions/a1.mjs'],
      ['b', 'functions/b.mjs'],
    ]);
    expect(await returnValue('b', { json: '{}' })).toEqual({ string: 'a1,b' });
  });

  test('gives the app its environment, and nothing of the host’s', async () => {
    const { returnValue } = await start(
      {
        'app.mjs': `import { app } from '@azure/functions';
          app.timer('env', { schedule: '0 0 * * * *', handler: () => [process.env.SETTING, process.env.VITEST ?? null] });`,
      },
      { SETTING: 'value' },
    );
    expect(await returnValue('env', { json: '{}' })).toEqual({ json: '["value",null]' });
  });

  test('says so when package.json names no main, and has no functions then', async () => {
    const { worker, logs } = await start({ 'package.json': {} });
    expect(worker.functions).toEqual([]);
    expect(logs.map(({ message }) => message)).toEqual([
      'package.json has no "main": there is nothing to load',
    ]);
  });

  test('says so when there is no package.json that can be read', async () => {
    const { logs } = await start({ 'package.json': '{' });
    expect(logs[0]?.message).toMatch(/Worker failed to load package\.json: file content is not valid JSON/);
  });
});

describe('registering', () => {
  test('hands every option on, with the type, the direction and the deferred-binding flag', async () => {
    const { worker } = await start({
      'app.mjs': `import { app, output } from '@azure/functions';
        app.serviceBusQueue('intake', {
          queueName: 'orders', connection: 'Bus', dataType: 'binary',
          return: output.serviceBusTopic({ topicName: 'events', connection: 'Bus' }),
          retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { milliseconds: 1600 } },
          handler: () => {},
        });`,
    });
    const [intake] = worker.functions;
    const trigger = Object.values(intake?.bindings ?? {}).find(({ type }) => type === 'serviceBusTrigger');
    expect(trigger).toMatchObject({
      queueName: 'orders',
      connection: 'Bus',
      dataType: 'binary',
      direction: 'in',
      properties: { supportsDeferredBinding: 'false' },
    });
    expect(trigger?.name).toMatch(/^serviceBusTrigger[0-9a-f]{10}$/);
    expect(intake?.bindings.$return).toMatchObject({
      type: 'serviceBus',
      direction: 'out',
      topicName: 'events',
    });
    expect(intake?.retryOptions).toMatchObject({
      retryStrategy: 'fixedDelay',
      maxRetryCount: 2,
      delayInterval: { seconds: 2 },
    });
  });

  test('is over when the app has started', async () => {
    const { invoke } = await start({
      'app.mjs': `import { app } from '@azure/functions';
        const late = () => app.timer('late', { schedule: '0 0 * * * *', handler: () => {} });
        app.timer('tick', { schedule: '0 0 * * * *', handler: late });`,
    });
    expect(await invoke('tick', { json: '{}' })).toMatchObject({
      kind: 'threw',
      message: 'A function can only be registered during app startup.',
    });
  });

  test('is over for app.setup, too', async () => {
    const { invoke } = await start({
      'app.mjs': `import { app } from '@azure/functions';
        app.timer('tick', { schedule: '0 0 * * * *', handler: () => app.setup({ capabilities: { a: 1 } }) });`,
    });
    expect(await invoke('tick', { json: '{}' })).toMatchObject({
      kind: 'threw',
      message: "Setup options can't be changed after app startup has finished.",
    });
  });

  test('offers the members of the worker’s interface, and no direct ES import of it', async () => {
    const { returnValue } = await start({
      'app.mjs': `import { app } from '@azure/functions'; import { createRequire } from 'node:module';
        const core = createRequire(import.meta.url)('@azure/functions-core');
        const direct = await import('@azure/functions-core').catch((error) => error.code);
        const unknownHook = (() => { try { core.registerHook('x', () => {}); } catch (error) { return [error.name, error.isAzureFunctionsSystemError]; } })();
        app.timer('tick', { schedule: '0 0 * * * *', handler: () => ({
          members: Object.keys(core).sort(), hostVersion: core.hostVersion, model: core.getProgrammingModel().name, direct, unknownHook }) });`,
    });
    const value = await returnValue('tick', { json: '{}' });
    expect(JSON.parse(value?.json ?? '')).toEqual({
      members: [
        'Disposable',
        'getProgrammingModel',
        'hostVersion',
        'log',
        'registerFunction',
        'registerHook',
        'setProgrammingModel',
        'version',
      ],
      hostVersion: '4.0.0',
      model: '@azure/functions',
      direct: 'ERR_MODULE_NOT_FOUND',
      unknownHook: ['RangeError', true],
    });
  });
});
