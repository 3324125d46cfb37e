import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  derivedSecretName,
  entranceNameSchema,
  ownScopeMapDescription,
  ownScopeMapName,
  registryKeySchema,
  registryNameSchema,
  sameName,
  scopeMapNameSchema,
  secretNameSchema,
  tokenKey,
  tokenNameSchema,
} from '../../src/contracts/names.ts';
import { registryName, tokenName } from './arbitrary-command.ts';

const loginServer = fc.oneof(
  registryName.map((name) => `${name}.azurecr.io`),
  fc.integer({ min: 1, max: 65_535 }).map((port) => `localhost:${port}`),
);

/** Durable Functions takes no `/ \\ # ?`, no control characters and no `@` in front. */
const legalInstanceId = /^[^@/\\#?\p{Cc}][^/\\#?\p{Cc}]{0,99}$/u;

describe('a token', () => {
  it('has one key, however its names are written', () => {
    expect(tokenKey('Contoso.azurecr.io', 'Web-Team')).toBe('contoso.azurecr.io~web-team');
    expect(sameName('Web-Team', 'web-team')).toBe(true);
    expect(sameName('web-team', 'web-teams')).toBe(false);
  });

  it('has a key of its own, which is legal as the id of a Durable instance', () => {
    fc.assert(
      fc.property(
        loginServer,
        tokenName,
        loginServer,
        tokenName,
        (server, token, otherServer, otherToken) => {
          const key = tokenKey(server, token);
          expect(key).toMatch(legalInstanceId);
          const same = sameName(server, otherServer) && sameName(token, otherToken);
          expect(key === tokenKey(otherServer, otherToken)).toBe(same);
        },
      ),
    );
  });
});

describe('the scope map of a token', () => {
  it('is named after it', () => {
    expect(ownScopeMapName('web-team')).toBe('web-team-scope-map');
    expect(ownScopeMapDescription('partners', 'web-team')).toBe('keyturn:partners/web-team');
  });

  it('has the full name of a token of 40 characters, and a cut name of one of 41', () => {
    expect(ownScopeMapName('t'.repeat(40))).toBe(`${'t'.repeat(40)}-scope-map`);
    expect(ownScopeMapName('t'.repeat(41))).toMatch(/^t{31}-[0-9a-f]{8}-scope-map$/);
  });

  it('is not the one of another token with the same beginning', () => {
    expect(ownScopeMapName(`${'t'.repeat(40)}a`)).not.toBe(ownScopeMapName(`${'t'.repeat(40)}b`));
    expect(ownScopeMapName(`${'t'.repeat(40)}A`)).toBe(ownScopeMapName(`${'t'.repeat(40)}a`));
  });

  it('has a name that Azure allows', () => {
    fc.assert(
      fc.property(tokenName, (token) => {
        expect(scopeMapNameSchema.safeParse(ownScopeMapName(token)).success).toBe(true);
      }),
    );
  });
});

describe('the secret of a token', () => {
  it('is named after registry and token', () => {
    expect(derivedSecretName('contoso', 'Web-Team')).toBe('acr-contoso--web-team');
  });

  it('has a name that the vault allows and that leads back to the token', () => {
    fc.assert(
      fc.property(registryName, tokenName, (registry, token) => {
        const name = derivedSecretName(registry, token);
        expect(secretNameSchema.safeParse(name).success).toBe(true);
        const end = name.indexOf('--');
        expect([name.slice('acr-'.length, end), name.slice(end + 2)]).toEqual([
          registry,
          token.toLowerCase(),
        ]);
      }),
    );
  });

  it('is another one where a hyphen could belong to either name', () => {
    expect(derivedSecretName('contoso', 'a--web')).not.toBe(derivedSecretName('contoso-a', 'web-x'));
    for (const name of ['contoso-', '-contoso', 'con--toso'])
      expect(registryNameSchema.safeParse(name).success).toBe(false);
  });
});

describe('a name', () => {
  it.each([
    ['of a registry', registryNameSchema, ['conto', 'Contoso', 'contoso-hx7k', 'c'.repeat(50)]],
    ['of a registry in the configuration', registryKeySchema, ['conto', 'contoso-hx7k']],
    ['of a token', tokenNameSchema, ['webby', 'w-e-b', 'WEB-1', 'w'.repeat(50)]],
    ['of a scope map', scopeMapNameSchema, ['_repositories_pull', 'a-b_c', '12345']],
    ['of a secret', secretNameSchema, ['a', 'A-1', 's'.repeat(127)]],
    ['of an entrance', entranceNameSchema, ['token-requests', 'iot']],
  ])('%s may be', (_what, schema, names) => {
    for (const name of names) expect(schema.safeParse(name).success, name).toBe(true);
  });

  it.each([
    ['of a registry', registryNameSchema, ['cont', 'con_toso', 'contoso.azurecr.io', 'c'.repeat(51)]],
    ['of a registry in the configuration', registryKeySchema, ['Contoso', 'cont']],
    ['of a token', tokenNameSchema, ['webb', '-webby', 'web~team', 'w'.repeat(51), 'wébby']],
    ['of a scope map', scopeMapNameSchema, ['pull', 'a.b.c.d', 's'.repeat(51)]],
    ['of a secret', secretNameSchema, ['', '1a', 'a_b', 's'.repeat(128)]],
    ['of an entrance', entranceNameSchema, ['io', 'IoT', '1iot', 'i'.repeat(51)]],
  ])('%s may not be', (_what, schema, names) => {
    for (const name of names) expect(schema.safeParse(name).success, name).toBe(false);
  });
});
