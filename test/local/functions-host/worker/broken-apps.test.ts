import { readFile } from 'node:fs/promises';
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

describe('a broken app names its file at start', () => {
  const broken: Record<string, [files: AppFiles, message: RegExp]> = {
    'a main that is not there': [
      { 'package.json': { main: 'gone.js' } },
      /Worker was unable to load entry point "gone\.js": File does not exist$/,
    ],
    'no index.js, with the real worker’s hint': [
      { 'package.json': { main: 'index.js' } },
      /entry point "index\.js": File does not exist\. Learn more here: https:\/\/aka\.ms\/AAla7et/,
    ],
    'a pattern without match': [
      { 'package.json': { main: 'dist/*.js' } },
      /entry point "dist\/\*\.js": Found zero files matching the supplied pattern/,
    ],
    'a syntax error in CommonJS, with its line': [
      { 'package.json': { main: 'app.js' }, 'app.js': 'const ok = 1;\nconst = 2;' },
      /entry point "app\.js": .*Unexpected token '=' \(.*app\.js:2\)/,
    ],
    'a syntax error in an ES module': [
      { 'app.mjs': 'const = 2;' },
      /entry point "app\.mjs": .*Unexpected token '='/,
    ],
    'a module that is not there': [
      { 'app.mjs': `import './gone.mjs';` },
      /entry point "app\.mjs": Cannot find module '.*gone\.mjs'/,
    ],
    'code that throws a text': [
      { 'app.mjs': `throw 'no configuration';` },
      /entry point "app\.mjs": no configuration/,
    ],
    'code that throws nothing': [{ 'app.mjs': 'throw undefined;' }, /entry point "app\.mjs": Unknown error/],
    'a function name that is taken': [
      { 'app.mjs': `import { app } from '@azure/functions'; ${timerApp} ${timerApp}` },
      /entry point "app\.mjs": A function with id "tick" has already been registered\./,
    ],
    'a binding name that is taken': [
      {
        'app.mjs': `import { app, output } from '@azure/functions';
          const queue = output.serviceBusQueue({ queueName: 'q', connection: 'Bus' });
          app.timer('tick', { schedule: '0 0 * * * *', extraOutputs: [queue, queue], handler: () => {} });`,
      },
      /entry point "app\.mjs": Duplicate bindings found for function "tick"/,
    ],
    'an appStart hook that throws': [
      {
        'app.mjs': `import { app } from '@azure/functions'; app.hook.appStart(() => { throw new Error('not ready'); });`,
      },
      /not ready/,
    ],
    'process.exit while it loads': [
      { 'app.mjs': 'process.exit(3);' },
      /ended the worker while it was loading\. node exited with code 3 \(0x3\)/,
    ],
    'an unhandled rejection while it loads': [
      {
        'app.mjs': `Promise.reject(new Error('lost')); await new Promise(() => setInterval(() => {}, 1000));`,
      },
      /ended the worker while it was loading\. node exited with code 1 \(0x1\): lost/,
    ],
  };
  for (const [what, [files, message]] of Object.entries(broken))
    test(what, async () => {
      await expect(start(files)).rejects.toThrow(message);
    });

  test('two copies of the library, by their files (the last one would win, silently)', async () => {
    const use = (library: string) => `const { app } = require('${library}');
      app.timer('from-${library.replace(/\W/g, '')}', { schedule: '0 0 * * * *', handler: () => {} });`;
    await expect(
      start({
        'package.json': { main: '*.cjs' },
        'a.cjs': use('@azure/functions'),
        'b.cjs': use('./second/node_modules/@azure/functions/dist/azure-functions.js'),
        ...(await secondCopyOfLibrary()),
      }),
    ).rejects.toThrow(
      /loads 2 copies of @azure\/functions.*node_modules\/@azure\/functions\/dist\/azure-functions\.js, .*second\/node_modules/,
    );
  });
});

async function secondCopyOfLibrary(): Promise<AppFiles> {
  const source = new URL(
    '../../../../node_modules/@azure/functions/dist/azure-functions.js',
    import.meta.url,
  );
  return {
    'second/node_modules/@azure/functions/dist/azure-functions.js': await readFile(source, 'utf8'),
    'second/node_modules/@azure/functions/package.json': { version: '4.16.5' },
  };
}
