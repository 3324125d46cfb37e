import { describe, expect, it } from 'vitest';
import { inSeconds } from './support/in-seconds.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

/** Traps of the fact sheet on what arrives as what. */

const echo = { echo: (input: unknown) => ({ type: typeof input, input: input ?? null }) };

describe('the input of an activity', () => {
  it.each([
    ['an object', { a: [1] }, 'object', { a: [1] }],
    ['a string', 'text', 'string', 'text'],
    ['a string that looks like a number', '42', 'string', '42'],
    ['a number', 4.5, 'number', 4.5],
    ['true (trap: as the string True)', true, 'string', 'True'],
    ['false (trap: as the string False)', false, 'string', 'False'],
    ['null (trap: as undefined)', null, 'undefined', null],
    ['undefined', undefined, 'undefined', null],
  ])('arrives for %s', async (_what, input, type, value) => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        return yield context.df.callActivity('echo', input);
      }, echo),
    );
    await hub.start();
    expect(hub.output()).toEqual({ type, input: value });
  });
});

describe('the result of an activity', () => {
  it.each([
    ['an object', { a: 1 }, { a: 1 }],
    ['a string', 'text', 'text'],
    ['a number', 0.5, 0.5],
    ['a boolean', false, false],
    ['nothing (as null)', undefined, null],
    ['bytes (as base64)', Buffer.from('abc'), 'YWJj'],
  ])('is %s', async (_what, returned, seen) => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          const result = yield context.df.callActivity('give');
          return { result };
        },
        { give: () => returned },
      ),
    );
    await hub.start();
    expect(hub.output()).toEqual({ result: seen });
  });
});

describe('the input of an orchestration', () => {
  it('trap: arrives in quotes in the next generation when continueAsNew was given a string', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        const input = context.df.getInput<unknown>();
        if (typeof input === 'string') return input;
        yield context.df.createTimer(inSeconds(context, 1));
        context.df.continueAsNew('text');
        return undefined;
      }),
    );
    await hub.start({});
    await hub.advance(1);
    expect(hub.output()).toBe('"text"');
  });

  it('trap 6: has Timestamp properties turned into dates, and other dates left as text', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.createTimer(inSeconds(context, 0));
        const { inner, when } = context.df.getInput<{ inner: { Timestamp: unknown }; when: unknown }>();
        return [inner.Timestamp instanceof Date, typeof when];
      }),
    );
    await hub.start({ inner: { Timestamp: '2030-01-01T00:00:00Z' }, when: '2030-01-01T00:00:00Z' });
    expect(hub.output()).toEqual([true, 'string']);
  });
});

describe('trap 7: a custom status', () => {
  const withStatus = (size: number) =>
    mainOnly(function* (context) {
      context.df.setCustomStatus('x'.repeat(size));
      yield context.df.waitForExternalEvent('go');
    });

  it('of up to 16 KB in UTF-16 is kept', async () => {
    const hub = new TestHub(withStatus(17 * 512 - 3));
    await hub.start();
    expect(hub.status()).toBe('Running');
    expect(hub.instance().customStatus).toHaveLength(17 * 512 - 1);
  });

  it('of more fails the instance', async () => {
    const hub = new TestHub(withStatus(17 * 512 - 2));
    await hub.start();
    expect(hub.output()).toBe(
      "Orchestrator function 'main' failed: The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. " +
        'The current payload size is 17 KB.',
    );
  });

  it('is gone when the orchestrator no longer sets one', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        context.df.setCustomStatus('busy');
        yield context.df.waitForExternalEvent('go');
        context.df.setCustomStatus('');
        yield context.df.waitForExternalEvent('go');
      }),
    );
    await hub.start();
    expect(hub.instance().customStatus).toBe('"busy"');
    await hub.raise('go');
    expect(hub.instance().customStatus).toBeNull();
  });

  it('is kept at continue-as-new, until the next episode of a generation that sets none', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        if (context.df.getInput<{ first: boolean }>().first) {
          context.df.setCustomStatus('from the first');
          yield context.df.waitForExternalEvent('go');
          context.df.continueAsNew({ first: false });
          return;
        }
        yield context.df.waitForExternalEvent('go');
        yield context.df.waitForExternalEvent('go');
      }),
    );
    await hub.start({ first: true });
    await hub.raise('go');
    expect(hub.instance().customStatus).toBe('"from the first"');
    await hub.raise('go');
    expect(hub.instance().customStatus).toBeNull();
  });
});

describe('the text of an error', () => {
  const failing = (message: string) =>
    mainOnly(
      function* (context) {
        yield context.df.callActivity('fails');
      },
      {
        fails: () => {
          throw new Error(message);
        },
      },
    );

  it('of an activity names it, with two spaces before the message and the .NET exception behind it', async () => {
    const hub = new TestHub(failing('boom'));
    await hub.start();
    expect(hub.output()).toMatch(
      /^Orchestrator function 'main' failed: Activity function 'fails' failed: {2}boom \n \{"\$type":"System\.Exception/,
    );
  });

  it.each([
    ['Token=abc', '[Hidden Credential]'],
    ['the password=hunter2 is wrong', 'the [Hidden Credential]'],
    ['GET https://x.example/?a=1&sig=abc%2F', 'GET https://x.example/?a=1[Hidden Credential]'],
    ['amqp://user:secret@host.example:5671', '[Hidden Credential]'],
    ['PublicKeyToken=null stays', 'PublicKeyToken=null stays'],
  ])('trap: is scrubbed: %s', async (message, scrubbed) => {
    const hub = new TestHub(failing(message));
    await hub.start();
    const failed = hub.engine.operations.history('i1').find((event) => event.EventType === 6);
    expect(failed).toMatchObject({ Reason: `Activity function 'fails' failed:  ${scrubbed}` });
  });

  it('trap: is scrubbed in the state that a failing orchestrator throws, too', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.createTimer(inSeconds(context, 1));
        throw new Error("bad token='abc' here");
      }),
    );
    await hub.start();
    await hub.advance(1);
    expect(hub.output()).toBe("Orchestrator function 'main' failed: bad [Hidden Credential]'abc' here");
  });
});

describe('the orchestration trigger', () => {
  it('says what extension 2.13 says', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.waitForExternalEvent('go');
      }),
    );
    await hub.start({ a: 1 });
    await hub.raise('go');
    const [first, second] = hub.app.calls.map(({ input }) => JSON.parse(input ?? ''));
    expect(first).toEqual({
      history: [
        { EventType: 12, EventId: -1, IsPlayed: false, Timestamp: '2030-01-01T00:00:00.000Z' },
        {
          EventType: 0,
          EventId: -1,
          IsPlayed: false,
          Timestamp: '2030-01-01T00:00:00.000Z',
          Name: 'main',
          Version: '',
          Input: '{"a":1}',
          OrchestrationInstance: { InstanceId: 'i1', ExecutionId: expect.stringMatching(/^[0-9a-f]{32}$/) },
          ParentInstance: null,
          Tags: null,
        },
      ],
      input: { a: 1 },
      instanceId: 'i1',
      isReplaying: false,
      parentInstanceId: null,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 2,
      longRunningTimerIntervalDuration: '3.00:00:00',
      maximumShortTimerDuration: '6.00:00:00',
      defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    });
    expect(second.isReplaying).toBe(true);
    expect(second.history.map((event: { IsPlayed: boolean }) => event.IsPlayed)).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
  });
});
