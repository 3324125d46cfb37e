/** A route of an HTTP function, as ASP.NET Core's routing matches it: without regard to case. */
export interface RouteTemplate {
  /** The parameters of a path that matches (decoded, without slash at its ends), or undefined. */
  match(path: string): Record<string, string> | undefined;
}

type Constraint = (value: string) => boolean;

interface Parameter {
  readonly name: string;
  readonly constraints: readonly Constraint[];
  readonly defaultValue: string | undefined;
}

/**
 * Compiles a template such as `items/{category:alpha}/{id:int?}` or `files/{*path}`.
 * @throws Error when it is malformed or uses a constraint that is not known.
 */
export function compileRoute(template: string): RouteTemplate {
  const parameters: Parameter[] = [];
  const segments = template.split('/').filter((segment) => segment !== '');
  const pattern = segments.map((segment, index) =>
    segmentPattern(segment, index, segments.length, parameters),
  );
  const expression = new RegExp(`^${pattern.join('')}$`, 'i');
  return {
    match(path) {
      const found = expression.exec(path === '' ? '' : `/${path}`);
      return found ? bind(parameters, found.slice(1)) : undefined;
    },
  };
}

function bind(
  parameters: readonly Parameter[],
  values: readonly (string | undefined)[],
): Record<string, string> | undefined {
  const bound: Record<string, string> = {};
  for (const [index, { name, constraints, defaultValue }] of parameters.entries()) {
    const value = values[index] || defaultValue;
    if (value === undefined) continue;
    if (!constraints.every((holds) => holds(value))) return undefined;
    bound[name] = value;
  }
  return bound;
}

const placeholder = /\{((?:[^{}]|\{\{|\}\})*)\}/g;

function segmentPattern(segment: string, index: number, count: number, parameters: Parameter[]): string {
  const whole = /^\{(\*{0,2})([^{}]+(?:\{\d+(?:,\d+)?\}[^{}]*)*)\}$/.exec(segment);
  const [, stars = '', content = ''] = whole ?? [];
  if (whole && stars !== '') {
    if (index !== count - 1) throw new Error('a catch-all parameter can only be the last segment');
    parameters.push(parseParameter(content).parameter);
    return '(?:/(.*))?';
  }
  if (whole) {
    const { parameter, isOptional } = parseParameter(content);
    parameters.push(parameter);
    return isOptional || parameter.defaultValue !== undefined ? '(?:/([^/]+))?' : '/([^/]+)';
  }
  let pattern = '/';
  let end = 0;
  for (const match of segment.matchAll(placeholder)) {
    pattern += `${literal(segment.slice(end, match.index))}([^/]+?)`;
    parameters.push(parseParameter(match[1] ?? '').parameter);
    end = match.index + match[0].length;
  }
  return pattern + literal(segment.slice(end));
}

function literal(text: string): string {
  if (/[{}]/.test(text.replace(/\{\{|\}\}/g, '')))
    throw new Error(`"${text}" has a brace that is not closed`);
  return RegExp.escape(text.replaceAll('{{', '{').replaceAll('}}', '}'));
}

function parseParameter(text: string): { parameter: Parameter; isOptional: boolean } {
  const isOptional = text.endsWith('?');
  const [declaration = '', defaultValue] = splitOnce(isOptional ? text.slice(0, -1) : text, '=');
  const [name, constraints] = splitOnce(declaration, ':');
  if (!/^[^\s*/{}]+$/.test(name)) throw new Error(`"{${text}}" is not a parameter`);
  return {
    parameter: { name, constraints: splitConstraints(constraints ?? '').map(parseConstraint), defaultValue },
    isOptional,
  };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const position = text.indexOf(separator);
  return position < 0 ? [text, undefined] : [text.slice(0, position), text.slice(position + 1)];
}

/** Splits at colons that are not inside parentheses, as in `regex(a:b):length(3)`. */
function splitConstraints(text: string): string[] {
  return text.match(/(?:[^:(]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
}

const simpleConstraints: Readonly<Record<string, Constraint>> = {
  int: (value) => isWholeNumber(value, -(2n ** 31n), 2n ** 31n - 1n),
  long: (value) => isWholeNumber(value, -(2n ** 63n), 2n ** 63n - 1n),
  bool: (value) => /^(true|false)$/i.test(value),
  guid: (value) =>
    /^[{(]?[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}[)}]?$/i.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  decimal: isNumber,
  double: isNumber,
  float: isNumber,
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  required: (value) => value !== '',
};

function parseConstraint(text: string): Constraint {
  const [, name = '', argument] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? [];
  const simple = argument === undefined ? simpleConstraints[name.toLowerCase()] : undefined;
  if (simple) return simple;
  const [first = Number.NaN, second] = (argument ?? '').split(',').map(Number);
  switch (name.toLowerCase()) {
    case 'regex':
      return (value) => new RegExp(argument ?? '', 'i').test(value);
    case 'length':
      return (value) => value.length >= first && value.length <= (second ?? first);
    case 'minlength':
      return (value) => value.length >= first;
    case 'maxlength':
      return (value) => value.length <= first;
    case 'min':
      return (value) => simpleConstraints.long?.(value) === true && Number(value) >= first;
    case 'max':
      return (value) => simpleConstraints.long?.(value) === true && Number(value) <= first;
    case 'range':
      return (value) =>
        simpleConstraints.long?.(value) === true && Number(value) >= first && Number(value) <= Number(second);
    default:
      throw new Error(`the route constraint "${text}" is not known`);
  }
}

function isWholeNumber(value: string, least: bigint, most: bigint): boolean {
  if (!/^[+-]?\d+$/.test(value)) return false;
  const number = BigInt(value.replace(/^\+/, ''));
  return number >= least && number <= most;
}

function isNumber(value: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
}
