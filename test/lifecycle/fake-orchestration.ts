import type { OrchestrationContext } from 'durable-functions';
import type { LifecycleInput } from '../../src/lifecycle/activity-calls.ts';
import { tokenLifecycle } from '../../src/lifecycle/orchestrator.ts';

/** What an orchestration can ask for. */
export type Asked =
  | { kind: 'activity'; name: string; input: unknown }
  | { kind: 'timer'; fireAt: string; isCompleted: boolean; isCanceled: boolean }
  | { kind: 'event'; name: string }
  | { kind: 'any'; of: readonly Asked[] };

/** Drives the lifecycle by hand: it asks for something, and the test answers. */
export class FakeOrchestration {
  now: Date;
  /** The input that it continues as new with. */
  continuedWith: unknown;
  /** Every event that was waited for. */
  readonly waits: string[] = [];
  /** What it asks for now; nothing once it is over. */
  asks: Asked | undefined;
  readonly #generator: Generator<unknown, void, unknown>;

  constructor(input: LifecycleInput, now: string) {
    this.now = new Date(now);
    this.#generator = tokenLifecycle({ df: this.#df(input) } as unknown as OrchestrationContext);
    this.#next(this.#generator.next());
  }

  answer(value: unknown): void {
    this.#next(this.#generator.next(value));
  }

  fail(message: string): void {
    this.#next(this.#generator.throw(new Error(message)));
  }

  /** Lets the timer that is asked for fire, alone or against an event. */
  fire(): void {
    const timer = this.#timer();
    timer.isCompleted = true;
    this.now = new Date(timer.fireAt);
    this.answer(this.asks?.kind === 'any' ? timer : undefined);
  }

  /** Raises the event that is asked for. */
  wake(): void {
    this.answer(this.asks?.kind === 'any' ? this.asks.of.find(({ kind }) => kind === 'event') : {});
  }

  #timer() {
    const candidates = this.asks?.kind === 'any' ? this.asks.of : [this.asks];
    const timer = candidates.find((asked) => asked?.kind === 'timer');
    if (timer?.kind !== 'timer') throw new Error(`It asks for no timer but for ${this.asks?.kind}.`);
    return timer;
  }

  #next({ done, value }: IteratorResult<unknown, void>): void {
    this.asks = done ? undefined : (value as Asked);
  }

  #df(input: LifecycleInput) {
    const now = () => this.now;
    return {
      getInput: () => input,
      get currentUtcDateTime() {
        return now();
      },
      callActivity: (name: string, activityInput: unknown): Asked => ({
        kind: 'activity',
        name,
        input: structuredClone(activityInput),
      }),
      createTimer: (fireAt: Date) => {
        const timer = {
          kind: 'timer' as const,
          fireAt: fireAt.toISOString(),
          isCompleted: false,
          isCanceled: false,
          cancel: () => {
            if (timer.isCompleted) throw new Error('A timer that fired cannot be cancelled.');
            timer.isCanceled = true;
          },
        };
        return timer;
      },
      waitForExternalEvent: (name: string): Asked => {
        this.waits.push(name);
        return { kind: 'event', name };
      },
      Task: { any: (of: readonly Asked[]): Asked => ({ kind: 'any', of }) },
      continueAsNew: (next: unknown) => {
        this.continuedWith = next;
      },
    };
  }
}
