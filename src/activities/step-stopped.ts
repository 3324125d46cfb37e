import type { Instant } from '../contracts/instants.ts';
import type { StepFailureCode } from '../lifecycle/step-failures.ts';

/** Ends a step from within. It never leaves the activity: there it becomes a result. */
export class StepStopped extends Error {
  override readonly name = 'StepStopped';
  readonly code: StepFailureCode;
  readonly retryAt: Instant | undefined;

  constructor(code: StepFailureCode, retryAt?: Instant) {
    super(code);
    this.code = code;
    this.retryAt = retryAt;
  }
}
