import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configurationOf } from '../../../src/configuration/configuration.ts';
import { configurationSchema } from '../../../src/configuration/configuration-document.ts';
import { milliseconds } from '../../../src/contracts/durations.ts';
import { latestInstant } from '../../../src/contracts/instants.ts';
import { canaryValidity } from '../../../src/operations/doctor/vault/canary-validity.ts';
import { isOfOthers, validUntil } from '../../../src/operations/doctor/vault/check-canary.ts';
import { readingDiagnosis } from '../../../src/operations/doctor/vault/check-vault.ts';
import { challengeDiagnosis } from '../../../src/operations/doctor/vault/vault-challenge.ts';

const day = 86_400_000;

function configured(
  entrances: Record<string, object>,
  vaults: Record<string, object> = { teams: {}, spare: {} },
) {
  const policy = {
    sources: ['*'],
    owners: ['*'],
    commands: ['keyturn.token.requested'],
    registries: ['contoso'],
    tokens: ['*'],
    vault: 'teams',
  };
  return configurationOf(
    configurationSchema.parse({
      registries: {},
      vaults,
      entrances: Object.fromEntries(
        Object.entries(entrances).map(([name, changes]) => [name, { policy: { ...policy, ...changes } }]),
      ),
    }),
  );
}

describe('the canary', () => {
  it('is valid for as long as the longest credential of the profiles that deliver to the vault', () => {
    const configuration = configured({
      one: {},
      two: { profiles: ['live', 'device'] },
      three: { vault: 'spare' },
    });
    expect(canaryValidity(configuration, 'teams')).toBe(240 * day);
    expect(canaryValidity(configuration, 'spare')).toBe(74 * day);
  });

  it('is valid for as long as the bounds let a request ask for', () => {
    const bounds = { maximumRotateEvery: 'P90D', maximumOverlap: 'P30D' };
    expect(canaryValidity(configured({ one: { bounds } }), 'teams')).toBe(120 * day);
  });

  it('is never valid for longer than the vault allows', () => {
    const vaults = { teams: { longestValidity: 'P50D' } };
    expect(canaryValidity(configured({ one: {}, two: { profiles: ['device'] } }, vaults), 'teams')).toBe(
      50 * day,
    );
  });

  it('is not sent where nothing is delivered', () => {
    expect(canaryValidity(configured({ one: {} }), 'spare')).toBeUndefined();
  });

  it('is at least as long as any profile that is allowed, and the longest validity at most', () => {
    const profiles = fc.subarray(['standard', 'live', 'device'], { minLength: 1 });
    const longest = fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined });
    fc.assert(
      fc.property(profiles, longest, (names, days) => {
        const configuration = configured(
          { one: { profiles: names } },
          { teams: days === undefined ? {} : { longestValidity: `P${days}D` } },
        );
        const validity = canaryValidity(configuration, 'teams') ?? 0;
        for (const name of names) {
          const profile = configuration.profiles.get(name);
          const needed = milliseconds(profile?.rotateEvery ?? '') + milliseconds(profile?.overlap ?? '');
          expect(validity).toBeGreaterThanOrEqual(Math.min(needed, (days ?? Infinity) * day));
        }
        expect(validity).toBeLessThanOrEqual((days ?? Infinity) * day);
      }),
    );
  });

  it('ends in a whole second, and before the dates end that the vault can hold', () => {
    expect(validUntil(new Date('2026-03-01T12:00:00.700Z'), day)).toBe('2026-03-02T12:00:00.000Z');
    expect(validUntil(new Date('2037-12-01T00:00:00Z'), 400 * day) <= latestInstant).toBe(true);
  });

  it('is written over only where the doctor wrote it', () => {
    const version = (tags: Record<string, string>) => ({ version: '1', createdAt: '', enabled: true, tags });
    const own = version({ keyturn: 'doctor-canary' });
    expect(isOfOthers({ standing: 'absent', versions: [] })).toBe(false);
    expect(isOfOthers({ standing: 'softDeleted', versions: [own] })).toBe(false);
    expect(isOfOthers({ standing: 'present', versions: [own, version({})] })).toBe(true);
  });
});

describe('a vault', () => {
  const subject = { kind: 'vault', name: 'teams' };
  const url = 'https://kv-teams.vault.azure.net';
  const answer = (challenge: string, status = 401) => ({
    status,
    headers: new Headers(challenge ? { 'www-authenticate': challenge } : {}),
  });
  const challenge = 'Bearer authorization="https://login.windows.net/t", resource="https://vault.azure.net"';

  it('is one that asks for an access token of its domain', () => {
    const { diagnosis, resource } = challengeDiagnosis(subject, url, answer(challenge), true);
    expect([diagnosis.verdict, resource]).toEqual(['ok', 'https://vault.azure.net']);
  });

  it.each([
    ['which asks for nothing', answer('')],
    ['which is a web site', answer(challenge, 200)],
    ['which asks for Basic', answer('Basic realm="x"')],
  ])('is none %s, and is shown no token', (_case, seen) => {
    const { diagnosis, resource } = challengeDiagnosis(subject, url, seen, true);
    expect([diagnosis.verdict, resource]).toEqual(['red', undefined]);
  });

  it('that asks for tokens of another domain is shown none, unless the configuration says so', () => {
    const elsewhere = 'https://vault.example.com';
    expect(challengeDiagnosis(subject, elsewhere, answer(challenge), true)).toMatchObject({
      diagnosis: { verdict: 'red' },
    });
    expect(challengeDiagnosis(subject, elsewhere, answer(challenge), true).resource).toBeUndefined();
    expect(
      challengeDiagnosis(subject, 'https://evilvault.azure.net.example', answer(challenge), true).resource,
    ).toBeUndefined();
    expect(challengeDiagnosis(subject, elsewhere, answer(challenge), false).resource).toBe(
      'https://vault.azure.net',
    );
  });

  it('must not let Keyturn read', () => {
    expect(readingDiagnosis(subject, 'denied').verdict).toBe('ok');
    expect(readingDiagnosis(subject, 'allowed').verdict).toBe('warn');
    expect(readingDiagnosis(subject, 'unclear').verdict).toBe('warn');
  });
});
