import type { Clock } from '../../../src/ports/clock.ts';

/** Stands still until it is moved. */
export class MemoryClock implements Clock {
  time: number;

  constructor(instant: string) {
    this.time = Date.parse(instant);
  }

  now(): Date {
    return new Date(this.time);
  }

  instant(): string {
    return this.now().toISOString();
  }
}
