import { afterEach, describe, expect, test } from 'vitest';
import { startTestWorker, type TestWorker } from '../support/start-test-worker.ts';

let worker: TestWorker | undefined;
afterEach(async () => {
  await worker?.close();
  worker = undefined;
});

async function start(code: string): Promise<TestWorker> {
  worker = await startTestWorker({ 'app.mjs': `import { app } from '@azure/functions';\n${code}` });
  return worker;
}

/** A queue function, whose return value comes back and whose input is whatever was sent. */
const echo = `app.serviceBusQueue('echo', { queueName: 'q', connection: 'Bus', handler: (input) => input });`;

describe('hooks', () => {
  test('run in order and are awaited: start, before, the function, after', async () => {
    const { returnValue } = await start(`
      const order = [];
      const later = (what) => async () => { await new Promise((resolve) => setTimeout(resolve, 1)); order.push(what); };
      app.hook.appStart(later('start'));
      app.hook.preInvocation(later('before 1'));
      app.hook.preInvocation(later('before 2'));
      app.hook.postInvocation(later('after'));
      app.serviceBusQueue('list', { queueName: 'q', connection: 'Bus', handler: () => { order.push('run'); return order; } });`);
    await returnValue('list', { string: '' });
    expect(JSON.parse((await returnValue('list', { string: '' }))?.json ?? '')).toEqual([
      'start',
      ...['before 1', 'before 2', 'run', 'after'],
      ...['before 1', 'before 2', 'run', 'after'],
    ]);
  });

  test('before the run may replace inputs and function', async () => {
    const { returnValue } = await start(`
      app.hook.preInvocation((context) => {
        const original = context.functionHandler;
        context.functionHandler = (...args) => 'wrapped ' + original(...args);
        context.inputs = ['replaced'];
      });
      ${echo}`);
    expect(await returnValue('echo', { string: 'sent' })).toEqual({ string: 'wrapped replaced' });
  });

  test('after the run may replace the result', async () => {
    const { returnValue } = await start(`
      app.hook.postInvocation((context) => { context.result = context.result + '!'; });
      ${echo}`);
    expect(await returnValue('echo', { string: 'sent' })).toEqual({ string: 'sent!' });
  });

  test('after the run may clear an error, or raise one', async () => {
    const { returnValue, invoke } = await start(`
      app.hook.postInvocation((context) => {
        if (context.error) { context.error = undefined; context.result = 'cleared'; }
        else context.error = new Error('raised');
      });
      app.serviceBusQueue('fails', { queueName: 'q', connection: 'Bus', handler: () => { throw new Error('no'); } });
      ${echo}`);
    expect(await returnValue('fails', { string: '' })).toEqual({ string: 'cleared' });
    expect(await invoke('echo', { string: '' })).toMatchObject({ kind: 'threw', message: 'raised' });
  });

  test('that throw fail the run', async () => {
    const { invoke } = await start(`app.hook.preInvocation(() => { throw new Error('not now'); });\n${echo}`);
    expect(await invoke('echo', { string: '' })).toMatchObject({ kind: 'threw', message: 'not now' });
  });

  test('share hookData within a run, and do not outlive a dispose', async () => {
    const { returnValue } = await start(`
      app.hook.preInvocation((context) => { context.hookData.began = 'here'; });
      const once = app.hook.postInvocation((context) => { context.result = context.hookData.began; once.dispose(); });
      ${echo}`);
    expect(await returnValue('echo', { string: 'first' })).toEqual({ string: 'here' });
    expect(await returnValue('echo', { string: 'second' })).toEqual({ string: 'second' });
  });

  test('run when the worker ends (appTerminate)', async () => {
    const { output, worker: app } = await start(
      `app.hook.appTerminate(async () => { console.log('good-bye'); });`,
    );
    await app.stop(2000);
    await expect.poll(() => output).toEqual(['good-bye']);
  });
});

describe('log lines', () => {
  test('have the level of the method and the text of util.format', async () => {
    const { logs, returnValue } = await start(`
      app.serviceBusQueue('talk', { queueName: 'q', connection: 'Bus', handler: (input, context) => {
        context.trace('a'); context.debug('b'); context.log('c %s', 'd', { e: 1 }); context.info('f'); context.warn('g'); context.error('h');
      } });`);
    await returnValue('talk', { string: '' });
    expect(logs.map(({ level, message }) => [level, message])).toEqual([
      ['trace', 'a'],
      ['debug', 'b'],
      ['information', 'c d { e: 1 }'],
      ['information', 'f'],
      ['warning', 'g'],
      ['error', 'h'],
    ]);
    expect(
      logs.every((log) => log.category === 'user' && log.functionName === 'talk' && log.invocationId),
    ).toBe(true);
  });

  test('pass log hooks, which may change the app’s own', async () => {
    const { logs, returnValue } = await start(`
      app.hook.log((context) => { context.level = 'error'; context.message = context.invocationContext.functionName + ': ' + context.message; });
      app.serviceBusQueue('talk', { queueName: 'q', connection: 'Bus', handler: (input, context) => { context.log('hello'); } });`);
    await returnValue('talk', { string: '' });
    expect(logs).toMatchObject([{ level: 'error', category: 'user', message: 'talk: hello' }]);
  });

  test('survive a log hook that throws or logs itself', async () => {
    const { logs, returnValue } = await start(`
      app.hook.log((context) => { context.invocationContext.log('inner'); throw new Error('bad hook'); });
      app.serviceBusQueue('talk', { queueName: 'q', connection: 'Bus', handler: (input, context) => { context.log('hello'); } });`);
    await returnValue('talk', { string: '' });
    expect(logs.map(({ category, message }) => [category, message])).toEqual([
      ['user', 'inner'],
      ['system', 'bad hook'],
      ['user', 'hello'],
    ]);
  });

  test('after the end of a run come with the library’s warning', async () => {
    const { logs, returnValue } = await start(`
      app.serviceBusQueue('talk', { queueName: 'q', connection: 'Bus', handler: (input, context) => { setTimeout(() => context.log('late'), 1); } });`);
    await returnValue('talk', { string: '' });
    await expect.poll(() => logs.length).toBe(2);
    expect(logs[0]).toMatchObject({ level: 'warning', category: 'system' });
    expect(logs[0]?.message).toContain(
      "Unexpected call to 'log' on the context object after function execution",
    );
    expect(logs[1]).toMatchObject({ category: 'user', message: 'late' });
  });
});
