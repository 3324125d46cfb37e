import { HostTask } from './host-task.ts';

/**
 * External events of one generation: a stack of waiters and a queue of early events for each name. The host compares names
 * without regard to case; the library in the worker compares them exactly.
 */
export class ExternalEvents {
  readonly #waiters = new Map<string, HostTask[]>();
  readonly #early = new Map<string, number>();

  /** The newest waiter of a name gets the next event; an event that came early is taken at once. */
  waitFor(name: string): HostTask {
    const key = name.toLowerCase();
    const early = this.#early.get(key) ?? 0;
    if (early > 0) {
      this.#early.set(key, early - 1);
      return HostTask.settled('succeeded');
    }
    const task = new HostTask();
    const waiters = this.#waiters.get(key);
    if (waiters) waiters.push(task);
    else this.#waiters.set(key, [task]);
    return task;
  }

  raise(name: string): void {
    const key = name.toLowerCase();
    const newest = this.#waiters.get(key)?.pop();
    if (newest) newest.settle('succeeded');
    else this.#early.set(key, (this.#early.get(key) ?? 0) + 1);
  }
}
