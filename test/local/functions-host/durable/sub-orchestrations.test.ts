import { describe, expect, it } from 'vitest';
import { inSeconds } from './support/in-seconds.ts';
import { df } from './support/programming-model.ts';
import { TestHub } from './support/test-hub.ts';

describe('sub-orchestrations', () => {
  it('answer their parent, with the id parentExecutionId:taskId and the parent that they can see', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          yield context.df.createTimer(inSeconds(context, 0));
          return yield context.df.callSubOrchestrator('child', { n: 1 });
        },
        child: function* (context) {
          yield context.df.createTimer(inSeconds(context, 1));
          const { instanceId, parentInstanceId } = context.df;
          return { input: context.df.getInput(), instanceId, parentInstanceId };
        },
      },
    });
    await hub.start();
    await hub.advance(1);
    const instanceId = `${hub.instance().executionId}:1`;
    expect(hub.output()).toEqual({ input: { n: 1 }, instanceId, parentInstanceId: 'i1' });
    expect(hub.status(instanceId)).toBe('Completed');
  });

  it('are found by name whatever the case', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          return yield context.df.callSubOrchestrator('CHILD', {});
        },
        child: function* (context) {
          return yield context.df.callActivity('WORK');
        },
      },
      activities: { Work: () => 'found' },
    });
    await hub.start();
    expect(hub.output()).toBe('found');
  });

  it('that fail can be caught, and are tried again as the retry options say', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          try {
            yield context.df.callSubOrchestratorWithRetry('child', new df.RetryOptions(5000, 2), {}, 'c');
          } catch (error) {
            return error instanceof Error ? error.message : 'no Error';
          }
          return 'no error';
        },
        child: function* (context) {
          yield context.df.createTimer(inSeconds(context, 1));
          throw new Error('child is broken');
        },
      },
    });
    await hub.start();
    await hub.advance(7);
    expect(hub.output()).toMatch(
      /^Orchestrator function 'child' failed: child is broken \n Message: child is broken, StackTrace: /,
    );
    const tasks = hub.history().filter((event) => /→|\[/.test(event));
    expect(tasks.join(' ')).toBe('7[0] 9→0 10[1] 11→1 7[2] 9→2 10[3] 11→3');
  });

  it.each([
    ['its own', 'i1'],
    ["its own in another case's", 'I1'],
    ['one that starts with @', '@child'],
  ])('trap: hang the parent when they are given %s id', async (_what, childId) => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          yield context.df.callSubOrchestrator('child', {}, childId);
        },
        child: function* (context) {
          yield context.df.createTimer(inSeconds(context, 0));
        },
      },
    });
    await hub.start();
    expect([hub.status(), hub.history().join(' ')]).toEqual(['Running', '12 0 13']);
  });

  it('trap: hang the parent when nobody registered them', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          yield context.df.callSubOrchestrator('mistyped', {});
        },
      },
    });
    await hub.start();
    expect(hub.status()).toBe('Running');
    expect(hub.log.join()).toContain("The function 'mistyped' doesn't exist");
  });

  it('trap 9: with the id of a finished instance overwrite it', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          return yield context.df.callSubOrchestrator('child', { by: 'main' }, 'shared');
        },
        child: function* (context) {
          yield context.df.createTimer(inSeconds(context, 0));
          return context.df.getInput();
        },
      },
    });
    await hub.start({ by: 'hand' }, 'shared', 'child');
    expect(hub.output('shared')).toEqual({ by: 'hand' });
    await hub.start();
    expect(hub.output('shared')).toEqual({ by: 'main' });
    expect(hub.output()).toEqual({ by: 'main' });
  });

  it('with the id of a running instance are dropped, and leave the parent waiting', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          return yield context.df.callSubOrchestrator('child', {}, 'shared');
        },
        child: function* (context) {
          return yield context.df.waitForExternalEvent('go');
        },
      },
    });
    await hub.start(null, 'shared', 'child');
    await hub.start();
    await hub.raise('go', 'for the first', 'shared');
    expect([hub.status('shared'), hub.status()]).toEqual(['Completed', 'Running']);
  });

  it('answer nobody when their parent has continued as new', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          if (context.df.getInput<{ last: boolean }>().last) {
            yield context.df.createTimer(inSeconds(context, 100));
            return 'undisturbed';
          }
          yield context.df.callSubOrchestrator('child', {}, 'c');
          context.df.continueAsNew({ last: true });
          return undefined;
        },
        child: function* (context) {
          yield context.df.createTimer(inSeconds(context, 1));
        },
      },
    });
    await hub.start({ last: false });
    await hub.advance(200);
    expect(hub.output()).toBe('undisturbed');
  });
});
