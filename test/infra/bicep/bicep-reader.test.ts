import { describe, expect, it } from 'vitest';
import { deploy } from './deploy.ts';
import { DeploymentScope } from './scope.ts';
import type { Fields } from './values.ts';

const group = new DeploymentScope('00000000-0000-4000-8000-000000000001', 'group');

/** What a template with this text, and with these files beside it, would make. */
function deployText(text: string, parameters: Fields = {}, files: Readonly<Record<string, string>> = {}) {
  const all: Readonly<Record<string, string>> = { ...files, 'main.bicep': text };
  return deploy('main.bicep', parameters, group, {
    tenantId: 'tenant',
    read: (file) => {
      const found = all[file];
      if (found === undefined) throw new Error(`There is no ${file}.`);
      return found;
    },
    knownAfterDeployment: () => ({}),
  });
}

/** The value of an expression, where `given` is a parameter. */
function workedOut(expression: string, given: unknown = null): unknown {
  return deployText(`param given object?\noutput value object = ${expression}`, { given }).outputs.value;
}

describe('the reader of Bicep', () => {
  it.each([
    [`'a-\${1 + 2}-\${'b'}'`, 'a-3-b'],
    ["'it\\'s $5'", "it's $5"],
    ['true && !false ? [1, 2] : []', [1, 2]],
    ["empty('') || false\n  ? 'yes'\n  : 'no'", 'yes'],
    ["given.?name ?? 'none'", 'none'],
    ['union({ a: 1 }, { b: 2 }, empty([]) ? {} : { c: 3 })', { a: 1, b: 2 }],
    ["union([], ['x', 'y', 'x'])", ['x', 'y']],
    ['map([1, 2], number => { double: number + number })', [{ double: 2 }, { double: 4 }]],
    ["toObject(['a', 'bc'], text => text, text => length(text))", { a: 1, bc: 2 }],
    ["filter(['ab', 'cd'], text => startsWith(text, 'A'))", ['ab']],
    ['map(items({ b: 1, a: 2 }), item => item.key)', ['a', 'b']],
    ["last(split('x/y/z', '/'))", 'z'],
    [`[for (text, index) in ['a', 'b']: '\${text}\${index}']`, ['a0', 'b1']],
    ["cidrSubnet('10.90.0.0/24', 26, 1)", '10.90.0.64/26'],
    ["resourceId('A.B/c', 'd')", `${group.id}/providers/A.B/c/d`],
  ])('works out %s', (expression, expected) => {
    expect(workedOut(expression)).toEqual(expected);
  });

  it.each([
    ["listKeys('x', '2023-01-01').keys", 'the function listKeys is not known'],
    ['nowhere', 'main.bicep has nothing that is called nowhere'],
    ['{ a: 1 }.b', 'there is no b'],
    ["'open", 'main.bicep:2: a text is not closed'],
    ["''''long'''", 'texts in three quotes are not known'],
    ['[1, 2', 'main.bicep:2'],
    ['1 ~ 2', 'main.bicep:2: unexpected ~'],
  ])('refuses %s', (expression, message) => {
    expect(() => workedOut(expression)).toThrow(message);
  });

  const account = `
    param name string
    resource account 'A.B/accounts@2020-01-01' = {
      name: name
      properties: { size: 3 }

      resource inner 'boxes' = [
        for box in ['one', 'two']: {
          name: box
        }
      ]
    }
    resource note 'N.N/notes@2020-01-01' = if (account.properties.size > 2) {
      name: 'note'
      scope: account
    }
    output id string = account.id
  `;

  it('follows modules, loops, conditions, resources within others, and scopes', () => {
    const { resources, outputs } = deployText(
      `module one 'parts/account.bicep' = {
        name: 'one'
        params: { name: 'first' }
      }
      output id string = one.outputs.id`,
      {},
      { 'parts/account.bicep': account },
    );
    const base = `${group.id}/providers/A.B/accounts/first`;
    expect(outputs.id).toBe(base);
    expect(resources.map(({ id }) => id)).toEqual([
      base,
      `${base}/boxes/one`,
      `${base}/boxes/two`,
      `${base}/providers/N.N/notes/note`,
    ]);
    expect(new Set(resources.map(({ apiVersion }) => apiVersion))).toEqual(new Set(['2020-01-01']));
  });

  it.each([
    ["params: { name: 'x', size: 1 }", 'has no parameter size'],
    ['params: {}', 'needs the parameter name'],
    ['params: { name: 3 }', 'name is no string'],
    ["params: { name: 'x' }\n scope: subscription('y')", 'is for a resourceGroup, not for a subscription'],
  ])('refuses a module with %s', (body, message) => {
    const text = `module one 'account.bicep' = {\n name: 'one'\n ${body}\n}`;
    expect(() => deployText(text, {}, { 'account.bicep': account })).toThrow(message);
  });

  it('holds parameters to their types and bounds, those of other files too', () => {
    const types = `@export()
      type person = {
        @minLength(2)
        name: string
        kind: ('cat' | 'dog')?
      }`;
    const text = `import { person } from 'types.bicep'\nparam people person[]`;
    const with_ = (people: unknown) => () => deployText(text, { people }, { 'types.bicep': types });
    expect(with_([{ name: 'Mia', kind: 'cat' }, { name: 'Bo' }])).not.toThrow();
    expect(with_([{ name: 'M' }])).toThrow('people[0].name is below 2');
    expect(with_([{ name: 'Mia', kind: 'cow' }])).toThrow('people[0].kind is none of cat, dog');
    expect(with_([{ kind: 'cat' }])).toThrow('people[0].name is missing');
    expect(with_('Mia')).toThrow('people is no array');
  });
});
