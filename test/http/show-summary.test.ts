import { beforeEach, describe, expect, it } from 'vitest';
import type { Drift } from '../../src/contracts/event-data.ts';
import type { InventoryRow } from '../../src/ports/inventory.ts';
import { at, day, minute, second } from '../lifecycle/build.ts';
import { HttpSetting } from './http-setting.ts';

let setting: HttpSetting;

beforeEach(() => {
  setting = new HttpSetting();
});

interface Summary {
  readonly complete: boolean;
  readonly tokens: Readonly<Record<string, number>>;
  readonly expiring: number;
  readonly registries: readonly { readonly registry: string; readonly tokens: number }[];
}

async function summary(query = ''): Promise<Summary> {
  const { status, body } = await setting.ask(`summary?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Summary;
}

const nothing = { provisioning: 0, active: 0, disabled: 0, expired: 0, revoked: 0, deleted: 0 };

describe('the summary', () => {
  it('counts tokens by status, and leaves out names under which there never was one', async () => {
    const statuses = ['active', 'active', 'disabled', 'expired', 'revoked', 'deleted', 'none'] as const;
    for (const [index, status] of statuses.entries()) await setting.addRow(`team-${index}`, { status });
    await setting.addRow('team-a', { registry: 'fabrikam', status: 'provisioning' });
    expect(await summary()).toEqual({
      at: at(0),
      complete: true,
      tokens: { ...nothing, provisioning: 1, active: 2, disabled: 1, expired: 1, revoked: 1, deleted: 1 },
      expiring: 0,
      failing: 0,
      parked: 0,
      findings: {},
      registries: [
        { registry: 'contoso', tokens: 5 },
        { registry: 'fabrikam', tokens: 1 },
      ],
    });
    expect(await summary('registry=Fabrikam')).toMatchObject({
      tokens: { ...nothing, provisioning: 1 },
      registries: [{ registry: 'fabrikam', tokens: 1 }],
    });
  });

  it('counts what fails, what waits for a person, and findings by name', async () => {
    await setting.addRow('team-a', { failing: true });
    await setting.addRow('team-b', {
      failing: true,
      parked: true,
      findings: ['publishedDead', 'secretMissing'],
    });
    await setting.addRow('team-c', { status: 'disabled', findings: ['publishedDead'] });
    expect(await summary()).toMatchObject({
      failing: 2,
      parked: 1,
      findings: { publishedDead: 2, secretMissing: 1 },
    });
  });

  const expiring: readonly [sentence: string, row: Partial<InventoryRow>, counted: number][] = [
    ['a password that ends in six days', { expiresAt: at(6 * day) }, 1],
    ['one that has ended', { expiresAt: at(-day) }, 1],
    ['one whose rotation should have come', { expiresAt: at(6 * day), nextRotation: at(-minute) }, 1],
    ['not one that is replaced before', { expiresAt: at(6 * day), nextRotation: at(day) }, 0],
    ['not one that ends in a week', { expiresAt: at(7 * day) }, 0],
    ['not one of a token that is off', { expiresAt: at(day), status: 'disabled' }, 0],
  ];

  it.each(expiring)('counts as expiring: %s', async (_sentence, row, counted) => {
    await setting.addRow('team-a', row);
    expect((await summary()).expiring).toBe(counted);
  });

  it('knows how full a registry was when it was compared last', async () => {
    const noted = { tokens: 90, limit: 100, tier: 'Basic', at: at(-minute) };
    await setting.notes.writeNote('contoso', 'capacity', noted, undefined);
    await setting.notes.writeNote('fabrikam', 'capacity', { tokens: 3, tier: 'Other', at: at(0) }, undefined);
    expect((await summary()).registries).toEqual([
      { registry: 'contoso', tokens: 0, capacity: noted },
      { registry: 'fabrikam', tokens: 0, capacity: { tokens: 3, tier: 'Other', at: at(0) } },
    ]);
  });

  it('says nothing of a capacity that another release wrote down otherwise', async () => {
    await setting.notes.writeNote('contoso', 'capacity', { full: 'almost' }, undefined);
    expect((await summary('registry=contoso')).registries).toEqual([{ registry: 'contoso', tokens: 0 }]);
  });

  it('counts for a caller the tokens of their entrances, and nothing of registries', async () => {
    await setting.addRow('team-a', { findings: ['publishedDead'] });
    await setting.addRow('partner-a', { entrance: 'token-requests-partners', failing: true, parked: true });
    const drift: Drift = {
      ...{ finding: 'registryBackDoor', since: at(0), differences: [], evidence: [] },
      ...{ cause: 'unknown', noticedBy: 'report', done: 'nothing' },
    };
    const of = { registry: 'contoso', loginServer: 'contoso.azurecr.io', severity: 'critical' } as const;
    setting.findings.put({ ...of, drift });
    setting.findings.put({ ...of, token: 'others', drift: { ...drift, finding: 'unmanagedToken' } });
    await setting.notes.writeNote('contoso', 'capacity', { tokens: 9, tier: 'x', at: at(0) }, undefined);
    expect(await summary('registry=contoso')).toMatchObject({
      tokens: { active: 2 },
      findings: { publishedDead: 1, registryBackDoor: 1, unmanagedToken: 1 },
    });
    setting.http = { authentication: 'functionKey', entrances: ['token-requests'] };
    expect(await summary('registry=contoso')).toEqual({
      at: at(0),
      complete: true,
      tokens: { ...nothing, active: 1 },
      expiring: 0,
      failing: 0,
      parked: 0,
      findings: { publishedDead: 1 },
      registries: [{ registry: 'contoso', tokens: 1 }],
    });
  });

  it('is refused with parameters that it does not have', async () => {
    expect(await setting.ask('summary?status=active')).toMatchObject({
      status: 400,
      body: { errors: [{ parameter: 'status', code: 'unknownParameter' }] },
    });
  });
});

describe('a summary of many tokens', () => {
  /** Pages of a thousand tokens each, which take some time to read. */
  async function ofPages(pages: number, milliseconds: number) {
    const read: (string | undefined)[] = [];
    const row = (name: string): InventoryRow => ({
      ...{ registry: 'contoso', token: name, status: 'active', plan: 1 },
      entrance: 'token-requests',
    });
    const { body } = await setting.ask(
      'summary?registry=contoso',
      {},
      {
        inventory: {
          listRows: async (_filter, { pageSize, continuation }) => {
            setting.clock.time += milliseconds;
            read.push(continuation);
            const items = Array.from({ length: pageSize }, (_, index) => row(`team-${read.length}-${index}`));
            return { items, ...(read.length < pages ? { continuation: String(read.length) } : {}) };
          },
        },
      },
    );
    return { summary: body as Summary, read };
  }

  it('reads them page by page, and asks for no more than is needed to count them', async () => {
    const { summary, read } = await ofPages(50, 100);
    expect(summary).toMatchObject({ complete: true, tokens: { active: 50_000 } });
    expect(read).toHaveLength(50);
  });

  it('ends after 20 seconds, and says that there are more', async () => {
    const { summary, read } = await ofPages(50, 3 * second);
    expect(summary).toMatchObject({ complete: false, tokens: { active: 7_000 } });
    expect(read).toHaveLength(8);
  });

  it('is complete when the last page was read in time, but hardly', async () => {
    const { summary } = await ofPages(4, 6 * second);
    expect(summary).toMatchObject({ complete: true, tokens: { active: 4_000 } });
  });
});
