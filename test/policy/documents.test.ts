import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../src/contracts/violations.ts';
import { policySchema } from '../../src/policy/policy-document.ts';
import { profileSchema, standardProfiles } from '../../src/policy/profile.ts';
import { policy } from './build.ts';

describe('the standard profiles', () => {
  it('are the ones that the documentation promises', () => {
    expect(standardProfiles).toEqual({
      standard: { rotateEvery: 'P60D', overlap: 'P14D', minimumOverlap: 'PT72H', earlyRotation: 'allowed' },
      live: { rotateEvery: 'P30D', overlap: 'P3D', minimumOverlap: 'PT24H', earlyRotation: 'allowed' },
      device: {
        rotateEvery: 'P180D',
        overlap: 'P60D',
        minimumOverlap: 'P30D',
        earlyRotation: 'onlyCompromised',
      },
    });
  });

  it.each(Object.entries(standardProfiles))('%s could be configured as it is', (_name, profile) => {
    expect(profileSchema.parse(profile)).toEqual(profile);
  });
});

describe('a profile is refused', () => {
  const profile = { rotateEvery: 'P10D', overlap: 'P5D', minimumOverlap: 'P2D' };

  it.each([
    [
      'with an overlap as long as the time between rotations',
      { overlap: 'P10D' },
      'overlap overlapNotBelowRotateEvery',
    ],
    ['with an overlap below its own minimum', { overlap: 'P1D' }, 'overlap overlapBelowMinimum'],
    ['without overlap', { overlap: 'PT0S' }, 'overlap tooShort'],
    ['with a duration in months', { rotateEvery: 'P2M' }, 'rotateEvery invalidDuration'],
  ])('%s', (_sentence, changes, expected) => {
    const { error } = profileSchema.safeParse({ ...profile, ...changes }, { reportInput: true });
    expect(error && problemsOf(error).map(({ path, violation }) => `${path} ${violation}`)).toContain(
      expected,
    );
  });
});

describe('a policy', () => {
  it('has defaults that give nothing away', () => {
    const least = {
      sources: ['*'],
      owners: ['*'],
      commands: ['keyturn.token.revocation-requested'],
      registries: ['contoso'],
      tokens: ['*'],
      vault: 'web-vault',
    };
    expect(policySchema.parse(least)).toEqual({
      ...least,
      repositories: {},
      scopeMaps: [],
      secretNames: [],
      profiles: ['standard'],
      bounds: {},
      quotas: { tokens: 500, commandsPerHour: 1_000 },
      manages: [],
      onDisable: 'disableSecret',
      healing: {},
      rotateOnScopeMapChange: false,
      rotationWindows: [],
      staleAfter: 'P1D',
    });
  });

  it.each([
    ['without sources', { sources: [] }, 'sources tooShort'],
    ['with a command that is none', { commands: ['*'] }, 'commands[0] notOneOf'],
    [
      'with a wildcard that scope maps do not have',
      { repositories: { 'web-*': ['content/read'] } },
      'repositories.web-* invalidRepository',
    ],
    ['with a pattern as a scope map', { scopeMaps: ['shared-*'] }, 'scopeMaps[0] invalidScopeMapName'],
    ['with no quota of tokens', { quotas: { tokens: 0 } }, 'quotas.tokens tooShort'],
    ['with a misspelt key', { rotateOnScopemapChange: true }, 'rotateOnScopemapChange unknownField'],
  ])('is refused %s', (_sentence, changes, expected) => {
    const { error } = policySchema.safeParse({ ...policy(), ...changes }, { reportInput: true });
    expect(error && problemsOf(error).map(({ path, violation }) => `${path} ${violation}`)).toEqual([
      expected,
    ]);
  });
});
