import { functions, type Surroundings } from './functions.ts';
import type { Expression, ForExpression, ObjectExpression } from './syntax.ts';
import { EvaluationError, isFields, isTrue, listOf, numberOf, textOf } from './values.ts';

/** What names mean where an expression stands. */
export interface Context extends Surroundings {
  lookup(name: string): unknown;
}

/** Something with members that are only worked out when they are asked for. */
export interface Reference {
  member(name: string): unknown;
  /** A resource that is declared within it. */
  child(name: string): unknown;
}

/** @throws EvaluationError */
export function evaluate(expression: Expression, context: Context): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'text':
      return expression.parts
        .map((part) => (typeof part === 'string' ? part : textOf(evaluate(part, context))))
        .join('');
    case 'name':
      return context.lookup(expression.name);
    case 'array':
      return expression.items.map((item) => evaluate(item, context));
    case 'object':
      return evaluateObject(expression, context);
    case 'for':
      return evaluateLoop(expression, context, (inner) => evaluate(expression.body, inner));
    case 'call':
      return evaluateCall(expression.name, expression.arguments, context);
    case 'lambda':
      return (...values: unknown[]) =>
        evaluate(
          expression.body,
          withNames(context, Object.fromEntries(expression.parameters.map((name, at) => [name, values[at]]))),
        );
    case 'member':
      return memberOf(evaluate(expression.of, context), expression.name, expression.safe);
    case 'nested':
      return referenceOf(evaluate(expression.of, context)).child(expression.name);
    case 'index':
      return elementOf(evaluate(expression.of, context), evaluate(expression.index, context));
    case 'choice':
      return evaluate(
        isTrue(evaluate(expression.condition, context)) ? expression.then : expression.otherwise,
        context,
      );
    case 'not':
      return !isTrue(evaluate(expression.of, context));
    case 'binary':
      return evaluateBinary(expression.operator, expression.left, expression.right, context);
  }
}

/** The properties of an object, but those that are named. */
export function evaluateObject(
  { properties }: ObjectExpression,
  context: Context,
  without: readonly string[] = [],
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { key, value } of properties) {
    const name = textOf(evaluate(key, context));
    if (!without.includes(name)) found[name] = evaluate(value, context);
  }
  return found;
}

/** The body for each item whose condition holds; undefined for the others. */
export function evaluateLoop(
  { item, index, items, condition }: ForExpression,
  context: Context,
  body: (inner: Context, at: number) => unknown,
): unknown[] {
  return listOf(evaluate(items, context)).map((value, at) => {
    const inner = withNames(context, { [item]: value, ...(index && { [index]: at }) });
    return condition && !isTrue(evaluate(condition, inner)) ? undefined : body(inner, at);
  });
}

export function withNames(context: Context, names: Readonly<Record<string, unknown>>): Context {
  const { scope, tenantId, read } = context;
  const lookup = (name: string) => (Object.hasOwn(names, name) ? names[name] : context.lookup(name));
  return { scope, tenantId, read, lookup };
}

function evaluateCall(name: string, values: readonly Expression[], context: Context): unknown {
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!known) throw new EvaluationError(`the function ${name} is not known`);
  return known(
    values.map((value) => evaluate(value, context)),
    context,
  );
}

function memberOf(of: unknown, name: string, safe: boolean): unknown {
  if (isFields(of)) {
    if (Object.hasOwn(of, name)) return of[name];
    if (safe) return null;
    throw new EvaluationError(`there is no ${name} in ${JSON.stringify(of).slice(0, 200)}`);
  }
  if (safe && (of === null || of === undefined)) return null;
  return referenceOf(of).member(name);
}

function elementOf(of: unknown, index: unknown): unknown {
  if (isFields(of)) return memberOf(of, textOf(index), false);
  const at = numberOf(index);
  const items = listOf(of);
  if (at >= items.length) throw new EvaluationError(`there is no element ${at} of ${items.length}`);
  return items[at];
}

function referenceOf(value: unknown): Reference {
  if (typeof value === 'object' && value !== null && 'member' in value && 'child' in value)
    return value as Reference;
  throw new EvaluationError('something that is not deployed is asked for');
}

function evaluateBinary(operator: string, left: Expression, right: Expression, context: Context): unknown {
  const first = evaluate(left, context);
  const second = () => evaluate(right, context);
  switch (operator) {
    case '??':
      return first ?? second();
    case '&&':
      return isTrue(first) && isTrue(second());
    case '||':
      return isTrue(first) || isTrue(second());
    case '==':
      return first === second();
    case '!=':
      return first !== second();
    case '>':
      return numberOf(first) > numberOf(second());
    case '<':
      return numberOf(first) < numberOf(second());
    case '+':
      return numberOf(first) + numberOf(second());
    case '-':
      return numberOf(first) - numberOf(second());
    default:
      throw new EvaluationError(`the operator ${operator} is not known`);
  }
}
