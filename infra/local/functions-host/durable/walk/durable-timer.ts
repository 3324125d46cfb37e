import { HostTask } from './host-task.ts';
import type { OrchestrationContext } from './orchestration-context.ts';
import type { WalkLimits } from './walk-settings.ts';

/**
 * Durable timers as the extension makes them. A far one is a chain of short ones, each with an id of its own, and "this is a
 * long timer" is remembered for the whole generation instead of for the timer: that is the extension's way, and why a long
 * timer that is cancelled spends one id while the library spends one for each piece.
 */
export class DurableTimers {
  #long = false;
  readonly #context: OrchestrationContext;
  readonly #limits: WalkLimits;
  readonly #countAction: () => void;
  readonly #swallow: (error: unknown) => void;

  /** `countAction` is called for each piece and throws when the generation may start no more; `swallow` is told of that. */
  constructor(
    context: OrchestrationContext,
    limits: WalkLimits,
    countAction: () => void,
    swallow: (error: unknown) => void,
  ) {
    this.#context = context;
    this.#limits = limits;
    this.#countAction = countAction;
    this.#swallow = swallow;
  }

  create(fireAt: Date, cancelled: boolean): HostTask {
    let piece = fireAt;
    if (fireAt.getTime() - this.#now() > this.#limits.maximumShortTimer) {
      this.#long = true;
      piece = this.#nextPiece(fireAt);
    }
    if (!this.#long) {
      this.#countAction();
      return this.#context.createTimer(fireAt, cancelled);
    }
    const timer = new HostTask();
    this.#fireInPieces(timer, fireAt, piece, cancelled);
    return timer;
  }

  #fireInPieces(timer: HostTask, fireAt: Date, piece: Date, cancelled: boolean): void {
    if (this.#now() >= fireAt.getTime()) {
      this.#end(timer);
      return;
    }
    this.#countAction();
    this.#context.createTimer(piece, cancelled).whenSettled((outcome) => {
      if (outcome === 'failed') timer.settle('failed');
      else if (fireAt.getTime() <= this.#now()) this.#end(timer);
      else this.#goOn(timer, fireAt);
    });
  }

  #goOn(timer: HostTask, fireAt: Date): void {
    try {
      this.#fireInPieces(timer, fireAt, this.#nextPiece(fireAt), false);
    } catch (error) {
      this.#swallow(error);
      timer.settle('failed');
    }
  }

  #end(timer: HostTask): void {
    this.#long = false;
    timer.settle('succeeded');
  }

  #nextPiece(fireAt: Date): Date {
    return new Date(Math.min(fireAt.getTime(), this.#now() + this.#limits.longTimerInterval));
  }

  #now(): number {
    return this.#context.now.getTime();
  }
}
