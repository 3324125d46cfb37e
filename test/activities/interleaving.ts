import type { Gate } from './memory/memory-cloud.ts';

/** A piece of work that stops at its nth gate until it is let go on. */
export class Interruptible<Result> {
  /** Resolves when it has stopped, or has come to its end without having stopped. */
  readonly stoppedOrDone: Promise<'stopped' | 'done'>;
  readonly result: Promise<Result>;
  #goOn: () => void = () => undefined;

  /** @param stopAt number of the gate, from 0 */
  constructor(stopAt: number, work: (gate: Gate) => Promise<Result>) {
    let passed = 0;
    const { promise: stopped, resolve } = Promise.withResolvers<'stopped'>();
    const released = new Promise<void>((goOn) => {
      this.#goOn = goOn;
    });
    this.result = work(async () => {
      const isHere = passed === stopAt;
      passed += 1;
      if (!isHere) return;
      resolve('stopped');
      await released;
    });
    const done = this.result.then(
      () => 'done' as const,
      () => 'done' as const,
    );
    this.stoppedOrDone = Promise.race([stopped, done]);
  }

  goOn(): Promise<Result> {
    this.#goOn();
    return this.result;
  }
}

/** How many gates some work passes when nothing interrupts it. */
export async function gatesOf(work: (gate: Gate) => Promise<unknown>): Promise<number> {
  let gates = 0;
  await work(async () => {
    gates += 1;
  });
  return gates;
}
