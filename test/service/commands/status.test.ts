import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CommandType } from '../../../src/contracts/commands.ts';
import { RunningService } from '../running-service.ts';
import { withQuickVault } from './quick-vault.ts';
import { RegistryContents } from './registry-contents.ts';
import { Requester, teamRequest } from './requester.ts';

const requested = 'keyturn.token.requested';
const rotation = 'keyturn.token.rotation-requested';
const disabling = 'keyturn.token.disable-requested';
const enabling = 'keyturn.token.enable-requested';
const revocation = 'keyturn.token.revocation-requested';
const reinstatement = 'keyturn.token.reinstatement-requested';
const deletion = 'keyturn.token.deletion-requested';
const because = { reason: 'A test' };
const partners = { entrance: 'token-requests-partners' } as const;

vi.setConfig({ testTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
let registry: RegistryContents;

beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withQuickVault,
    changeConfiguration: ({ entrances }) => {
      Object.assign(entrances['token-requests-partners']?.policy ?? {}, {
        onDisable: 'keepSecret',
        bounds: {},
      });
    },
  });
  requester = await Requester.open(service);
  registry = await RegistryContents.open(service);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

function provision(token: string) {
  return requester.cause('keyturn.token.provisioned', requested, token, teamRequest());
}

/** The newest version of a token's secret: `on`, `off`, or `gone`. */
async function secretIs(token: string): Promise<'on' | 'off' | 'gone'> {
  const client = await service.secrets();
  const found = [];
  for await (const { enabled, createdOn } of client.listPropertiesOfSecretVersions(`acr-contoso--${token}`))
    found.push({ enabled, createdOn: Number(createdOn) });
  const newest = found.sort((one, other) => other.createdOn - one.createdOn)[0];
  if (!newest) return 'gone';
  return newest.enabled ? 'on' : 'off';
}

describe.concurrent('disabling', () => {
  it('switches token and secret off until it is enabled, with the same password', async () => {
    const token = 'team-paused';
    await provision(token);
    const password = await service.publishedPassword(token);
    const { data, severity } = await requester.causeEvent(
      'keyturn.token.disabled',
      disabling,
      token,
      because,
    );
    expect([severity, data]).toMatchObject([
      'warning',
      { cause: 'request', reason: 'A test', owner: 'team-web' },
    ]);
    expect([await service.logIn(token, password), await secretIs(token)]).toEqual([401, 'off']);
    expect(await registry.token(token)).toMatchObject({ status: 'disabled' });
    expect(await requester.ask(disabling, token, because)).toBe('done');

    const enabled = await requester.cause('keyturn.token.enabled', enabling, token, because);
    expect(enabled).toMatchObject({ slot: 'password1', generation: 1 });
    expect(await service.publishedPassword(token)).toBe(password);
    expect(await service.logIn(token)).toBe(200);
    expect(await requester.ask(enabling, token, because)).toBe('done');
    expect(requester.told(token)).toEqual(['provisioned', 'disabled', 'enabled']);
  });

  it('puts a rotation off until the token is enabled, which then comes with a new password', async () => {
    const token = 'team-sleeping';
    await provision(token);
    await requester.ask(disabling, token, because);
    expect(await requester.ask(rotation, token)).toBe('deferred tokenDisabled');
    expect(await registry.token(token)).toMatchObject({ slots: [{ slot: 'password1' }] });
    const enabled = await requester.cause('keyturn.token.enabled', enabling, token, because);
    expect(enabled).toMatchObject({ slot: 'password2', generation: 2 });
    expect(await service.logIn(token)).toBe(200);
  });

  it('leaves the secret readable where the policy says so', async () => {
    const request = {
      owner: 'fabrikam',
      access: { repositories: { 'shared/base': ['content/read'] } },
      lifetime: 'P1D',
    };
    await requester.cause('keyturn.token.provisioned', requested, 'partner-paused', request, partners);
    expect(await requester.ask(disabling, 'partner-paused', because, partners)).toBe('done');
    expect([await service.logIn('partner-paused'), await secretIs('partner-paused')]).toEqual([401, 'on']);
  });

  it('counts more than the request that was sent before, whichever is read first', async () => {
    const token = 'team-hasty';
    const request = await requester.command(requested, token, teamRequest());
    const stop = await requester.command(disabling, token, because);
    await requester.messages.send('token-requests', request);
    await requester.messages.send('token-requests-urgent', stop);
    await Promise.all([requester.outcome(request), requester.outcome(stop)]);
    // The urgent queue may be faster than the other: then the request is superseded before there is a token.
    expect(['none', 'disabled']).toContain((await requester.state(token))?.status);
  });
});

describe.concurrent('revoking', () => {
  it('by the urgent queue cuts off both passwords, and only a reinstatement leads back', async () => {
    const token = 'team-stolen';
    await provision(token);
    const first = await service.publishedPassword(token);
    await requester.cause('keyturn.token.rotated', rotation, token);
    const second = await service.publishedPassword(token);
    const { data, severity } = await requester.causeEvent(
      'keyturn.token.revoked',
      revocation,
      token,
      because,
      {
        queue: 'token-requests-urgent',
      },
    );
    expect(severity).toBe('warning');
    expect(data.cutOff.map(({ slot }) => slot).sort()).toEqual(['password1', 'password2']);
    expect(Date.parse(data.exposureUntil) - Date.parse(data.at)).toBe(3 * 60 * 60 * 1_000);
    expect([await service.logIn(token, first), await service.logIn(token, second)]).toEqual([401, 401]);
    expect([(await registry.token(token))?.status, await secretIs(token)]).toEqual(['disabled', 'off']);

    for (const type of [enabling, rotation] as const)
      expect(await requester.ask(type, token, because)).toBe('denied tokenRevoked');
    expect(await requester.ask(requested, token, teamRequest())).toBe('denied tokenRevoked');
    const change = { access: { added: { 'teams/shop': ['content/read'] } } };
    expect(await requester.ask('keyturn.token.access-changed', token, change)).toBe('denied tokenRevoked');
    expect(await requester.ask(disabling, token, because)).toBe('done');
    expect((await registry.token(token))?.status).toBe('disabled');

    const back = await requester.cause('keyturn.token.reinstated', reinstatement, token, because);
    expect(back.generation).toBe(3);
    expect(await service.logIn(token)).toBe(200);
    expect([await service.logIn(token, first), await service.logIn(token, second)]).toEqual([401, 401]);
    expect(await requester.ask(reinstatement, token, because)).toBe('denied tokenNotRevoked');
  });

  it('holds after the token is deleted: the name is not free again', async () => {
    const token = 'team-gone-bad';
    await provision(token);
    await requester.cause('keyturn.token.revoked', revocation, token, because);
    await requester.cause('keyturn.token.deleted', deletion, token, because);
    expect([await registry.token(token), await requester.state(token)]).toMatchObject([
      undefined,
      { status: 'revoked', removed: true },
    ]);
    expect(await requester.ask(requested, token, teamRequest())).toBe('denied tokenRevoked');
    await requester.cause('keyturn.token.reinstated', reinstatement, token, because);
    expect(await service.logIn(token)).toBe(200);
  });
});

describe.concurrent('deleting', () => {
  it('removes token, own map and secret, and a new request begins a new life under the same secret', async () => {
    const token = 'team-reborn';
    const { secretUri } = await provision(token);
    const { data, severity } = await requester.causeEvent('keyturn.token.deleted', deletion, token, because);
    expect([severity, data.reason]).toEqual(['warning', 'A test']);
    expect([await registry.token(token), await registry.actions(`${token}-scope-map`)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await secretIs(token)).toBe('gone');
    const life = await provision(token);
    expect([life.secretUri, life.generation]).toEqual([secretUri, 1]);
    expect(await requester.state(token)).toMatchObject({ status: 'active', incarnation: 2 });
    expect(await service.logIn(token)).toBe(200);
  });

  it('frees the name for another entrance, whose token it is then', async () => {
    const token = 'partner-former';
    const access = { repositories: { 'shared/base': ['content/read'] } };
    const request = { owner: 'fabrikam', access, lifetime: 'P1D' };
    await requester.cause('keyturn.token.provisioned', requested, token, request, partners);
    await requester.cause('keyturn.token.deleted', deletion, token, because, partners);
    const again = { ...request, owner: 'northwind' };
    const { owner } = await requester.cause('keyturn.token.provisioned', requested, token, again, partners);
    expect(owner).toBe('northwind');
    expect(await service.logIn(token)).toBe(200);
  });
});

describe.concurrent('a name that holds no token', () => {
  const commands: [CommandType, Record<string, unknown>][] = [
    [rotation, {}],
    ['keyturn.token.access-changed', { access: { added: { 'teams/web': ['content/read'] } } }],
    [disabling, because],
    [enabling, because],
    [revocation, because],
    [reinstatement, because],
    [deletion, because],
  ];

  it.each(commands)('is told so by a denial of %s', async (type, data) => {
    const token = `team-none-${commands.findIndex(([each]) => each === type)}`;
    const denied = await requester.cause('keyturn.token.request-denied', type, token, data);
    expect(denied.rule).toBe('noSuchToken');
    expect(await registry.token(token)).toBeUndefined();
  });
});
