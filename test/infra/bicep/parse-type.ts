import { parseDecorators } from './parse-template.ts';
import type { Type, TypedProperty } from './syntax.ts';
import type { TokenReader } from './token-reader.ts';

/** The type of a parameter, of an output, or of `type`. @throws BicepSyntaxError */
export function parseType(reader: TokenReader): Type {
  let type = parsePlainType(reader);
  for (;;) {
    if (reader.takeIf('?')) type = { kind: 'optional', of: type };
    else if (reader.is('[') && reader.is(']', 1)) {
      reader.take();
      reader.take();
      type = { kind: 'list', of: type };
    } else return type;
  }
}

function parsePlainType(reader: TokenReader): Type {
  if (reader.is('{')) return { kind: 'record', properties: parseProperties(reader) };
  if (reader.takeIf('(')) {
    const inner = parseType(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.peek().kind !== 'text') return { kind: 'named', name: reader.name() };
  const values = [reader.plainText()];
  while (reader.takeIf('|')) values.push(reader.plainText());
  return { kind: 'oneOf', values };
}

function parseProperties(reader: TokenReader): TypedProperty[] {
  const properties: TypedProperty[] = [];
  reader.expect('{');
  for (reader.skipLines(); !reader.takeIf('}'); reader.skipLines()) {
    const decorators = parseDecorators(reader);
    const name = reader.name();
    reader.expect(':');
    properties.push({ name, type: parseType(reader), decorators });
  }
  return properties;
}
