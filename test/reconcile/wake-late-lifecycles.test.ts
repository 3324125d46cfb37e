import { describe, expect, it } from 'vitest';
import { plus } from '../../src/lifecycle/instant-arithmetic.ts';
import type { InventoryRow } from '../../src/ports/inventory.ts';
import type { Lifecycles } from '../../src/ports/lifecycles.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { type LateLifecycle, wakeLateLifecycles } from '../../src/reconcile/wake-late-lifecycles.ts';
import { configurationWith } from '../activities/memory/memory-cloud.ts';
import { at, minute, second, start } from '../lifecycle/build.ts';

type Times = Pick<InventoryRow, 'lookAt' | 'pendingSince'>;

interface Setting {
  readonly rows: ReadonlyMap<string, Times>;
  /** Of lifecycles; one that is not named runs. */
  readonly standings?: Readonly<Record<string, Awaited<ReturnType<Lifecycles['standing']>>>>;
  readonly unreachable?: readonly string[];
}

/** What reconcile does at `start`, and what it asks of the lifecycles. */
async function reconciled({ rows, standings = {}, unreachable = [] }: Setting) {
  const calls: string[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const ask = async (call: string, token: string) => {
    calls.push(`${call} ${token}`);
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    await new Promise(setImmediate);
    atOnce -= 1;
    if (unreachable.includes(token))
      throw new ServiceFailure({ service: 'orchestrations', operation: call, code: 'unavailable' });
  };
  const lifecycles: Lifecycles = {
    standing: async ({ token }) => {
      await ask('look at', token);
      return standings[token] ?? 'running';
    },
    start: async ({ token }) => {
      await ask('start', token);
      return 'started';
    },
    wake: ({ token }) => ask('wake', token),
  };
  const inventory = {
    async *listLate(registry: string, before: Required<Times>): AsyncGenerator<InventoryRow> {
      for (const [token, times] of rows) {
        const { lookAt = before.lookAt, pendingSince = before.pendingSince } = times;
        if (lookAt < before.lookAt || pendingSince < before.pendingSince)
          yield { registry, token, status: 'active', plan: 1, ...times };
      }
    },
  };
  const configuration = configurationWith({});
  const done: LateLifecycle[] = [];
  const ports = { configuration, lifecycles, inventory };
  for await (const each of wakeLateLifecycles(start, ports)) done.push(each);
  return { calls, done, mostAtOnce };
}

describe('who is late', () => {
  const cases: Readonly<Record<string, { readonly row: Times; readonly late: boolean }>> = {
    'who promised to act in the future is not': { row: { lookAt: at(minute) }, late: false },
    'who promised to act 10 minutes ago is not yet': { row: { lookAt: at(-10 * minute) }, late: false },
    'who promised to act longer ago is': { row: { lookAt: at(-10 * minute - second) }, late: true },
    'who promised nothing is not': { row: {}, late: false },
    'whose command has waited for 5 minutes is not yet': {
      row: { pendingSince: at(-5 * minute) },
      late: false,
    },
    'whose command has waited for longer is': { row: { pendingSince: at(-5 * minute - second) }, late: true },
    'whose command has waited for long is, whatever it promised': {
      row: { lookAt: at(60 * minute), pendingSince: at(-6 * minute) },
      late: true,
    },
  };
  it.each(Object.entries(cases))('%s', async (_sentence, { row, late }) => {
    const { calls, done } = await reconciled({ rows: new Map([['team-web', row]]) });
    expect(calls).toEqual(late ? ['look at team-web', 'wake team-web'] : []);
    expect(done).toEqual(
      late
        ? [
            {
              registry: 'contoso',
              token: 'team-web',
              lookAt: undefined,
              pendingSince: undefined,
              ...row,
              result: 'woken',
            },
          ]
        : [],
    );
  });
});

describe('late lifecycles', () => {
  const lookAt = plus(start, -60 * minute);

  it('are woken if they run, and started if there is none or it came to an end', async () => {
    const { calls, done } = await reconciled({
      rows: new Map([
        ['team-runs', { lookAt }],
        ['team-none', { lookAt }],
        ['team-ended', { lookAt }],
      ]),
      standings: { 'team-none': 'none', 'team-ended': 'finished' },
    });
    expect(done.map(({ token, result }) => [token, result])).toEqual([
      ['team-runs', 'woken'],
      ['team-none', 'started'],
      ['team-ended', 'started'],
    ]);
    expect(calls.filter((call) => !call.startsWith('look at')).sort()).toEqual([
      'start team-ended',
      'start team-none',
      'wake team-runs',
    ]);
  });

  it('are all dealt with although one cannot be reached, and it is said which', async () => {
    const tokens = ['team-1', 'team-2', 'team-3'];
    const { done } = await reconciled({
      rows: new Map(tokens.map((token) => [token, { lookAt }])),
      unreachable: ['team-2'],
    });
    expect(done).toMatchObject([
      { token: 'team-1', result: 'woken' },
      { token: 'team-2', result: { error: { code: 'unavailable' } } },
      { token: 'team-3', result: 'woken' },
    ]);
  });

  it('are each dealt with once, 16 at a time', async () => {
    const tokens = Array.from({ length: 40 }, (_, index) => `team-${index}`);
    const { calls, done, mostAtOnce } = await reconciled({
      rows: new Map(tokens.map((token) => [token, { lookAt }])),
    });
    expect(done.map(({ token }) => token)).toEqual(tokens);
    expect(calls).toHaveLength(80);
    expect(mostAtOnce).toBe(16);
  });
});
