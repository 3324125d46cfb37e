export type Token =
  | {
      readonly kind: 'name' | 'number' | 'symbol' | 'line' | 'end';
      readonly text: string;
      readonly line: number;
    }
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly line: number;
      /** The pieces of an interpolated text: plain ones, and the tokens of `${…}`. */
      readonly parts: readonly (string | readonly Token[])[];
    };

/** The text is not the Bicep that this reader knows. */
export class BicepSyntaxError extends Error {
  override readonly name = 'BicepSyntaxError';

  constructor(file: string, line: number, what: string) {
    super(`${file}:${line}: ${what}`);
  }
}

const skipped = /[ \t\r]+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const symbol = /\.\?|\?\?|::|=>|==|!=|>=|<=|&&|\|\||[{}[\]()@.,:=?!|<>+-]/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /\d+/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", $: '$' };

/** Cuts Bicep into tokens. Texts in three quotes are refused, since `infra/` has none. */
export function tokensOf(text: string, file: string): Token[] {
  return new Lexer(text, file).tokens();
}

class Lexer {
  readonly #text: string;
  readonly #file: string;
  #at = 0;
  #line = 1;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  /** All tokens; within `${…}`, those up to its closing brace. */
  tokens(closing?: '}'): Token[] {
    const found: Token[] = [];
    let depth = 0;
    for (;;) {
      const token = this.#next();
      if (closing && token.text === '{' && token.kind === 'symbol') depth += 1;
      if (closing && token.text === '}' && token.kind === 'symbol') {
        if (depth === 0) return [...found, { kind: 'end', text: '', line: this.#line }];
        depth -= 1;
      }
      found.push(token);
      if (token.kind === 'end') return found;
    }
  }

  #next(): Token {
    while (this.#match(skipped) !== undefined);
    const line = this.#line;
    if (this.#at >= this.#text.length) return { kind: 'end', text: '', line };
    const character = this.#text[this.#at];
    if (character === '\n') {
      this.#at += 1;
      this.#line += 1;
      return { kind: 'line', text: '\n', line };
    }
    if (character === "'") return this.#textToken(line);
    for (const [kind, pattern] of [
      ['symbol', symbol],
      ['name', name],
      ['number', number],
    ] as const) {
      const text = this.#match(pattern);
      if (text !== undefined) return { kind, text, line };
    }
    throw new BicepSyntaxError(this.#file, line, `unexpected ${character}`);
  }

  #textToken(line: number): Token {
    if (this.#text.startsWith("'''", this.#at))
      throw new BicepSyntaxError(this.#file, line, 'texts in three quotes are not known');
    const parts: (string | Token[])[] = [];
    let plain = '';
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\n')
        throw new BicepSyntaxError(this.#file, line, 'a text is not closed');
      this.#at += 1;
      if (character === "'") break;
      if (character === '\\') plain += escapes[this.#text[this.#at++] ?? ''] ?? '';
      else if (character === '$' && this.#text[this.#at] === '{') {
        this.#at += 1;
        parts.push(plain, this.tokens('}'));
        plain = '';
      } else plain += character;
    }
    return { kind: 'text', text: plain, line, parts: [...parts, plain] };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    if (text === undefined) return undefined;
    this.#at += text.length;
    this.#line += text.split('\n').length - 1;
    return text;
  }
}
