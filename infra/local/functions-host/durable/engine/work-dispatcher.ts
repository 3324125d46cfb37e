import { StoreUnreachable } from '../store/store-unreachable.ts';

/** Where a dispatcher gets its work, and what it does with it. */
export interface WorkSource<Work> {
  /** Takes up to `limit` pieces of work out of the store, for this host alone until their time-out. */
  claim(limit: number): Work[];
  /** Does a piece of work and commits what comes of it. `again` asks for it to be given back and done later. */
  run(work: Work): Promise<'done' | 'again'>;
  /** Gives a piece of work back to the store, to be given out again after so many milliseconds. */
  giveBack(work: Work, delay: number): void;
}

export interface DispatcherObserver {
  /** Something was claimed, finished or given back. */
  onProgress(): void;
  /** A piece of work failed for a reason that is not the app's. */
  onError(error: unknown): void;
}

/** After so many milliseconds of the machine's clock, work that was given back is given out again. */
const giveBackDelay = 2000;

/** Keeps up to `limit` pieces of work under way, and rides out times in which the store cannot be reached. */
export class WorkDispatcher<Work> {
  #stopped = false;
  readonly #running = new Set<Work>();
  readonly #toGiveBack = new Set<Work>();
  readonly #source: WorkSource<Work>;
  readonly #limit: number;
  readonly #observer: DispatcherObserver;

  constructor(source: WorkSource<Work>, limit: number, observer: DispatcherObserver) {
    this.#source = source;
    this.#limit = limit;
    this.#observer = observer;
  }

  /** What this host is at. */
  get running(): readonly Work[] {
    return [...this.#running];
  }

  get isIdle(): boolean {
    return this.#running.size === 0 && this.#toGiveBack.size === 0;
  }

  /** Takes on as much work as there is room for. @throws StoreUnreachable when the store cannot be reached. */
  pump(): void {
    if (this.#stopped) return;
    this.#giveBackWaiting(giveBackDelay);
    while (this.#running.size < this.#limit) {
      const claimed = this.#source.claim(this.#limit - this.#running.size);
      if (claimed.length === 0) return;
      for (const work of claimed) void this.#run(work);
    }
  }

  /** Takes on nothing more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Gives back at once what is still under way; whatever comes of it is ignored. */
  abandonRunning(): void {
    for (const work of this.#running) this.#toGiveBack.add(work);
    this.#running.clear();
    this.#giveBackWaiting(0);
  }

  async #run(work: Work): Promise<void> {
    this.#running.add(work);
    this.#observer.onProgress();
    let outcome: 'done' | 'again' = 'again';
    try {
      outcome = await this.#source.run(work);
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) this.#observer.onError(error);
    }
    if (!this.#running.delete(work)) return;
    if (outcome === 'again') this.#toGiveBack.add(work);
    this.#observer.onProgress();
  }

  #giveBackWaiting(delay: number): void {
    for (const work of this.#toGiveBack) {
      this.#source.giveBack(work, delay);
      this.#toGiveBack.delete(work);
    }
  }
}
