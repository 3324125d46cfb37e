import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { managedPart, type TokenState } from '../../../src/lifecycle/state.ts';
import { eventually } from '../../local/functions-host/sample-app/durable-api.ts';
import { RegistryContents } from '../../service/commands/registry-contents.ts';
import { type EntranceName, Requester, teamRequest } from '../../service/commands/requester.ts';
import { emptyStorageAccount, expectInOrder } from '../../service/faults/in-order.ts';
import { Prober, withProber } from '../../service/prober.ts';
import { RunningService } from '../../service/running-service.ts';
import { runOperation } from '../run-operation.ts';

const patience = 300_000;
const reason = 'asked for by a test';
const overlaps = { 'team-plain': 'P14D', 'team-live': 'P3D', 'partner-acme': 'P14D', 'device-one': 'P60D' };
const living = Object.keys(overlaps);
const kept = [...living, 'team-off', 'team-revoked'];

let service: RunningService;
let requester: Requester;
let registry: RegistryContents;
let prober: Prober;

/** The partners have as many tokens as they may have. */
beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withProber,
    changeConfiguration: ({ entrances }) => {
      const partners = entrances['token-requests-partners'];
      if (partners) partners.policy.quotas = { tokens: 1 };
    },
  });
  requester = await Requester.open(service);
  registry = await RegistryContents.open(service);
  prober = await Prober.start(service);
  await registry.makeScopeMap('device-firmware', ['repositories/firmware/*/content/read']);
  await provisionAll();
}, patience);
afterAll(async () => {
  await prober.close();
  await requester.close();
  await service.close();
});

async function provisionAll(): Promise<void> {
  const endOfLife = new Date((await service.control.now()).getTime() + 500 * 86_400_000);
  const requests: [string, Record<string, unknown>, EntranceName?][] = [
    ['team-plain', teamRequest({ 'teams/web': ['content/read', 'content/write'] }, { purpose: 'builds' })],
    ['team-live', teamRequest({ 'teams/live': ['content/read'] }, { profile: 'live' })],
    ['team-off', teamRequest()],
    ['team-revoked', teamRequest()],
    ['team-deleted', teamRequest()],
    [
      'partner-acme',
      {
        owner: 'acme',
        access: { repositories: { 'shared/base': ['content/read'] } },
        expiresAt: endOfLife.toISOString(),
      },
      'token-requests-partners',
    ],
    [
      'device-one',
      { owner: 'devices-north', access: { scopeMap: 'device-firmware' } },
      'token-requests-devices',
    ],
  ];
  const outcomes = requests.map(([token, data, entrance = 'token-requests']) =>
    requester.ask('keyturn.token.requested', token, data, { entrance }),
  );
  expect(await Promise.all(outcomes)).toEqual(requests.map(() => 'done'));
  for (const [token, overlap] of Object.entries(overlaps)) prober.watch({ token, overlap });
  const ended = [
    requester.ask('keyturn.token.disable-requested', 'team-off', { reason }),
    requester.ask('keyturn.token.revocation-requested', 'team-revoked', { reason }),
    requester.ask('keyturn.token.deletion-requested', 'team-deleted', { reason }),
  ];
  expect(await Promise.all(ended)).toEqual(['done', 'done', 'done']);
  await registry.makeToken('ops-by-hand', 'device-firmware');
  // Both slots in use, so that it shows which of the two is taken up.
  await untilAllWait();
  await goOn(61);
  for (const token of ['team-plain', 'team-live', 'partner-acme'])
    await requester.event('keyturn.token.rotated', token);
}

async function statesOf(tokens: readonly string[]): Promise<(TokenState | undefined)[]> {
  return Promise.all(tokens.map((token) => requester.state(token)));
}

/** What must be the same before and after: all but what no tag holds. */
function essence(state: TokenState | undefined) {
  if (!state || state.status === 'none') return { status: state?.status };
  const { managed, published, generation, incarnation, credentials } = managedPart(state);
  const { purpose, ...rest } = managed;
  const passwords = Object.values(credentials).map((each) => [
    each?.slot,
    each?.slotCreatedAt,
    each?.expiresAt,
  ]);
  return { status: state.status, managed: rest, published, generation, incarnation, passwords };
}

async function rebuild(...words: readonly string[]) {
  const now = (await service.control.now()).toISOString();
  const { code, output, errors } = await runOperation(service, 'rebuild', '--now', now, ...words);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return output;
}

/** The line about a token, without what differs from run to run. */
function lineOf(token: string, output: string): string {
  const line = output.split('\n').find((each) => each.startsWith(`contoso/${token} `)) ?? '';
  return line.replace(/\s{2,}/g, ' | ').replace(/\d{4}-\d\d-\d\d/g, 'DATE');
}

async function expectRestored(
  tokens: readonly string[],
  before: readonly (TokenState | undefined)[],
): Promise<void> {
  const after = await statesOf(tokens);
  expect(after.map(essence)).toEqual(before.map(essence));
}

async function generationOf(token: string): Promise<number> {
  return (await requester.state(token))?.generation ?? 0;
}

/** Resolves when the lifecycle of every living token waits for what is due next, which is not for hours. */
async function untilAllWait(): Promise<void> {
  const soon = (await service.control.now()).getTime() + 2 * 3_600_000;
  for (const token of living)
    await eventually(
      `the lifecycle of ${token}`,
      async () => (await requester.state(token))?.lookAt ?? '',
      (lookAt) => Date.parse(lookAt) > soon,
    );
}

/** Lets days go by, few at a time: on a busy machine a lifecycle may be left behind by a longer move of the clock. */
async function goOn(days: number): Promise<void> {
  for (let left = days; left > 0; left -= 10) {
    await service.control.advance(`P${Math.min(left, 10)}D`);
    const now = (await service.control.now()).toISOString();
    for (const token of living)
      await eventually(
        `the lifecycle of ${token}`,
        async () => (await requester.state(token))?.lookAt ?? '',
        (lookAt) => lookAt > now,
      );
  }
}

/** Lets time go by until every living token was rotated once more; reconcile runs once a day. */
async function expectRotations(days: number): Promise<void> {
  const tokens = ['team-plain', 'team-live', 'partner-acme'];
  const before = new Map(
    await Promise.all(tokens.map(async (token) => [token, await generationOf(token)] as const)),
  );
  await service.control.advance('P1D');
  await untilAllWait();
  await goOn(days);
  for (const token of tokens)
    await eventually(
      `the next rotation of ${token}`,
      () => generationOf(token),
      (generation) => generation > (before.get(token) ?? 0),
    );
  await prober.until(2);
  expect(prober.failures).toEqual([]);
}

describe('when the tables of Keyturn are lost', () => {
  it(
    'a dry run says what there is to restore, and changes nothing',
    async () => {
      const before = await statesOf(kept);
      await service.hosts[0]?.freeze();
      await emptyStorageAccount(service);
      const output = await rebuild();
      expect(lineOf('team-plain', output)).toBe(
        'contoso/team-plain | restored | active, entrance token-requests, owner team-web, incarnation 1, generation 2, next rotation DATE',
      );
      expect(lineOf('partner-acme', output)).toContain(
        'owner acme, incarnation 1, generation 2, next rotation DATE, ends DATE',
      );
      expect(lineOf('team-off', output)).toContain('disabled, entrance token-requests');
      expect(lineOf('team-revoked', output)).toContain('revoked, entrance token-requests');
      expect(lineOf('team-deleted', output)).toBe('contoso/team-deleted | deleted | nothing to restore');
      expect(lineOf('ops-by-hand', output)).toBe("contoso/ops-by-hand | not Keyturn's");
      expect(output).toContain(
        "8 tokens: 6 to restore, 0 already there, 1 not Keyturn's, 1 deleted, 0 ambiguous.\nNothing was written.",
      );
      expect(await statesOf(kept)).toEqual(kept.map(() => undefined));

      expect(await rebuild('--write')).toContain('6 restored, 0 already there');
      await expectRestored(kept, before);
      expect(await rebuild('--write')).toContain('0 restored, 6 already there');
      await service.hosts[0]?.thaw();
    },
    patience,
  );

  it(
    'the tokens rotate on, and nobody was shut out',
    async () => {
      await expectRotations(60);
      await expectInOrder(service, living);
    },
    patience,
  );

  it(
    'quotas count what was restored',
    async () => {
      const request = { owner: 'acme', access: { repositories: { 'shared/base': ['content/read'] } } };
      const lifetime = { ...request, lifetime: 'P100D' };
      expect(
        await requester.ask('keyturn.token.requested', 'partner-more', lifetime, {
          entrance: 'token-requests-partners',
        }),
      ).toBe('denied tokenQuotaReached');
    },
    patience,
  );

  it(
    'a revoked token is not brought back by a request or by enabling it',
    async () => {
      expect(await requester.ask('keyturn.token.enable-requested', 'team-revoked', { reason })).toBe(
        'denied tokenRevoked',
      );
      expect(await requester.ask('keyturn.token.requested', 'team-revoked', teamRequest())).toBe(
        'denied tokenRevoked',
      );
      expect(await registry.token('team-revoked')).toMatchObject({ status: 'disabled' });
      expect(await requester.ask('keyturn.token.reinstatement-requested', 'team-revoked', { reason })).toBe(
        'done',
      );
      expect(await service.logIn('team-revoked')).toBe(200);
    },
    patience,
  );

  it(
    'a deleted token can be asked for again',
    async () => {
      expect(await requester.ask('keyturn.token.requested', 'team-deleted', teamRequest())).toBe('done');
      expect(await requester.state('team-deleted')).toMatchObject({ status: 'active' });
    },
    patience,
  );
});

describe('when the tables and the task hub are lost', () => {
  it(
    'everything goes on as before',
    async () => {
      // Only the vault remembers the password that the reinstated token had before it was revoked.
      const tokens = [...living, 'team-off'];
      const before = await statesOf(tokens);
      await Promise.all(service.hosts.splice(0).map((host) => host.kill()));
      await rm(join(service.folder, 'host'), { recursive: true, force: true });
      await emptyStorageAccount(service);
      await rebuild();
      expect(await rebuild('--write')).toContain('7 restored, 0 already there');
      await expectRestored(tokens, before);
      await service.startHost();
      await expectRotations(60);
      await expectInOrder(service, living);
      expect(await requester.ask('keyturn.token.enable-requested', 'team-off', { reason })).toBe('done');
      expect(await service.logIn('team-off')).toBe(200);
    },
    patience,
  );
});

describe('what cannot be used', () => {
  it('is named in one line', { timeout: patience }, async () => {
    expect(await runOperation(service, 'rebuild', '--registry', 'fabrikam')).toEqual({
      code: 2,
      output: '',
      errors: 'The registry fabrikam is not configured; there are: contoso.\n',
    });
    expect(await runOperation(service, 'rebuild', '--wriet')).toMatchObject({ code: 2, output: '' });
    expect(await runOperation(service, 'rebuild', '--now', 'noon')).toMatchObject({
      code: 2,
      errors: '--now takes a moment such as 2026-03-01T12:00:00Z, and not noon\n',
    });
  });
});
