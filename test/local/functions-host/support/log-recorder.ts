/** A line of a host's JSON log. */
export interface LogLine {
  readonly level: string;
  readonly category: string;
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
  readonly outcome?: string;
  readonly durationMilliseconds?: number;
  readonly trigger?: string;
  readonly stack?: string;
  readonly [fact: string]: unknown;
}

const deadline = 60_000;

/** Takes a host's JSON log and lets tests wait for a line of it. */
export class LogRecorder {
  readonly lines: LogLine[] = [];
  readonly #waiting = new Set<() => void>();

  write(text: string): void {
    for (const line of text.split('\n')) if (line !== '') this.lines.push(JSON.parse(line));
    for (const look of this.#waiting) look();
  }

  /** The outcomes of a function's runs so far, oldest first. */
  runsOf(functionName: string): LogLine[] {
    return this.lines.filter((line) => line.functionName === functionName && line.outcome !== undefined);
  }

  /** What a function itself has logged so far. */
  saidBy(functionName: string): string[] {
    return this.lines
      .filter(({ category }) => category === `Function.${functionName}.User`)
      .map(({ message }) => message);
  }

  /** Resolves when the condition holds, which is looked at after each line. */
  async until(what: string, condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (condition()) end(resolve);
      };
      const timer = setTimeout(
        () => end(() => reject(new Error(`${what}: not within ${deadline} ms. Log:\n${this.#tail()}`))),
        deadline,
      );
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      this.#waiting.add(look);
    });
  }

  /** Resolves with the first line that matches. */
  async line(what: string, matches: (line: LogLine) => boolean): Promise<LogLine> {
    await this.until(what, () => this.lines.some(matches));
    const found = this.lines.find(matches);
    if (!found) throw new Error(`${what}: no such line`);
    return found;
  }

  #tail(): string {
    return this.lines
      .slice(-20)
      .map(({ category, message }) => `${category}: ${message}`)
      .join('\n');
  }
}
