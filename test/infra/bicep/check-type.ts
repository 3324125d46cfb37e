import { type Context, evaluate } from './evaluate.ts';
import type { Decorators, Type } from './syntax.ts';
import { EvaluationError, isFields } from './values.ts';

/** Finds a type that is named. */
export type TypeFinder = (name: string) => Type | undefined;

/** All that keeps a value from being of a type, with where it is. */
export function* typeProblems(value: unknown, type: Type, path: string, find: TypeFinder): Generator<string> {
  switch (type.kind) {
    case 'optional':
      if (value !== null && value !== undefined) yield* typeProblems(value, type.of, path, find);
      return;
    case 'oneOf':
      if (!type.values.includes(String(value))) yield `${path} is none of ${type.values.join(', ')}`;
      return;
    case 'list':
      if (!Array.isArray(value)) yield `${path} is no array`;
      else
        for (const [at, item] of value.entries()) yield* typeProblems(item, type.of, `${path}[${at}]`, find);
      return;
    case 'record':
      yield* recordProblems(value, type, path, find);
      return;
    case 'named':
      yield* namedProblems(value, type.name, path, find);
  }
}

function* recordProblems(
  value: unknown,
  type: Type & { readonly kind: 'record' },
  path: string,
  find: TypeFinder,
): Generator<string> {
  if (!isFields(value)) return yield `${path} is no object`;
  const known = new Set(type.properties.map(({ name }) => name));
  for (const name of Object.keys(value)) if (!known.has(name)) yield `${path}.${name} is not known`;
  for (const { name, type: inner, decorators } of type.properties) {
    const item = value[name];
    if (item === undefined && inner.kind !== 'optional') yield `${path}.${name} is missing`;
    if (item === undefined) continue;
    yield* typeProblems(item, inner, `${path}.${name}`, find);
    yield* boundProblems(item, decorators, `${path}.${name}`);
  }
}

function* namedProblems(value: unknown, name: string, path: string, find: TypeFinder): Generator<string> {
  const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
    string: (text) => typeof text === 'string',
    int: Number.isInteger,
    bool: (truth) => typeof truth === 'boolean',
    array: Array.isArray,
    object: isFields,
  };
  const hasType = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (hasType) {
    if (!hasType(value)) yield `${path} is no ${name}`;
    return;
  }
  const type = find(name);
  if (!type) throw new EvaluationError(`the type ${name} is not known`);
  yield* typeProblems(value, type, path, find);
}

/** What the decorators of a parameter or property forbid. */
export function* boundProblems(value: unknown, decorators: Decorators, path: string): Generator<string> {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : Number(value);
  for (const [name, [argument]] of decorators) {
    if (!argument) continue;
    const bound = evaluate(argument, plain);
    if ((name === 'minLength' || name === 'minValue') && size < Number(bound))
      yield `${path} is below ${bound}`;
    if ((name === 'maxLength' || name === 'maxValue') && size > Number(bound))
      yield `${path} is above ${bound}`;
    if (name === 'allowed' && Array.isArray(bound) && !bound.includes(value))
      yield `${path} is none of ${bound.join(', ')}`;
  }
}

/** Where decorators stand: nothing has a name there. */
const plain: Context = {
  lookup: (name) => {
    throw new EvaluationError(`${name} in a decorator`);
  },
  get scope(): never {
    throw new EvaluationError('a decorator cannot know where it is deployed');
  },
  tenantId: '',
  read: () => '',
};
