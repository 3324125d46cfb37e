import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CommandType, commandTypes } from '../../../src/contracts/commands.ts';
import { RunningService } from '../running-service.ts';
import { withQuickVault } from './quick-vault.ts';
import { RegistryContents } from './registry-contents.ts';
import { type EntranceName, entranceNames, Requester } from './requester.ts';
import { tokenStanding } from './token-standing.ts';

vi.setConfig({ testTimeout: 120_000 });

const access = { repositories: { 'teams/web': ['content/read'] } };
const because = { reason: 'A test' };

/** Each command as one that would take effect on an active token. */
const dataOf: Readonly<Record<CommandType, Readonly<Record<string, unknown>>>> = {
  'keyturn.token.requested': {
    owner: 'whoever',
    access: { repositories: { 'teams/web': ['content/write'] } },
  },
  'keyturn.token.adoption-requested': { owner: 'whoever', slot: 'password2' },
  'keyturn.token.rotation-requested': { compromised: true },
  'keyturn.token.access-changed': { access: { added: { 'teams/shop': ['content/read'] } } },
  'keyturn.token.disable-requested': because,
  'keyturn.token.enable-requested': because,
  'keyturn.token.deletion-requested': because,
  'keyturn.token.revocation-requested': because,
  'keyturn.token.reinstatement-requested': because,
};

/** Every queue by which a command of a type can come. */
const routes = entranceNames.flatMap((entrance) => [
  { entrance, queue: entrance as string, types: commandTypes },
  ...(entrance === 'token-requests'
    ? [
        {
          entrance,
          queue: 'token-requests-urgent',
          types: ['keyturn.token.revocation-requested', 'keyturn.token.disable-requested'] as const,
        },
      ]
    : []),
]);

let service: RunningService;
let requester: Requester;
let registry: RegistryContents;

beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withQuickVault,
    changeConfiguration: ({ entrances }) => {
      // Nothing but ownership tells the entrances apart; only the devices' one manages tokens of another.
      for (const { policy } of Object.values(entrances))
        Object.assign(policy, {
          commands: commandTypes,
          owners: ['*'],
          tokens: ['*'],
          repositories: { '*': ['content/read', 'content/write'] },
          profiles: ['standard'],
          bounds: {},
          manages: [{ entrance: 'unmanaged' }],
        });
      Object.assign(entrances['token-requests-devices']?.policy ?? {}, {
        manages: [{ entrance: 'token-requests', tokens: ['lent-*'] }, { entrance: 'unmanaged' }],
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

function standing(token: string) {
  return tokenStanding(token, { service, requester, registry });
}

async function provision(token: string, entrance: EntranceName, owner: string): Promise<void> {
  const event = 'keyturn.token.provisioned';
  await requester.cause(event, 'keyturn.token.requested', token, { owner, access }, { entrance });
}

/** Sends every command by every route that fits to a token, and resolves with how each ended, as told to its sender. */
function attempt(token: string, owner: string, fits: (entrance: EntranceName) => boolean) {
  const attempts = routes.flatMap(({ entrance, queue, types }) =>
    fits(entrance) ? types.map((type) => ({ entrance, queue, type })) : [],
  );
  return Promise.all(
    attempts.map(async ({ entrance, queue, type }) => {
      const data = { ...dataOf[type], owner };
      const told = await requester.cause('keyturn.token.request-denied', type, token, data, {
        entrance,
        queue,
      });
      const { rule, detail, entrance: asker, owner: revealed } = told;
      return { entrance, queue, type, told: { rule, detail, asker, revealed } };
    }),
  );
}

describe.concurrent.each(entranceNames)('a token of the entrance %s', (home) => {
  const token = `kept-${home}`;

  it('obeys no command of another entrance, whatever owner it claims and whatever queue it comes by', async () => {
    await provision(token, home, 'northwind');
    const before = await standing(token);
    const ends = await attempt(token, 'northwind', (entrance) => entrance !== home);
    expect(ends.length).toBe(home === 'token-requests' ? 18 : 20);
    for (const { entrance, told } of ends)
      expect(told).toEqual({ rule: 'ownedByAnother', detail: token, asker: entrance, revealed: undefined });
    expect(await standing(token)).toEqual(before);
    expect(await service.logIn(token)).toBe(200);
  });

  it('obeys no command of its own entrance that names another owner', async () => {
    const name = `own-${home}`;
    await provision(name, home, 'northwind');
    const before = await standing(name);
    const ends = await attempt(name, 'fabrikam', (entrance) => entrance === home);
    for (const { told } of ends) expect(told.rule).toBe('ownedByAnother');
    expect(await standing(name)).toEqual(before);
    expect(await service.logIn(name)).toBe(200);
  });
});

describe.concurrent('a token that another entrance manages', () => {
  const token = 'lent-token';
  const managing = { entrance: 'token-requests-devices' } as const;

  it('obeys every command by that entrance but a request, and none by a third one', async () => {
    await provision(token, 'token-requests', 'northwind');
    const before = await standing(token);
    const ends = await attempt(token, 'northwind', (entrance) => entrance === 'token-requests-partners');
    for (const { told } of ends) expect(told.rule).toBe('ownedByAnother');
    const request = { ...dataOf['keyturn.token.requested'], owner: 'northwind' };
    expect(await requester.ask('keyturn.token.requested', token, request, managing)).toBe(
      'denied ownedByAnother',
    );
    expect(await standing(token)).toEqual(before);
    const effects = [
      ['rotation-requested', 'rotated'],
      ['access-changed', 'access-updated'],
      ['disable-requested', 'disabled'],
      ['enable-requested', 'enabled'],
      ['revocation-requested', 'revoked'],
      ['reinstatement-requested', 'reinstated'],
      ['deletion-requested', 'deleted'],
    ] as const;
    for (const [command, event] of effects) {
      const type = `keyturn.token.${command}` as const;
      const told = await requester.cause(`keyturn.token.${event}`, type, token, dataOf[type], managing);
      expect(told).toMatchObject({
        entrance: 'token-requests',
        owner: 'northwind',
        command: { entrance: managing.entrance },
      });
    }
  });

  it('is only one whose name fits: any other of the same entrance obeys nothing', async () => {
    await provision('home-token', 'token-requests', 'northwind');
    const ends = await attempt('home-token', 'northwind', (entrance) => entrance === managing.entrance);
    expect(ends.map(({ told }) => told.rule)).toEqual(commandTypes.map(() => 'ownedByAnother'));
  });
});

describe.concurrent('a token that its entrance revoked or disabled', () => {
  it('cannot be brought back or taken over by another entrance', async () => {
    const ending = {
      'stays-revoked': 'revocation-requested',
      'stays-disabled': 'disable-requested',
    } as const;
    for (const [token, command] of Object.entries(ending)) {
      await provision(token, 'token-requests', 'northwind');
      expect(await requester.ask(`keyturn.token.${command}`, token, because)).toBe('done');
      const before = await standing(token);
      const ends = await attempt(token, 'northwind', (entrance) => entrance === 'token-requests-partners');
      for (const { told } of ends) expect(told.rule).toBe('ownedByAnother');
      expect(await standing(token)).toEqual(before);
    }
  });

  it('is free for any entrance once it is deleted, which then owns it alone', async () => {
    const token = 'left-behind';
    await provision(token, 'token-requests', 'northwind');
    const deletion = 'keyturn.token.deletion-requested';
    await requester.cause('keyturn.token.deleted', deletion, token, because);
    await provision(token, 'token-requests-partners', 'fabrikam');
    expect(await service.logIn(token)).toBe(200);
    expect(await requester.ask(deletion, token, because)).toBe('denied ownedByAnother');
  });
});
