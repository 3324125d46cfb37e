import { describe, expect, it } from 'vitest';
import { Screen } from '../../../infra/local/demo/screen.ts';

/** What a terminal shows after it was written to: it knows the two sequences that the screen uses. */
class Terminal {
  readonly isTTY = true;
  readonly columns = 20;
  rows: string[] = [''];
  #row = 0;

  write(text: string): void {
    const visible = text.replaceAll('\x1b[', '⎋');
    const pieces = visible.matchAll(/⎋(?<up>\d+)A|(?<clear>⎋0J)|(?<end>\n)|(?<words>[^⎋\n]+)/g);
    for (const { groups } of pieces) {
      if (groups?.up) this.#row -= Number(groups.up);
      else if (groups?.clear) this.rows = [...this.rows.slice(0, this.#row), ''];
      else if (groups?.end) this.#newLine();
      else this.rows[this.#row] += groups?.words ?? '';
    }
  }

  #newLine(): void {
    this.#row += 1;
    this.rows[this.#row] ??= '';
  }
}

describe('the screen', () => {
  it('keeps live lines below what is said, and leaves their last picture where it was', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal);
    let days = 1;
    screen.say('begin');
    screen.live(() => [`day ${days}`, 'table']);
    expect(terminal.rows).toEqual(['begin', 'day 1', 'table', '']);
    days = 2;
    screen.say('rotated');
    expect(terminal.rows).toEqual(['begin', 'rotated', 'day 2', 'table', '']);
    days = 3;
    screen.freeze();
    screen.say('end');
    expect(terminal.rows).toEqual(['begin', 'rotated', 'day 3', 'table', 'end', '']);
  });

  it('draws live lines again in place as they change', async () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal);
    let days = 1;
    screen.live(() => [`day ${days}`]);
    days = 2;
    await expect.poll(() => terminal.rows).toEqual(['day 2', '']);
    screen.freeze();
  });

  it('cuts a live line that would wrap', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal);
    screen.live(() => ['a line that is too long for it']);
    expect(terminal.rows).toEqual(['a line that is too ', '']);
    screen.freeze();
  });

  it('writes plain lines, and the last picture only, where there is no terminal', () => {
    const written: string[] = [];
    const screen = new Screen({ write: (text) => written.push(text) });
    let days = 1;
    screen.live(() => [`day ${days}`]);
    screen.say('rotated');
    days = 2;
    screen.freeze();
    expect(written.join('')).toBe('rotated\nday 2\n');
  });
});
