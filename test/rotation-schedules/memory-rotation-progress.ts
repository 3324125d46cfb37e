import type {
  RotationProgress,
  RotationProgressStore,
  StoredRotationProgress,
} from '../../src/ports/rotation-progress.ts';

/** The progress of rotation schedules in memory. */
export class MemoryRotationProgress implements RotationProgressStore {
  readonly rows = new Map<string, StoredRotationProgress>();
  #etags = 0;

  async listProgress(): Promise<StoredRotationProgress[]> {
    return [...this.rows.values()];
  }

  async saveProgress(
    schedule: string,
    progress: RotationProgress,
    earlier: StoredRotationProgress | undefined,
  ): Promise<StoredRotationProgress | undefined> {
    if (this.rows.get(schedule)?.etag !== earlier?.etag) return undefined;
    this.#etags += 1;
    const stored = { schedule, progress, etag: `progress-${this.#etags}` };
    this.rows.set(schedule, stored);
    return stored;
  }

  async forgetProgress({ schedule, etag }: StoredRotationProgress): Promise<void> {
    if (this.rows.get(schedule)?.etag === etag) this.rows.delete(schedule);
  }
}
