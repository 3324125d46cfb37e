import type { Instant } from '../contracts/instants.ts';

/** How far the rotations of one schedule are. */
export interface RotationProgress {
  /** When the schedule came up, as it was configured then: one that was changed begins anew. */
  readonly recurrence: string;
  /** Nothing is left to do for occurrences up to then. */
  readonly doneUpTo: Instant;
  /** The occurrence that is at work. */
  readonly run?: RotationRun;
}

export interface RotationRun {
  readonly occurrence: Instant;
  /** What is done of it: the tokens of registries with an earlier name, and of this one up to a token. */
  readonly registry?: string;
  readonly token?: string;
}

/** As it was read; what is written next is conditional on it. */
export interface StoredRotationProgress {
  /** The schedule's name in the configuration. */
  readonly schedule: string;
  readonly progress: RotationProgress;
  readonly etag: string;
}

/** @throws ServiceFailure from every method */
export interface RotationProgressStore {
  listProgress(): Promise<StoredRotationProgress[]>;
  /** Undefined: somebody else was faster, and nothing was written. */
  saveProgress(
    schedule: string,
    progress: RotationProgress,
    earlier: StoredRotationProgress | undefined,
  ): Promise<StoredRotationProgress | undefined>;
  /** Of a schedule that is no longer configured. */
  forgetProgress(stored: StoredRotationProgress): Promise<void>;
}
