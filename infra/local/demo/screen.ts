import { stripVTControlCharacters } from 'node:util';

/** Where the demo writes: a terminal, or a file or pipe. */
export interface ScreenOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Milliseconds between two pictures of the live lines. */
const pictureEvery = 150;

/**
 * Plain lines, one after the other. On a terminal some lines can live below them: they are drawn again in place as they
 * change, and what is said meanwhile goes above them.
 */
export class Screen {
  readonly #output: ScreenOutput;
  #picture: (() => readonly string[]) | undefined;
  #drawn: readonly string[] = [];
  #redraw: NodeJS.Timeout | undefined;

  constructor(output: ScreenOutput) {
    this.#output = output;
  }

  get isTerminal(): boolean {
    return this.#output.isTTY === true;
  }

  say(...lines: readonly string[]): void {
    this.#erase();
    for (const line of lines) this.#output.write(`${line}\n`);
    this.#draw();
  }

  /** Lets lines live at the bottom until `freeze`. Anywhere but on a terminal only the last picture of them is written. */
  live(picture: () => readonly string[]): void {
    this.freeze();
    this.#picture = picture;
    if (!this.isTerminal) return;
    this.#draw();
    this.#redraw = setInterval(() => this.#drawAgain(), pictureEvery);
    this.#redraw.unref();
  }

  /** The live lines stay as they are now, and others follow them. */
  freeze(): void {
    clearInterval(this.#redraw);
    if (!this.#picture) return;
    this.#erase();
    for (const line of this.#picture()) this.#output.write(`${line}\n`);
    this.#picture = undefined;
  }

  #drawAgain(): void {
    const next = this.#picture?.().map((line) => this.#fitting(line)) ?? [];
    if (next.join('\n') === this.#drawn.join('\n')) return;
    this.#erase();
    this.#draw();
  }

  #draw(): void {
    if (!this.#picture || !this.isTerminal) return;
    this.#drawn = this.#picture().map((line) => this.#fitting(line));
    for (const line of this.#drawn) this.#output.write(`${line}\n`);
  }

  #erase(): void {
    if (this.#drawn.length > 0) this.#output.write(`\x1b[${this.#drawn.length}A\x1b[0J`);
    this.#drawn = [];
  }

  /** A line that wraps would take two rows, and could not be erased. */
  #fitting(line: string): string {
    const { columns = 100 } = this.#output;
    const plain = stripVTControlCharacters(line);
    return plain.length < columns ? line : plain.slice(0, columns - 1);
  }
}
