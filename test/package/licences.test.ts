import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPermitted } from '../../infra/package/licence-expression.ts';
import { makeSbom } from '../../infra/package/make-sbom.ts';
import { withoutPermissiveLicence } from '../../infra/package/permissive-licences.ts';
import { productionPackages } from '../../infra/package/production-packages.ts';

describe('the libraries that the app depends on', () => {
  it('all have a permissive licence', async () => {
    const packages = await productionPackages(process.cwd());
    expect(packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['zod', '@azure/functions', 'rhea', 'axios']),
    );
    expect(packages.map(({ name }) => name)).not.toContain('vitest');
    expect(withoutPermissiveLicence(packages)).toEqual([]);
  });

  it('are all in the bill of materials, and no others', async () => {
    const { metadata, components, dependencies } = await makeSbom(process.cwd());
    const packages = await productionPackages(process.cwd());
    const wanted = new Set(packages.map(({ name, version }) => `${name}@${version}`));
    expect(new Set(components.map((component) => component['bom-ref']))).toEqual(wanted);
    expect(new Set(dependencies.flatMap(({ dependsOn }) => dependsOn))).toEqual(wanted);
    expect(metadata.component).toMatchObject({ name: 'keyturn', type: 'application' });
  }, 60_000);
});

describe('a library is refused', () => {
  const refused = (license: string | undefined) =>
    withoutPermissiveLicence([{ name: 'thing', version: '1.0.0', folder: 'node_modules/thing', license }])
      .length > 0;

  it.each([
    undefined,
    '',
    'GPL-3.0-only',
    'AGPL-3.0-or-later',
    'MIT AND LGPL-2.1-only',
    'UNLICENSED',
    'SEE LICENSE IN EULA.txt',
    'MIT OR',
    '(MIT',
    'MIT)',
    'MIT ISC',
    'MIT WITH',
    'AND',
    '()',
    'mit',
  ])('with the licence %s', (license) => expect(refused(license)).toBe(true));

  it.each([
    'MIT',
    '(MIT)',
    'MIT OR GPL-2.0-only',
    '(GPL-2.0-only OR Apache-2.0) AND ISC',
    'GPL-3.0-only AND BSD-3-Clause OR MIT',
    'Apache-2.0 WITH LLVM-exception',
  ])('but not with %s', (license) => expect(refused(license)).toBe(false));
});

type Expression =
  | string
  | { readonly operator: 'AND' | 'OR'; readonly one: Expression; readonly other: Expression };

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('A', 'B', 'C'),
    fc.record({
      operator: fc.constantFrom('AND', 'OR'),
      one: tie('expression'),
      other: tie('expression'),
    }),
  ),
}));

const written = (it: Expression): string =>
  typeof it === 'string' ? it : `(${written(it.one)} ${it.operator} ${written(it.other)})`;

function truth(it: Expression, permitted: ReadonlySet<string>): boolean {
  if (typeof it === 'string') return permitted.has(it);
  const [one, other] = [truth(it.one, permitted), truth(it.other, permitted)];
  return it.operator === 'AND' ? one && other : one || other;
}

it('a licence expression is judged as what it says in propositional logic', () => {
  fc.assert(
    fc.property(expression, fc.subarray(['A', 'B', 'C']), (it, permitted) => {
      const fine = new Set(permitted);
      expect(isPermitted(written(it), fine)).toBe(truth(it, fine));
    }),
  );
});
