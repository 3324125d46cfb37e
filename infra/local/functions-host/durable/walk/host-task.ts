/** How a task of the walk ended. The walk needs to tell failures apart only to decide on retries. */
export type TaskOutcome = 'succeeded' | 'failed';

/**
 * Something that the walk waits for. As on the extension's orchestrator thread, whoever waits goes on at once and in the
 * order of asking when it settles: nothing here is asynchronous.
 */
export class HostTask {
  #outcome: TaskOutcome | undefined;
  #waiting: ((outcome: TaskOutcome) => void)[] = [];

  static settled(outcome: TaskOutcome): HostTask {
    const task = new HostTask();
    task.settle(outcome);
    return task;
  }

  /** Settles when every child has, whatever became of them; a failure of one does not end the wait for the others. */
  static whenAll(children: readonly HostTask[]): HostTask {
    const all = new HostTask();
    let left = children.length;
    let outcome: TaskOutcome = 'succeeded';
    if (left === 0) all.settle(outcome);
    for (const child of children) {
      child.whenSettled((ended) => {
        if (ended === 'failed') outcome = 'failed';
        left -= 1;
        if (left === 0) all.settle(outcome);
      });
    }
    return all;
  }

  /** Settles when the first child has; a failed child wins as well. */
  static whenAny(children: readonly HostTask[]): HostTask {
    const any = new HostTask();
    for (const child of children) child.whenSettled(() => any.settle('succeeded'));
    return any;
  }

  get isSettled(): boolean {
    return this.#outcome !== undefined;
  }

  /** Settles the task and runs whoever waits. Settling twice changes nothing. */
  settle(outcome: TaskOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const goOn of waiting) goOn(outcome);
  }

  /** Runs `goOn` when the task settles, or now when it has. */
  whenSettled(goOn: (outcome: TaskOutcome) => void): void {
    if (this.#outcome === undefined) this.#waiting.push(goOn);
    else goOn(this.#outcome);
  }
}
