/** Remembers message ids for a while, from when each was first seen. */
export class DuplicateDetection {
  readonly #window: number;
  readonly #firstSeen = new Map<string, number>();

  /** @param window milliseconds; none, and nothing is ever a duplicate */
  constructor(window: number | undefined) {
    this.#window = window ?? 0;
  }

  /** Whether the id was seen inside the window; if not, it is remembered from `now` on. */
  isDuplicate(messageId: string, now: number): boolean {
    if (this.#window === 0) return false;
    for (const [id, seen] of this.#firstSeen) {
      if (seen + this.#window > now) break;
      this.#firstSeen.delete(id);
    }
    if (this.#firstSeen.has(messageId)) return true;
    this.#firstSeen.set(messageId, now);
    return false;
  }

  clear(): void {
    this.#firstSeen.clear();
  }
}
