import { HandMovedClock } from './hand-moved-clock.ts';
import { type TestHubOptions, temporaryFolder } from './test-hub.ts';

/** Milliseconds of machine time after which these hosts' work is given out again. */
export const redeliveryDelay = 60_000;

/** Two hosts that share a task hub and a machine, whose time is moved by hand. */
export function sharedHub() {
  const machine = { now: 1_000_000 };
  const options: TestHubOptions = {
    dataFolder: temporaryFolder(),
    clock: new HandMovedClock(),
    redeliveryDelay,
    pollInterval: 3_600_000,
    machineTime: () => machine.now,
  };
  return { machine, options };
}

/** Something that a test can wait for and let go on. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
