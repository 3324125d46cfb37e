import { parseResource } from './parse-template.ts';
import type { Expression, ForExpression, ObjectExpression, ResourceDeclaration } from './syntax.ts';
import { TokenReader } from './token-reader.ts';

/** Operators by how strongly they bind, weakest first. */
const operators = [['??'], ['||'], ['&&'], ['==', '!='], ['<', '>', '<=', '>='], ['+', '-']];
const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** @throws BicepSyntaxError */
export function parseExpression(reader: TokenReader): Expression {
  const condition = parseOperators(reader, 0);
  if (!reader.isAfterLines('?')) return condition;
  reader.expect('?');
  reader.skipLines();
  const then = parseExpression(reader);
  reader.skipLines();
  reader.expect(':');
  reader.skipLines();
  return { kind: 'choice', condition, then, otherwise: parseExpression(reader) };
}

function parseOperators(reader: TokenReader, level: number): Expression {
  const known = operators[level];
  if (!known) return parsePrefix(reader);
  let left = parseOperators(reader, level + 1);
  for (let operator = reader.peek(); known.includes(operator.text); operator = reader.peek()) {
    if (operator.kind !== 'symbol') break;
    reader.take();
    reader.skipLines();
    left = { kind: 'binary', operator: operator.text, left, right: parseOperators(reader, level + 1) };
  }
  return left;
}

function parsePrefix(reader: TokenReader): Expression {
  if (reader.takeIf('!')) return { kind: 'not', of: parsePrefix(reader) };
  let of = parsePrimary(reader);
  for (;;) {
    if (reader.takeIf('::')) of = { kind: 'nested', of, name: reader.name() };
    else if (reader.is('.') || reader.is('.?')) {
      const safe = reader.take().text === '.?';
      of = { kind: 'member', of, name: reader.name(), safe };
    } else if (reader.takeIf('[')) {
      of = { kind: 'index', of, index: parseExpression(reader) };
      reader.expect(']');
    } else return of;
  }
}

function parsePrimary(reader: TokenReader): Expression {
  const token = reader.peek();
  if (token.kind === 'text') {
    reader.take();
    const parts = token.parts.map((part) =>
      typeof part === 'string' ? part : parseExpression(new TokenReader(part, reader.file)),
    );
    return parts.length === 1
      ? { kind: 'literal', value: token.text }
      : { kind: 'text', parts: parts.filter((part) => part !== '') };
  }
  if (token.kind === 'number') return { kind: 'literal', value: Number(reader.take().text) };
  if (token.kind === 'name') return parseNamed(reader);
  if (reader.is('{')) return parseObject(reader);
  if (reader.is('[')) return parseBrackets(reader);
  if (reader.takeIf('(')) {
    const inner = parseExpression(reader);
    reader.expect(')');
    return inner;
  }
  throw reader.unexpected('instead of an expression');
}

function parseNamed(reader: TokenReader): Expression {
  const name = reader.name();
  const word = words.get(name);
  if (word !== undefined) return { kind: 'literal', value: word };
  if (reader.takeIf('=>')) {
    reader.skipLines();
    return { kind: 'lambda', parameters: [name], body: parseExpression(reader) };
  }
  return reader.is('(') ? { kind: 'call', name, arguments: parseArguments(reader) } : { kind: 'name', name };
}

export function parseArguments(reader: TokenReader): Expression[] {
  const found: Expression[] = [];
  reader.expect('(');
  reader.skipLines();
  while (!reader.takeIf(')')) {
    found.push(parseExpression(reader));
    reader.skipLines();
    if (!reader.is(')')) reader.expect(',');
    reader.skipLines();
  }
  return found;
}

/** @throws BicepSyntaxError */
export function parseObject(reader: TokenReader): ObjectExpression {
  const properties: { key: Expression; value: Expression }[] = [];
  const resources: ResourceDeclaration[] = [];
  reader.expect('{');
  for (separate(reader); !reader.takeIf('}'); separate(reader)) {
    if (reader.is('@') || (reader.is('resource') && reader.peek(1).kind === 'name'))
      resources.push(parseResource(reader));
    else {
      const key: Expression =
        reader.peek().kind === 'name' ? { kind: 'literal', value: reader.name() } : parsePrimary(reader);
      reader.expect(':');
      properties.push({ key, value: parseExpression(reader) });
    }
  }
  return { kind: 'object', properties, resources };
}

function parseBrackets(reader: TokenReader): Expression {
  reader.expect('[');
  reader.skipLines();
  if (reader.is('for')) return parseFor(reader);
  const items: Expression[] = [];
  for (separate(reader); !reader.takeIf(']'); separate(reader)) items.push(parseExpression(reader));
  return { kind: 'array', items };
}

function parseFor(reader: TokenReader): ForExpression {
  reader.expect('for');
  const paired = reader.takeIf('(');
  const item = reader.name();
  const index = paired && reader.takeIf(',') ? reader.name() : undefined;
  if (paired) reader.expect(')');
  reader.expect('in');
  const items = parseExpression(reader);
  reader.expect(':');
  const condition = parseCondition(reader);
  const body = parseExpression(reader);
  reader.skipLines();
  reader.expect(']');
  return { kind: 'for', item, index, items, condition, body };
}

/** `if (…)`, where there is one. */
export function parseCondition(reader: TokenReader): Expression | undefined {
  if (!reader.takeIf('if')) return undefined;
  reader.expect('(');
  const condition = parseExpression(reader);
  reader.expect(')');
  return condition;
}

/** What stands between the parts of objects and arrays: line ends or commas. */
function separate(reader: TokenReader): void {
  while (reader.peek().kind === 'line' || reader.is(',')) reader.take();
}
