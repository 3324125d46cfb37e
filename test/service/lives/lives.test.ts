import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../local/functions-host/sample-app/durable-api.ts';
import { withQuickVault } from '../commands/quick-vault.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { emptyStorageAccount, expectInOrder, openRows } from '../faults/in-order.ts';
import { Prober, withProber } from '../prober.ts';
import { RunningService } from '../running-service.ts';

const patience = 120_000;
const reason = 'no longer needed';

let service: RunningService;
let requester: Requester;
let prober: Prober;

/** Reconcile looks once a month: nothing here depends on it. */
beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: (config) => withProber(withQuickVault(config)),
    changeConfiguration: (configuration) => {
      configuration.reconcile = { ...configuration.reconcile, schedule: '0 0 0 1 * *' };
    },
  });
  requester = await Requester.open(service);
  prober = await Prober.start(service);
});
afterAll(async () => {
  await prober.close();
  await requester.close();
  await service.close();
});

async function provision(token: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const request = teamRequest({ 'teams/web': ['content/read'] }, more);
  expect(await requester.ask('keyturn.token.requested', token, request)).toBe('done');
}

/** The standing of a token's secret for those who read passwords. */
async function isReadable(token: string): Promise<boolean> {
  try {
    await service.publishedPassword(token);
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

it(
  'a deleted token comes back at once, after a day, and after its secret is gone for good',
  async () => {
    const lives = { 'team-at-once': 'PT0S', 'team-next-day': 'P1D', 'team-next-quarter': 'P90D' };
    const tokens = Object.keys(lives);
    await Promise.all(tokens.map((token) => provision(token)));
    const before = await Promise.all(tokens.map((token) => service.publishedPassword(token)));
    const deletions = await Promise.all(
      tokens.map((token) => requester.ask('keyturn.token.deletion-requested', token, { reason })),
    );
    expect(deletions).toEqual(['done', 'done', 'done']);
    for (const [index, [token, passes]] of Object.entries(lives).entries()) {
      expect(await isReadable(token)).toBe(false);
      await service.control.advance(passes);
      await provision(token);
      prober.watch({ token, overlap: 'P14D' });
      // The versions of its earlier life are nobody's promise.
      await prober.cutShort(token);
      expect(await service.logIn(token, before[index])).toBe(401);
      expect(await requester.state(token)).toMatchObject({ status: 'active', generation: 1 });
    }
    const incarnations = await Promise.all(
      tokens.map(async (token) => {
        const secret = await (await service.secrets()).getSecret(`acr-contoso--${token}`);
        return secret.properties.tags?.incarnation;
      }),
    );
    expect(incarnations).toEqual(['2', '2', '2']);
    for (const token of tokens)
      expect(requester.told(token).filter((type) => type !== 'rotated')).toEqual([
        'provisioned',
        'deleted',
        'provisioned',
      ]);
    await prober.until(2);
    expect(prober.failures).toEqual([]);
    await expectInOrder(service, tokens);
  },
  patience,
);

it(
  'a token that is asked for again before its deletion is done comes back as well',
  async () => {
    const token = 'team-restless';
    await provision(token);
    const before = await service.publishedPassword(token);
    await service.control.injectFault({
      part: 'resource-manager',
      match: `^DELETE /.*/tokens/${token}\\?`,
      effect: { kind: 'delay', milliseconds: 1_500 },
      times: 1,
    });
    const deletion = await requester.send('keyturn.token.deletion-requested', token, { reason });
    await eventually(
      'the deletion',
      () => openRows(service),
      (open) => open.some((row) => row.includes(token)),
    );
    const request = await requester.send('keyturn.token.requested', token, teamRequest());
    for (const sent of [deletion, request]) expect((await requester.outcome(sent)).status).toBe('done');
    await requester.messages.until('all events', () => requester.told(token).length >= 3);
    expect(requester.told(token)).toEqual(['provisioned', 'deleted', 'provisioned']);
    expect(await service.logIn(token, before)).toBe(401);
    await expectInOrder(service, [token]);
  },
  patience,
);

it(
  'tokens whose records are all lost are taken up from the registry and the vault',
  async () => {
    const tokens = ['team-left-alone', 'team-asked-for'];
    await Promise.all(tokens.map((token) => provision(token, { profile: 'live', purpose: 'builds' })));
    for (const token of tokens) prober.watch({ token, overlap: 'P3D' });
    await service.control.advance('P30D');
    for (const token of tokens) await requester.event('keyturn.token.rotated', token);
    const [first, second] = await Promise.all(tokens.map((token) => service.publishedPassword(token)));

    await emptyStorageAccount(service);
    expect(
      await requester.ask('keyturn.token.requested', 'team-asked-for', {
        ...teamRequest(),
        owner: 'team-greedy',
        profile: 'live',
      }),
    ).toMatch(/^denied /);
    await provision('team-asked-for', { profile: 'live' });
    expect(await requester.state('team-asked-for')).toMatchObject({
      status: 'active',
      generation: 2,
      managed: { entrance: 'token-requests', owner: 'team-web', schedule: { profile: 'live' } },
    });
    expect(await service.publishedPassword('team-asked-for')).toBe(second);

    await service.control.advance('P29D');
    for (const token of tokens)
      await requester.event(
        'keyturn.token.rotated',
        token,
        ({ data }) => 'generation' in data && data.generation === 3,
      );
    expect(await requester.state('team-left-alone')).toMatchObject({
      status: 'active',
      incarnation: 1,
      generation: 3,
      published: 'password1',
      managed: {
        entrance: 'token-requests',
        owner: 'team-web',
        schedule: { profile: 'live', rotateEvery: 'P30D', overlap: 'P3D' },
        access: { scopeMap: 'team-left-alone-scope-map', own: true },
      },
    });
    expect(await service.logIn('team-left-alone', first)).toBe(200);
    await prober.until(2);
    expect(prober.failures).toEqual([]);
    await expectInOrder(service, tokens);
  },
  patience,
);
