import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOut } from '../../../src/operations/doctor/check.ts';
import { clockDiagnosis } from '../../../src/operations/doctor/clock-skew.ts';
import { parseCommandLine } from '../../../src/operations/doctor/command-line.ts';
import { ok, red, warn } from '../../../src/operations/doctor/diagnosis.ts';
import { failed } from '../../../src/operations/doctor/failed.ts';
import {
  answerDiagnosis,
  unreachableDiagnosis,
} from '../../../src/operations/doctor/registry/check-login-server.ts';
import {
  asJson,
  asText,
  columnsFor,
  exitCode,
  summary,
} from '../../../src/operations/doctor/show-diagnoses.ts';
import { versionDiagnoses } from '../../../src/operations/doctor/versions/version-diagnoses.ts';
import { UsageError } from '../../../src/operations/usage-error.ts';
import { ServiceFailure } from '../../../src/ports/service-failure.ts';

const subject = { kind: 'vault', name: 'keyturn' };

describe('a line', () => {
  it('has columns, and below it what to do', () => {
    const subjects = [subject, { kind: 'queue', name: 'token-requests-partners' }];
    const columns = columnsFor(subjects);
    expect(asText(ok(subject, 'secrets can be listed'), columns)).toBe(
      'ok    vault  keyturn                  secrets can be listed\n',
    );
    expect(asText(red({ kind: 'queue', name: 'x' }, 'is not there', 'Make it.'), columns)).toBe(
      'red   queue  x                        is not there\n      what to do: Make it.\n',
    );
  });

  it('is one JSON document as well', () => {
    const line = asJson(warn(subject, 'says "so"\n', 'Do.'));
    expect(line.trimEnd()).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      verdict: 'warn',
      kind: 'vault',
      name: 'keyturn',
      says: 'says "so"\n',
      remedy: 'Do.',
    });
  });

  it('that is red makes the exit code 1; a warning does not', () => {
    const lines = [ok(subject, 'a'), warn(subject, 'b', 'c'), ok(subject, 'd')];
    expect([exitCode(lines), summary(lines)]).toEqual([0, '2 ok, 1 warn, 0 red\n']);
    expect([exitCode([...lines, red(subject, 'e', 'f')]), exitCode([])]).toEqual([1, 0]);
  });
});

describe('a failure', () => {
  it('is told in fixed words, with what to do', () => {
    const failure = new ServiceFailure({
      service: 'vault',
      operation: 'listSecrets',
      status: 503,
      code: 'unavailable',
    });
    const line = failed(subject, 'secrets cannot be listed', failure);
    expect(line.says).toMatch(/^secrets cannot be listed: unavailable \(503\), no answer/);
    expect(line.remedy).toBeTruthy();
  });

  it('of any other kind is told without its message, which may hold anything', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (secret) => {
        const line = failed(subject, 'it', Object.assign(new TypeError(secret), { password: secret }));
        expect(line.says).toBe('it: TypeError');
        expect(line.remedy).not.toContain(secret);
      }),
    );
  });

  it('of a check is a red line of that check', async () => {
    const examine = async () => {
      throw new Error('with a secret');
    };
    const [line, ...more] = await carryOut({ subject, examine });
    expect(more).toEqual([]);
    expect(line).toMatchObject({ verdict: 'red', ...subject, says: 'could not be examined: Error' });
  });

  it('to come to an end is a red line when its time is over, also where it does not look at the signal', async () => {
    const [line] = await carryOut({ subject, timeLimit: 20, examine: () => new Promise(() => {}) });
    expect(line).toMatchObject({ verdict: 'red', ...subject, says: 'no answer within 0.02 s' });
    const aborted = await carryOut({
      subject,
      timeLimit: 20,
      examine: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    });
    expect(aborted).toMatchObject([{ verdict: 'red', says: 'no answer within 0.02 s' }]);
  });
});

describe('a clock', () => {
  it.each([
    [0, 'ok', /agrees with this machine's to 1 s/],
    [-30_000, 'ok', /to 30 s/],
    [30_001, 'warn', /is 31 s ahead of this machine's/],
    [-120_000, 'warn', /is 120 s behind this machine's/],
    [120_001, 'red', /is 3 min ahead/],
    [3_600_000, 'red', /is 60 min ahead/],
    [-7_300_000, 'red', /is 3 h behind/],
    [30 * 86_400_000, 'red', /is 30 days ahead/],
    [undefined, 'warn', /does not say/],
  ] as const)('that is %s ms ahead is %s', (ahead, verdict, says) => {
    const line = clockDiagnosis('vault', ahead);
    expect([line.verdict, says.test(line.says)]).toEqual([verdict, true]);
  });
});

describe('a login server', () => {
  const registry = { name: 'contoso', loginServer: 'contoso.azurecr.io', verification: 'login' } as const;
  const server = { kind: 'login server', name: registry.loginServer };
  const judge = (status: number, challenge = '') =>
    answerDiagnosis(server, registry, {
      status,
      headers: new Headers(challenge ? { 'www-authenticate': challenge } : {}),
    });
  const challenge = (service: string) =>
    `Bearer realm="https://${service}/oauth2/token",service="${service}"`;

  it('is one that asks for a token of its own', () => {
    expect(judge(401, challenge('contoso.azurecr.io')).verdict).toBe('ok');
  });

  it.each([
    [401, challenge('other.azurecr.io'), 'red', 'is the registry other.azurecr.io'],
    [401, 'Basic realm="x"', 'red', 'does not answer as a registry does (401)'],
    [200, '', 'red', 'does not answer as a registry does (200)'],
    [403, '', 'red', 'refuses this address (403)'],
    [503, '', 'warn', 'does not answer as a registry does (503)'],
  ])('that answers %i %j is %s', (status, header, verdict, says) => {
    expect(judge(status, header)).toMatchObject({ verdict, says });
  });

  it('that is out of reach matters only where the app logs in', () => {
    const why = 'its name does not resolve (ENOTFOUND)';
    expect(unreachableDiagnosis(server, registry, why)).toMatchObject({
      verdict: 'red',
      says: `cannot be reached: ${why}`,
    });
    expect(unreachableDiagnosis(server, { ...registry, verification: 'wait' }, why).verdict).toBe('ok');
  });
});

describe('the versions', () => {
  const bundle = (version: string | undefined, id = 'Microsoft.Azure.Functions.ExtensionBundle') =>
    versionDiagnoses({
      node: '24.21.0',
      extensionBundle: { id, version },
      packages: [{ name: 'durable-functions', wanted: '3.5.0', installed: '3.5.0' }],
    }).map(({ verdict }) => verdict);

  it('are well as the release has them', () => {
    expect(bundle('[4.*, 5.0.0)')).toEqual(['ok', 'ok', 'ok']);
    expect(bundle('[4.22.0, 5.0.0)')).toEqual(['ok', 'ok', 'ok']);
    expect(bundle('[4.0.0, 4.30.0)')).toEqual(['ok', 'ok', 'ok']);
  });

  it.each([
    [bundle('[4.*, 6.0.0)'), 'warn'],
    [bundle('[4.*, 5.1.0)'), 'warn'],
    [bundle(undefined), 'red'],
    [bundle('latest'), 'red'],
    [bundle('[4.*, 5.0.0)', 'Some.Other.Bundle'), 'red'],
  ])('of the extension bundle are looked at: %j', (verdicts, verdict) => {
    expect(verdicts[1]).toBe(verdict);
  });

  it('of packages and Node are compared with what is wanted', () => {
    const lines = versionDiagnoses({
      node: '22.1.0',
      extensionBundle: undefined,
      packages: [
        { name: 'a', wanted: '1.0.0', installed: '1.0.1' },
        { name: 'b', wanted: '1.0.0', installed: undefined },
      ],
    });
    expect(lines.map(({ verdict, says }) => `${verdict} ${says}`)).toEqual([
      'warn 22.1.0, and the infrastructure runs the app on 24',
      'red host.json has none',
      'warn 1.0.1, and package.json wants 1.0.0',
      'red is not installed',
    ]);
  });
});

describe('the command line', () => {
  it('takes files with settings in their order', () => {
    expect(parseCommandLine(['--settings', 'a', '--json', '--settings', 'b', '--no-canary'])).toEqual({
      settings: ['a', 'b'],
      json: true,
      canary: false,
    });
    expect(parseCommandLine([])).toEqual({ settings: [], json: false, canary: true });
    expect(parseCommandLine(['--help', '--json'])).toBe('help');
  });

  it.each([[['--setings', 'a']], [['--settings']], [['file']]])('refuses %j', (words) => {
    expect(() => parseCommandLine(words)).toThrow(UsageError);
  });
});
