import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CommandType } from '../../../src/contracts/commands.ts';
import { withQuickVault } from '../commands/quick-vault.ts';
import { RegistryContents } from '../commands/registry-contents.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { RunningService } from '../running-service.ts';

vi.setConfig({ testTimeout: 120_000 });

const adoption = 'keyturn.token.adoption-requested';
const because = { reason: 'A test' };
const sharedMap = 'made-by-others';

let service: RunningService;
let requester: Requester;
/** Somebody who makes tokens without Keyturn. */
let administrator: RegistryContents;

beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withQuickVault,
    changeConfiguration: ({ entrances }) => {
      const teams = entrances['token-requests']?.policy;
      if (!Array.isArray(teams?.commands)) throw new Error('The teams have no policy.');
      teams.commands.push(adoption);
      Object.assign(teams, {
        manages: [{ entrance: 'unmanaged', tokens: ['team-*'] }],
        scopeMaps: [sharedMap],
      });
      Object.assign(entrances['token-requests-partners']?.policy ?? {}, {
        commands: [adoption],
        tokens: ['*'],
        owners: ['*'],
        bounds: {},
      });
    },
  });
  requester = await Requester.open(service);
  administrator = await RegistryContents.open(service, 'administrator');
  await administrator.makeScopeMap(sharedMap, ['repositories/teams/web/content/read']);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

interface Theirs {
  readonly password1: string;
  readonly password2: string;
}

/** A token with both passwords, as somebody makes it who knows nothing of Keyturn. */
async function made(token: string, scopeMap = sharedMap): Promise<Theirs> {
  await administrator.makeToken(token, scopeMap);
  const password1 = await administrator.makePassword(token, 'password1');
  const password2 = await administrator.makePassword(token, 'password2');
  return { password1, password2 };
}

function adopt(token: string, more: Readonly<Record<string, unknown>> = {}) {
  const asked = { owner: 'team-web', slot: 'password2', ...more };
  return requester.cause('keyturn.token.adopted', adoption, token, asked);
}

const ask = (token: string, more: Readonly<Record<string, unknown>> = {}, type: CommandType = adoption) =>
  requester.ask(type, token, type === adoption ? { owner: 'team-web', slot: 'password2', ...more } : more);

/** How the login server answers each of these passwords. */
const answers = (token: string, ...passwords: readonly string[]) =>
  Promise.all(passwords.map((password) => service.logIn(token, password)));

describe('a token that others made, once it is adopted', () => {
  const token = 'team-legacy';
  let theirs: Theirs;

  it('has a new password in the vault, while the password in the other slot and the scope map are as before', async () => {
    theirs = await made(token);
    await requester.event('keyturn.registry.drift-detected', token);
    const before = await administrator.token(token);
    const often = { profile: 'live', rotateEvery: 'P3D', overlap: 'PT24H' };
    const told = await adopt(token, { purpose: 'Builds of before Keyturn', ...often });
    expect(told).toMatchObject({
      entrance: 'token-requests',
      owner: 'team-web',
      slot: 'password2',
      generation: 1,
      scopeMap: sharedMap,
      verified: true,
    });
    const published = await service.publishedPassword(token);
    expect(await answers(token, published, theirs.password1, theirs.password2)).toEqual([200, 200, 401]);
    const after = await administrator.token(token);
    expect(after).toMatchObject({ status: 'enabled', scopeMap: sharedMap });
    expect(after?.slots[0]).toEqual(before?.slots[0]);
    expect(await administrator.actions(sharedMap)).toEqual(['repositories/teams/web/content/read']);
  });

  it('is no longer one that nobody manages', async () => {
    const { data } = await requester.event('keyturn.registry.drift-resolved', token);
    expect(data).toMatchObject({ finding: 'unmanagedToken' });
  });

  it('is adopted no second time', async () => {
    const published = await service.publishedPassword(token);
    expect(await ask(token)).toBe('denied alreadyManaged');
    expect(await ask(token, { owner: 'team-shop' })).toBe('denied ownedByAnother');
    expect(await service.publishedPassword(token)).toBe(published);
  });

  it('rotates when that is due, into the slot that was left alone until then', async () => {
    const first = await service.publishedPassword(token);
    await service.control.advance('P3D');
    const { data } = await requester.event('keyturn.token.rotated', token);
    expect(data).toMatchObject({ slot: 'password1', generation: 2 });
    const published = await service.publishedPassword(token);
    expect(await answers(token, published, first, theirs.password1)).toEqual([200, 200, 401]);
  });

  it('is deleted like any other, and leaves its scope map to others', async () => {
    await requester.cause('keyturn.token.deleted', 'keyturn.token.deletion-requested', token, because);
    expect(await administrator.token(token)).toBeUndefined();
    expect(await administrator.actions(sharedMap)).toEqual(['repositories/teams/web/content/read']);
  });

  it('is adopted again when it was deleted and made again by others', async () => {
    const again = await made(token);
    expect(await adopt(token, { slot: 'password1' })).toMatchObject({ slot: 'password1', generation: 1 });
    const published = await service.publishedPassword(token);
    expect(await answers(token, published, again.password1, again.password2)).toEqual([200, 401, 200]);
  });

  it('was never taken for a token that something is wrong with, since its passwords are accounted for', () => {
    const told = requester.told(token).filter((type) => !type.startsWith('keyturn.registry.'));
    expect(told).toEqual(['adopted', 'request-denied', 'request-denied', 'rotated', 'deleted', 'adopted']);
  });
});

describe.concurrent('a token with the scope map that the Azure CLI makes for it', () => {
  it('is adopted without its map being listed, and can be bound to another one', async () => {
    const token = 'team-by-cli';
    await administrator.makeScopeMap(`${token}-scope-map`, ['repositories/teams/web/content/read']);
    const { password1 } = await made(token, `${token}-scope-map`);
    expect(await adopt(token)).toMatchObject({ scopeMap: `${token}-scope-map` });
    const another = { access: { scopeMap: sharedMap } };
    expect(await ask(token, another, 'keyturn.token.access-changed')).toBe('done');
    expect(await administrator.token(token)).toMatchObject({ scopeMap: sharedMap });
    expect(await service.logIn(token, password1)).toBe(200);
  });
});

describe.concurrent('an adoption is denied, and the token goes on as before', () => {
  /** What keeps a token of others from being adopted: the rule, and how it comes to be so. */
  const denied: Readonly<
    Record<string, { readonly rule: string; readonly make: (token: string) => Promise<unknown> }>
  > = {
    'team-writes': {
      rule: 'actionNotAllowed',
      make: async (token) => {
        await administrator.makeScopeMap(`${token}-scope-map`, [
          'repositories/teams/web/content/read',
          'repositories/finance/content/write',
        ]);
        return made(token, `${token}-scope-map`);
      },
    },
    'team-system-map': {
      rule: 'scopeMapNotListed',
      make: (token) => made(token, '_repositories_pull'),
    },
    'team-edge-sync': {
      rule: 'tokenOfConnectedRegistry',
      make: async (token) => {
        await administrator.makeScopeMap(`${token}-scope-map`, [
          'gateway/edge/config/read',
          'repositories/teams/web/content/read',
        ]);
        return made(token, `${token}-scope-map`);
      },
    },
    'team-switched-off': {
      rule: 'tokenDisabled',
      make: async (token) => {
        await made(token);
        await administrator.setEnabled(token, false);
      },
    },
  };

  it.each(Object.entries(denied))('%s', async (token, { rule, make }) => {
    await make(token);
    const before = await administrator.token(token);
    expect(before).toBeDefined();
    expect(await ask(token)).toBe(`denied ${rule}`);
    expect(await administrator.token(token)).toEqual(before);
    await expect(service.publishedPassword(token)).rejects.toThrow();
  });

  it('where there is no such token', async () => {
    expect(await ask('team-nobody')).toBe('denied noSuchToken');
  });

  it('for names that the entrance does not manage', async () => {
    const token = 'other-legacy';
    const { password2 } = await made(token);
    const partner = { entrance: 'token-requests-partners' } as const;
    const asked = { owner: 'northwind', slot: 'password2' };
    expect(await requester.ask(adoption, token, asked, partner)).toBe('denied adoptionNotAllowed');
    expect(await ask(token)).toBe('denied tokenNameNotAllowed');
    expect(await service.logIn(token, password2)).toBe(200);
  });

  it('for a token that Keyturn made', async () => {
    const token = 'team-of-keyturn';
    await requester.cause(
      'keyturn.token.provisioned',
      'keyturn.token.requested',
      token,
      teamRequest(undefined, {}),
    );
    expect(await ask(token)).toBe('denied alreadyManaged');
    expect(await service.logIn(token)).toBe(200);
  });

  it('and a request takes over no token that others made', async () => {
    const token = 'team-not-asked';
    const { password1, password2 } = await made(token);
    const { code } = await requester.outcome(
      await requester.send('keyturn.token.requested', token, teamRequest()),
    );
    expect(code).toBe('tokenNotOurs');
    expect(await answers(token, password1, password2)).toEqual([200, 200]);
    // Adopted after all.
    expect(await adopt(token)).toMatchObject({ slot: 'password2' });
    expect(await answers(token, password1, password2)).toEqual([200, 401]);
  });
});
