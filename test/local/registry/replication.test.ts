import { Agent, request } from 'node:https';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PasswordSlot } from '../../../infra/local/registry/password-slot.ts';
import { basic, group, type RegistryUnderTest, startRegistryUnderTest } from './registry-under-test.ts';

let registry: RegistryUnderTest;
const nodes = 4;

beforeAll(async () => {
  registry = await startRegistryUnderTest({ registries: [{ name: 'contoso', nodes }] });
});
afterAll(() => registry.close());
beforeEach(() => registry.running.reset());

/** How many of so many logins, each on a connection of its own, were accepted. */
async function acceptedOf(count: number, token: string, password: string): Promise<number> {
  let accepted = 0;
  for (let login = 0; login < count; login++)
    if ((await registry.logIn(token, password)).status === 200) accepted += 1;
  return accepted;
}

describe('a password', () => {
  it('that is the first of its slot works on every node at once', async () => {
    const password = await registry.createToken('first-token', []);
    expect(await acceptedOf(12, 'first-token', password)).toBe(12);
    const second = await registry.generate('first-token', 'password2');
    expect(await acceptedOf(12, 'first-token', second)).toBe(12);
  });

  it('that was regenerated comes to each node in its own time, and to all within a minute', async () => {
    const old = await registry.createToken('first-token', []);
    const other = await registry.generate('first-token', 'password2');
    const fresh = await registry.generate('first-token', 'password1');
    const seen: { fresh: number; old: number }[] = [];
    for (let elapsed = 0; elapsed <= 60; elapsed += 5) {
      seen.push({
        fresh: await acceptedOf(16, 'first-token', fresh),
        old: await acceptedOf(16, 'first-token', old),
      });
      await registry.cloud.clock.advance(5_000);
    }
    expect(seen[0]).toEqual({ fresh: 0, old: 16 });
    expect(seen.at(-1)).toEqual({ fresh: 16, old: 0 });
    expect(seen.some(({ fresh }) => fresh > 0 && fresh < 16)).toBe(true);
    expect(await acceptedOf(12, 'first-token', other)).toBe(12);
  });

  it('is answered alike on one connection, as one node serves it', async () => {
    await registry.createToken('first-token', []);
    const fresh = await registry.generate('first-token', 'password1');
    await registry.cloud.clock.advance(30_000);
    const perConnection = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const agent = new Agent({
          keepAlive: true,
          maxSockets: 1,
          ca: registry.cloud.certificates.authority,
        });
        const statuses = [
          await logInOn(agent, fresh),
          await logInOn(agent, fresh),
          await logInOn(agent, fresh),
        ];
        agent.destroy();
        return [...new Set(statuses)];
      }),
    );
    expect(perConnection.every((statuses) => statuses.length === 1)).toBe(true);
    expect(new Set(perConnection.flat())).toEqual(new Set([200, 401]));
  });

  it('works at once again when its slot was emptied in between', async () => {
    await registry.createToken('first-token', []);
    await registry
      .client()
      .tokens.update(group, 'contoso', 'first-token', { credentials: { passwords: [] } });
    const password = await registry.generate('first-token', 'password1');
    expect(await acceptedOf(12, 'first-token', password)).toBe(12);
  });

  it('comes to all nodes at once when the longest delay is set to nothing', async () => {
    registry.running.updateSettings({ replicationSeconds: 0 });
    const old = await registry.createToken('first-token', []);
    const fresh = await registry.generate('first-token', 'password1');
    expect(await acceptedOf(8, 'first-token', fresh)).toBe(8);
    expect(await acceptedOf(8, 'first-token', old)).toBe(0);
  });
});

describe('a password slot', () => {
  const replication = { seed: 'test', nodes, longestMilliseconds: 60_000 };
  const everyNode = Array.from({ length: nodes }, (_, node) => node);

  it('accepts its newest password everywhere, and no other, once the longest delay has passed', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.string(), waits, (id, pauses) => {
        const slot = new PasswordSlot(id);
        let now = 1_700_000_000_000;
        pauses.forEach((pause, generation) => {
          now += pause;
          const password = { value: `value ${generation}`, creationTime: '', expiresAt: undefined };
          slot.generate(password, new Date(now), replication);
        });
        const settled = new Date(now + replication.longestMilliseconds);
        pauses.forEach((_, generation) => {
          const accepted = everyNode.map((node) => slot.accepts(`value ${generation}`, node, settled));
          expect(accepted).toEqual(everyNode.map(() => generation === pauses.length - 1));
        });
      }),
    );
  });

  it('changes its mind about a password at most twice on a node: from refused to accepted to refused', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: nodes - 1 }), (id, node) => {
        const slot = new PasswordSlot(id);
        const start = 1_700_000_000_000;
        for (const [value, at] of [
          ['first', 0],
          ['second', 100_000],
          ['third', 130_000],
        ] as const)
          slot.generate({ value, creationTime: '', expiresAt: undefined }, new Date(start + at), replication);
        const seen = Array.from({ length: 100 }, (_, step) =>
          slot.accepts('second', node, new Date(start + 100_000 + step * 1_000)) ? '1' : '0',
        ).join('');
        expect(seen).toMatch(/^0*1*0+$/);
      }),
    );
  });

  it('spreads alike for the same seed, and otherwise for another', () => {
    const spread = (seed: string) => {
      const slot = new PasswordSlot('contoso/first-token/password1');
      const password = { value: 'old', creationTime: '', expiresAt: undefined };
      slot.generate(password, new Date(0), { ...replication, seed });
      slot.generate({ ...password, value: 'new' }, new Date(0), { ...replication, seed });
      return everyNode.map((node) =>
        Array.from({ length: 61 }, (_, second) => slot.accepts('new', node, new Date(second * 1000))).indexOf(
          true,
        ),
      );
    };
    expect(spread('one')).toEqual(spread('one'));
    expect(spread('one')).not.toEqual(spread('two'));
    expect(new Set(spread('one')).size).toBeGreaterThan(1);
  });
});

function logInOn(agent: Agent, password: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = `https://${registry.loginServer()}/oauth2/token?service=${registry.loginServer()}`;
    const outgoing = request(url, { agent, headers: basic('first-token', password) }, (incoming) => {
      incoming.resume();
      incoming.once('end', () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
