import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRoute } from '../../../../infra/local/functions-host/http/route-template.ts';

describe('compileRoute', () => {
  const table: Record<string, [template: string, path: string, params: Record<string, string> | undefined]> =
    {
      'matches literals without regard to case': ['api/Items', 'API/items', {}],
      'does not match another path': ['api/items', 'api/item', undefined],
      'does not match a longer path': ['api/items', 'api/items/1', undefined],
      'takes a parameter': ['items/{id}', 'items/a%20b', { id: 'a%20b' }],
      'needs a parameter': ['items/{id}', 'items', undefined],
      'does without an optional parameter': ['items/{id?}', 'items', {}],
      'takes an optional parameter': ['items/{id?}', 'items/7', { id: '7' }],
      'uses a default': ['items/{id=first}', 'items', { id: 'first' }],
      'takes the rest of the path': ['files/{*path}', 'files/a/b/c', { path: 'a/b/c' }],
      'takes no rest': ['files/{*path}', 'files', {}],
      'takes several parameters in a segment': ['v{major}.{minor}', 'v1.2', { major: '1', minor: '2' }],
      'takes a whole number': ['items/{id:int}', 'items/42', { id: '42' }],
      'refuses what is no whole number': ['items/{id:int}', 'items/4x', undefined],
      'refuses a whole number that .NET’s int cannot hold': ['items/{id:int}', 'items/2147483648', undefined],
      'takes it as a long': ['items/{id:long}', 'items/2147483648', { id: '2147483648' }],
      'checks an optional parameter only when it is there': ['items/{id:int?}', 'items', {}],
      'checks a guid': ['items/{id:guid}', 'items/c1a8e9d2-4b35-4f7c-9d10-6b0f4a1e2d3c', expect.anything()],
      'refuses what is no guid': ['items/{id:guid}', 'items/7', undefined],
      'checks several constraints': ['items/{name:alpha:minlength(3)}', 'items/ab', undefined],
      'checks a range': ['items/{id:range(1,5)}', 'items/6', undefined],
      'checks a length': ['items/{id:length(3)}', 'items/abc', { id: 'abc' }],
      'checks a regular expression with colons and braces': [
        't/{at:regex(^\\d{{2}}:\\d{{2}}$)}',
        't/x',
        undefined,
      ],
      'checks a boolean': ['items/{flag:bool}', 'items/TRUE', { flag: 'TRUE' }],
      'matches the root': ['', '', {}],
    };
  for (const [sentence, [template, path, params]] of Object.entries(table))
    test(sentence, () => expect(compileRoute(template).match(path)).toEqual(params));

  for (const [what, template, message] of [
    ['a constraint that is not known', 'items/{id:color}', /constraint "color" is not known/],
    ['a catch-all that is not last', '{*rest}/items', /catch-all parameter can only be the last segment/],
    ['a brace that is not closed', 'items/{id', /brace that is not closed/],
    ['a parameter without a name', 'items/{:int}', /not a parameter/],
  ] as const)
    test(`refuses ${what}`, () => expect(() => compileRoute(template)).toThrow(message));

  test('gives back whatever text stands in a parameter’s segment', () => {
    const segment = fc.string({ minLength: 1 }).filter((text) => !/[/\n\r\u2028\u2029]/.test(text));
    fc.assert(
      fc.property(segment, segment, (one, other) => {
        expect(compileRoute('a/{one}/b/{other}').match(`a/${one}/b/${other}`)).toEqual({ one, other });
      }),
    );
  });
});
