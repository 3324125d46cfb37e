import { mainOnly } from './test-hub.ts';

/** Waits for the event `go`, fails when it says so, and calls an activity otherwise. */
export const waitingApp = mainOnly(
  function* (context) {
    const event = yield context.df.waitForExternalEvent('go');
    if (event === 'fail') throw new Error('as asked');
    return { input: context.df.getInput(), event, work: yield context.df.callActivity('work') };
  },
  { work: () => 'worked' },
);
