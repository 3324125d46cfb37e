/**
 * Whether somebody to whom these licences are fine may use what has this SPDX licence expression: one licence of an `OR`, all of
 * an `AND`, which binds closer. An exception (`WITH`) only adds rights. What is no such expression is never fine.
 * @see https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/
 */
export function isPermitted(expression: string, permitted: ReadonlySet<string>): boolean {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  const verdict = alternatives(words, permitted);
  return verdict === true && words.length === 0;
}

/** These take what they understand off the front; undefined when that is no expression. */
type Reader = (words: string[], permitted: ReadonlySet<string>) => boolean | undefined;

const alternatives: Reader = (words, permitted) => series(words, permitted, 'OR', conditions);
const conditions: Reader = (words, permitted) => series(words, permitted, 'AND', condition);

function series(
  words: string[],
  permitted: ReadonlySet<string>,
  operator: 'OR' | 'AND',
  read: Reader,
): boolean | undefined {
  let verdict = read(words, permitted);
  while (words[0] === operator) {
    words.shift();
    const next = read(words, permitted);
    if (verdict === undefined || next === undefined) return undefined;
    verdict = operator === 'OR' ? verdict || next : verdict && next;
  }
  return verdict;
}

const condition: Reader = (words, permitted) => {
  const word = words.shift();
  if (word === '(') {
    const verdict = alternatives(words, permitted);
    return words.shift() === ')' ? verdict : undefined;
  }
  if (word === undefined || !/^[A-Za-z0-9.+-]+$/.test(word) || isOperator(word)) return undefined;
  if (words[0] !== 'WITH') return permitted.has(word);
  words.shift();
  return words.shift() === undefined ? undefined : permitted.has(word);
};

function isOperator(word: string): boolean {
  return ['AND', 'OR', 'WITH'].includes(word);
}
