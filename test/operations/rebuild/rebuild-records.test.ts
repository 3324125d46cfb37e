import { beforeEach, describe, expect, it } from 'vitest';
import { tagsOf } from '../../../src/lifecycle/secret-tags.ts';
import { outcomeLines } from '../../../src/operations/rebuild/outcome-lines.ts';
import { type Outcome, type RebuildPorts, rebuild } from '../../../src/operations/rebuild/rebuild.ts';
import { wakeLateLifecycles } from '../../../src/reconcile/wake-late-lifecycles.ts';
import { MemoryCloud } from '../../activities/memory/memory-cloud.ts';
import { active, at, credential, day, identity, managed } from '../../lifecycle/build.ts';

const now = at(10 * day);

let cloud: MemoryCloud;

/** One token whose password is in the vault, and nothing on record. */
beforeEach(async () => {
  cloud = new MemoryCloud();
  await cloud.registry.createToken(identity.token, 'shared-read');
  const { createdAt } = cloud.registry.regenerate(identity.token, 'password1', at(74 * day));
  await cloud.vault.writeVersion('acr-contoso--team-web', {
    value: 'a password',
    contentType: 'text/plain',
    expiresAt: at(74 * day),
    tags: tagsOf(identity, managed(), { ...credential(0), slotCreatedAt: createdAt }),
  });
});

function ports(changes: Partial<RebuildPorts> = {}): RebuildPorts {
  const { configuration, registry, vault, records, inventory } = cloud;
  return {
    configuration,
    records,
    inventory,
    registries: new Map([['contoso', registry]]),
    vaults: new Map([['team-vault', vault]]),
    ...changes,
  };
}

async function run(write: boolean, changes: Partial<RebuildPorts> = {}): Promise<Outcome[]> {
  return rebuild({ registries: ['contoso'], write, now }, ports(changes));
}

function kinds(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ kind }) => kind);
}

async function recordAndRow() {
  const state = (await cloud.records.readState(identity))?.state;
  const row = (await cloud.inventory.readRow('contoso', identity.token))?.row;
  return { state, row };
}

describe('restoring records', () => {
  it('changes neither registry nor vault, and nothing at all without being told to write', async () => {
    const writes = [...cloud.registry.writes, ...cloud.vault.writes];
    expect(kinds(await run(false))).toEqual(['restored']);
    expect(await recordAndRow()).toEqual({});
    expect(kinds(await run(true))).toEqual(['restored']);
    expect([...cloud.registry.writes, ...cloud.vault.writes]).toEqual(writes);
  });

  it('writes the record with a line in its history, and a row that reconcile looks after', async () => {
    await run(true);
    const { state, row } = await recordAndRow();
    expect(state).toMatchObject({ status: 'active', managed: { owner: 'team-web' }, published: 'password1' });
    expect(row).toMatchObject({
      status: 'active',
      entrance: 'token-requests',
      owner: 'team-web',
      generation: 1,
      lookAt: now,
      plan: state?.plan,
    });
    const { items } = await cloud.records.readHistory(identity, { pageSize: 5 });
    expect(items).toMatchObject([
      { work: 'recover', result: 'done', at: now, incarnation: 1, generation: 1 },
    ]);
    const started: string[] = [];
    const lifecycles = {
      standing: async () => 'none' as const,
      start: async ({ token }: { token: string }) => {
        started.push(token);
        return 'started' as const;
      },
      wake: async () => undefined,
    };
    for await (const _ of wakeLateLifecycles(at(11 * day), {
      ...ports(),
      lifecycles,
      inventory: cloud.inventory,
    }));
    expect(started).toEqual([identity.token]);
  });

  it('leaves a record that is there as it is, and one that is written meanwhile', async () => {
    const theirs = active({ generation: 7 });
    cloud.records.put(theirs);
    expect(await run(true)).toMatchObject([{ kind: 'alreadyThere', status: 'active', rowWritten: true }]);
    expect((await recordAndRow()).state).toEqual(theirs);
    expect(await run(true)).toMatchObject([{ kind: 'alreadyThere', rowWritten: false }]);

    cloud.records.partitions.clear();
    const records = {
      readState: cloud.records.readState.bind(cloud.records),
      closePlan: async (...given: Parameters<typeof cloud.records.closePlan>) => {
        cloud.records.put(theirs);
        return cloud.records.closePlan(...given);
      },
    };
    expect(kinds(await run(true, { records }))).toEqual(['alreadyThere']);
    expect((await recordAndRow()).state).toEqual(theirs);
  });

  it('is done with when it is run again after it stopped between the record and its row', async () => {
    const inventory = {
      readRow: cloud.inventory.readRow.bind(cloud.inventory),
      writeRow: async () => {
        throw new Error('stopped');
      },
    };
    await expect(run(true, { inventory })).rejects.toThrow('stopped');
    expect((await recordAndRow()).row).toBeUndefined();
    expect(await run(true)).toMatchObject([{ kind: 'alreadyThere', rowWritten: true }]);
    expect((await recordAndRow()).row).toMatchObject({ status: 'active', lookAt: now });
  });

  it('keeps what a row says of a command that waits', async () => {
    await cloud.inventory.markPending('contoso', identity.token, at(9 * day), 'token-requests');
    await run(true);
    expect((await recordAndRow()).row).toMatchObject({
      status: 'active',
      pendingSince: at(9 * day),
      requestedBy: 'token-requests',
    });
  });

  it('stops before it writes anything when a vault cannot be read', async () => {
    const unreadable = {
      readSecret: cloud.vault.readSecret.bind(cloud.vault),
      listSecrets: cloud.vault.listSecrets.bind(cloud.vault),
      // biome-ignore lint/correctness/useYield: it fails before there is anything to give
      async *listDeletedSecrets(): AsyncGenerator<never> {
        throw new Error('accessDenied');
      },
    };
    await expect(run(true, { vaults: new Map([['team-vault', unreadable]]) })).rejects.toThrow(
      'accessDenied',
    );
    expect(await recordAndRow()).toEqual({});
  });

  it('says in one line for each token what there is to know', async () => {
    await cloud.registry.createToken('team-other', 'shared-read');
    const lines = outcomeLines(await run(false), now);
    expect(lines).toEqual([
      "contoso/team-other  not Keyturn's",
      'contoso/team-web    restored       active, entrance token-requests, owner team-web, incarnation 1, generation 1, next rotation 2026-04-26',
    ]);
  });
});
