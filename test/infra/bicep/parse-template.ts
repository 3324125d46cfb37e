import { parseArguments, parseCondition, parseExpression, parseObject } from './parse-expression.ts';
import { parseType } from './parse-type.ts';
import type {
  Decorators,
  Expression,
  ForExpression,
  ModuleDeclaration,
  ObjectExpression,
  Parameter,
  ResourceDeclaration,
  Template,
  Type,
} from './syntax.ts';
import { TokenReader } from './token-reader.ts';
import { tokensOf } from './tokens.ts';

/**
 * Reads a Bicep file. It knows as much of the language as `infra/` uses and refuses the rest. It is no compiler: it
 * does not know which properties a resource type has.
 *
 * @throws BicepSyntaxError with file and line
 */
export function parseTemplate(text: string, file: string): Template {
  return new TemplateParser(new TokenReader(tokensOf(text, file), file)).parse();
}

class TemplateParser {
  readonly #reader: TokenReader;
  #targetScope = 'resourceGroup';
  readonly #imports: { names: string[]; path: string }[] = [];
  readonly #types = new Map<string, Type>();
  readonly #parameters = new Map<string, Parameter>();
  readonly #variables = new Map<string, Expression>();
  readonly #resources = new Map<string, ResourceDeclaration>();
  readonly #modules = new Map<string, ModuleDeclaration>();
  readonly #outputs = new Map<string, Expression>();

  constructor(reader: TokenReader) {
    this.#reader = reader;
  }

  parse(): Template {
    const reader = this.#reader;
    for (reader.skipLines(); reader.peek().kind !== 'end'; reader.skipLines()) {
      this.#statement(parseDecorators(reader));
      if (reader.peek().kind !== 'end' && reader.peek().kind !== 'line') throw reader.unexpected('after it');
    }
    return {
      file: reader.file,
      targetScope: this.#targetScope,
      imports: this.#imports,
      types: this.#types,
      parameters: this.#parameters,
      variables: this.#variables,
      resources: this.#resources,
      modules: this.#modules,
      outputs: this.#outputs,
    };
  }

  #statement(decorators: Decorators): void {
    const reader = this.#reader;
    if (reader.is('resource')) {
      this.#declare(this.#resources, parseResource(reader, decorators));
      return;
    }
    const parse: Readonly<Record<string, () => void>> = {
      targetScope: () => {
        reader.expect('=');
        this.#targetScope = reader.plainText();
      },
      import: () => this.#import(),
      type: () => this.#type(),
      param: () => this.#declare(this.#parameters, parseParameter(reader, decorators)),
      var: () => {
        const name = reader.name();
        reader.expect('=');
        this.#variables.set(name, parseExpression(reader));
      },
      module: () => this.#declare(this.#modules, parseModule(reader, decorators)),
      output: () => {
        const name = reader.name();
        parseType(reader);
        reader.expect('=');
        this.#outputs.set(name, parseExpression(reader));
      },
    };
    const word = reader.name();
    const known = Object.hasOwn(parse, word) ? parse[word] : undefined;
    if (!known) throw reader.unexpected(`after ${word}, which begins no statement`);
    known();
  }

  #declare<Item extends { readonly name: string }>(into: Map<string, Item>, item: Item): void {
    into.set(item.name, item);
  }

  #import(): void {
    const reader = this.#reader;
    const names: string[] = [];
    reader.expect('{');
    while (!reader.takeIf('}')) {
      names.push(reader.name());
      reader.takeIf(',');
    }
    reader.expect('from');
    this.#imports.push({ names, path: reader.plainText() });
  }

  #type(): void {
    const name = this.#reader.name();
    this.#reader.expect('=');
    this.#types.set(name, parseType(this.#reader));
  }
}

function parseParameter(reader: TokenReader, decorators: Decorators): Parameter {
  const name = reader.name();
  const type = parseType(reader);
  const defaultValue = reader.takeIf('=') ? parseExpression(reader) : undefined;
  return { name, type, defaultValue, decorators };
}

/** A resource, on its own or within the body of its parent. @throws BicepSyntaxError */
export function parseResource(
  reader: TokenReader,
  decorators: Decorators = parseDecorators(reader),
): ResourceDeclaration {
  reader.expect('resource');
  const name = reader.name();
  const type = reader.plainText();
  const existing = reader.takeIf('existing');
  return { name, type, existing, decorators, ...parseBody(reader) };
}

function parseModule(reader: TokenReader, decorators: Decorators): ModuleDeclaration {
  return { name: reader.name(), path: reader.plainText(), decorators, ...parseBody(reader) };
}

function parseBody(reader: TokenReader): {
  body: ObjectExpression;
  loop: ForExpression | undefined;
  condition: Expression | undefined;
} {
  reader.expect('=');
  if (!reader.is('[')) {
    const condition = parseCondition(reader);
    return { body: parseObject(reader), loop: undefined, condition };
  }
  const loop = parseExpression(reader);
  if (loop.kind !== 'for' || loop.body.kind !== 'object') throw reader.unexpected('after what is no loop');
  return { body: loop.body, loop, condition: loop.condition };
}

export function parseDecorators(reader: TokenReader): Decorators {
  const decorators = new Map<string, readonly Expression[]>();
  while (reader.takeIf('@')) {
    decorators.set(reader.name(), parseArguments(reader));
    reader.skipLines();
  }
  return decorators;
}
