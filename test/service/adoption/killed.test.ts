import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repetitions } from '../../counts.ts';
import { RegistryContents } from '../commands/registry-contents.ts';
import { Requester } from '../commands/requester.ts';
import { isChange, lastRequest, workSince } from '../kills/work.ts';
import { RunningService } from '../running-service.ts';

const adoption = 'keyturn.token.adoption-requested';
const theirMap = 'made-by-others';
/** An adoption is a change of the registry, three logins and a change of the vault: hosts are killed after some of these. */
const kills = repetitions({ quick: 2, soak: 24 });
const moments = Array.from({ length: kills }, (_, index) => [1, 5, 4, 2, 3, 0][index % 6] ?? 0);
const tokens = moments.map((_, index) => `team-legacy-${index}`);

let service: RunningService;
let requester: Requester;
let administrator: RegistryContents;

beforeAll(async () => {
  service = await RunningService.startCloud({
    redeliveryDelay: 'PT2S',
    changeConfiguration: (configuration) => {
      configuration.lease = { length: 'PT5S', margin: 'PT2S' };
      const teams = configuration.entrances['token-requests']?.policy;
      if (!Array.isArray(teams?.commands)) throw new Error('The teams have no policy.');
      teams.commands.push(adoption);
      Object.assign(teams, { manages: [{ entrance: 'unmanaged' }], scopeMaps: [theirMap] });
    },
  });
  requester = await Requester.open(service);
  administrator = await RegistryContents.open(service, 'administrator');
  await administrator.makeScopeMap(theirMap, ['repositories/teams/web/content/read']);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

/** Lets a host work until it has changed or tried out so much, or for some seconds, and kills it. */
async function killAfter(count: number): Promise<void> {
  const begun = lastRequest(service);
  const host = await startNextHost();
  for (const end = Date.now() + 5_000; Date.now() < end && workSince(begun, service).length < count; )
    await wait(5);
  await host.kill();
}

/** Also lets a minute pass: for so long the broker keeps what it had handed to the host before. */
async function startNextHost() {
  const host = await service.startHost();
  await service.control.advance('PT61S');
  return host;
}

async function versionsOf(token: string): Promise<unknown[]> {
  const versions: unknown[] = [];
  const secrets = await service.secrets();
  for await (const { tags } of secrets.listPropertiesOfSecretVersions(`acr-contoso--${token}`))
    versions.push([tags?.incarnation, tags?.generation, tags?.slot]);
  return versions;
}

it(
  'adopts once, and leaves the other slot alone, when the host is killed in the middle of it',
  async () => {
    const theirs = new Map<string, string>();
    for (const [index, token] of tokens.entries()) {
      await administrator.makeToken(token, theirMap);
      theirs.set(token, await administrator.makePassword(token, 'password1'));
      await administrator.makePassword(token, 'password2');
      await requester.send(adoption, token, { owner: 'team-web', slot: 'password2' });
      await killAfter(moments[index] ?? 0);
      expect(await service.logIn(token, theirs.get(token)), token).toBe(200);
    }
    const begun = lastRequest(service);
    await startNextHost();
    for (const token of tokens) {
      expect((await requester.event('keyturn.token.adopted', token)).data).toMatchObject({
        slot: 'password2',
      });
      expect(await versionsOf(token), token).toEqual([['1', '1', 'password2']]);
      expect(await service.logIn(token), token).toBe(200);
      expect(await service.logIn(token, theirs.get(token)), token).toBe(200);
      expect(await administrator.token(token)).toMatchObject({ status: 'enabled', scopeMap: theirMap });
    }
    const drift = requester.messages.events.filter(({ type }) => type === 'keyturn.token.drift-detected');
    expect(drift).toEqual([]);
    const adopted = requester.messages.events.filter(({ type }) => type === 'keyturn.token.adopted');
    expect(new Set(adopted.map(({ id }) => id)).size).toBe(tokens.length);
    expect(
      workSince(begun, service)
        .filter(isChange)
        .map(({ request }) => request.split(' ')[0]),
    ).not.toContain('DELETE');
  },
  repetitions({ quick: 180_000, soak: 1_200_000 }),
);
