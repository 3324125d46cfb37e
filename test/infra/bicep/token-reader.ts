import { BicepSyntaxError, type Token } from './tokens.ts';

/** Walks through tokens. */
export class TokenReader {
  readonly file: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[], file: string) {
    this.#tokens = tokens;
    this.file = file;
  }

  /** The token that is `ahead` further on; the end again and again after the last one. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: 'end', text: '', line: 0 };
  }

  take(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind !== 'text' && token.text === text;
  }

  /** Takes the token if it is this one. */
  takeIf(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  expect(text: string): Token {
    if (!this.is(text)) throw this.unexpected(`instead of ${text}`);
    return this.take();
  }

  name(): string {
    if (this.peek().kind !== 'name') throw this.unexpected('instead of a name');
    return this.take().text;
  }

  /** A text without anything in it that has to be worked out. */
  plainText(): string {
    const token = this.take();
    if (token.kind !== 'text' || token.parts.length !== 1) throw this.unexpected('instead of a plain text');
    return token.text;
  }

  skipLines(): void {
    while (this.peek().kind === 'line') this.take();
  }

  /** Skips line ends if this comes after them. */
  isAfterLines(text: string): boolean {
    let ahead = 0;
    while (this.peek(ahead).kind === 'line') ahead += 1;
    if (!this.is(text, ahead)) return false;
    this.skipLines();
    return true;
  }

  unexpected(what: string): BicepSyntaxError {
    const { kind, text, line } = this.peek();
    return new BicepSyntaxError(this.file, line, `${kind} ${JSON.stringify(text)} ${what}`);
  }
}
