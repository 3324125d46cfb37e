import { beforeEach, describe, expect, it } from 'vitest';
import { at, day } from '../lifecycle/build.ts';
import { HttpSetting } from './http-setting.ts';

let setting: HttpSetting;

beforeEach(() => {
  setting = new HttpSetting();
});

interface List {
  readonly tokens: readonly { readonly registry: string; readonly token: string }[];
  readonly continuation?: string;
}

async function list(query = ''): Promise<List> {
  const { status, body } = await setting.ask(`tokens?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as List;
}

const names = ({ tokens }: List) => tokens.map(({ registry, token }) => `${registry}/${token}`);

/** All pages of a query, and what each page held. */
async function pages(query: string): Promise<string[][]> {
  const found: string[][] = [];
  let next = '';
  do {
    const page = await list(`${query}${next}`);
    found.push(names(page));
    next = page.continuation === undefined ? '' : `&continuation=${page.continuation}`;
  } while (next !== '');
  return found;
}

describe('the list of tokens', () => {
  it('is in the order of registries and names, whatever their case', async () => {
    await setting.addRow('Team-b');
    await setting.addRow('team-a');
    await setting.addRow('team-c');
    await setting.addRow('team-a', { registry: 'fabrikam' });
    expect(names(await list())).toEqual([
      'contoso/team-a',
      'contoso/Team-b',
      'contoso/team-c',
      'fabrikam/team-a',
    ]);
    expect(names(await list('registry=FabriKam'))).toEqual(['fabrikam/team-a']);
  });

  it('shows what the inventory says, and not the numbers of plans', async () => {
    const row = {
      status: 'active',
      slot: 'password1',
      generation: 3,
      expiresAt: at(9 * day),
      nextRotation: at(5 * day),
      secretUri: 'https://teams-vault.vault.azure.net/secrets/acr-contoso--team-web',
      findings: ['publishedDead', 'secretMissing'],
      failing: true,
      parked: true,
      lookAt: at(5 * day),
      pendingSince: at(0),
    } as const;
    await setting.addRow('team-web', row);
    const owned = { registry: 'contoso', token: 'team-web', entrance: 'token-requests', owner: 'team-web' };
    expect((await list()).tokens).toEqual([{ ...owned, ...row }]);
  });

  it('has deleted tokens too, and leaves out names under which there never was one', async () => {
    await setting.addRow('team-gone', { status: 'deleted' });
    await setting.addRow('team-web');
    await setting.inventory.markPending('contoso', 'team-asked', at(0));
    expect(names(await list())).toEqual(['contoso/team-gone', 'contoso/team-web']);
    expect(names(await list('status=deleted'))).toEqual(['contoso/team-gone']);
    expect(names(await list('status=active'))).toEqual(['contoso/team-web']);
    expect(names(await list('status=revoked'))).toEqual([]);
  });

  it('ends in time: within a while from now, or before an instant', async () => {
    for (const days of [1, 7, 8]) await setting.addRow(`team-${days}`, { expiresAt: at(days * day) });
    await setting.addRow('team-unpublished');
    setting.clock.time += 1;
    expect(names(await list('expiringWithin=P7D'))).toEqual(['contoso/team-1', 'contoso/team-7']);
    setting.clock.time -= 1;
    expect(names(await list('expiringWithin=P7D'))).toEqual(['contoso/team-1']);
    expect(names(await list('expiringWithin=PT0S'))).toEqual([]);
    expect(names(await list('expiresBefore=2026-03-08T13:00:00.001%2B01:00'))).toEqual([
      'contoso/team-1',
      'contoso/team-7',
    ]);
  });
});

describe('the pages of a list', () => {
  beforeEach(async () => {
    for (const registry of ['contoso', 'fabrikam'])
      for (const letter of ['a', 'b', 'c'])
        await setting.addRow(`team-${letter}`, { registry, expiresAt: at(day) });
  });

  it.each([
    [1, 6],
    [2, 3],
    [3, 2],
    [4, 2],
    [5, 2],
    [6, 1],
    [200, 1],
  ])('of %d have every token once, in %d pages', async (pageSize, count) => {
    const found = await pages(`pageSize=${pageSize}`);
    expect(found.length).toBe(count);
    expect(found.flat()).toEqual(names(await list()));
    for (const page of found.slice(0, -1)) expect(page.length).toBe(pageSize);
  });

  it('are full although tokens of others lie between', async () => {
    for (let number = 0; number < 30; number += 1)
      await setting.addRow(`team-b${number}`, { entrance: 'token-requests-partners' });
    setting.http = { authentication: 'functionKey', entrances: ['token-requests'] };
    expect((await pages('pageSize=2')).map((page) => page.length)).toEqual([2, 2, 2]);
  });

  it('hold on to the end of the first when time goes by', async () => {
    await setting.addRow('team-d', { expiresAt: at(2 * day) });
    const first = await list('expiringWithin=P2D&pageSize=5');
    setting.clock.time += day;
    expect(names(await list(`expiringWithin=P2D&pageSize=5&continuation=${first.continuation}`))).toEqual([
      'fabrikam/team-c',
    ]);
    expect(names(await list('expiringWithin=P2D'))).toContain('contoso/team-d');
  });

  it('go on although the token where they ended is gone, and find those that came after it', async () => {
    const first = await list('registry=contoso&pageSize=1');
    setting.inventory.rows.delete('contoso/team-a');
    await setting.addRow('team-aa');
    expect(names(await list(`registry=contoso&continuation=${first.continuation}`))).toEqual([
      'contoso/team-aa',
      'contoso/team-b',
      'contoso/team-c',
    ]);
  });

  it('tell nobody the names of tokens that are not theirs', async () => {
    await setting.addRow('team-bb-secret-project', { entrance: 'token-requests-partners' });
    setting.http = { authentication: 'functionKey', entrances: ['token-requests'] };
    for (const pageSize of [1, 2, 3]) {
      const { continuation = '' } = await list(`pageSize=${pageSize}`);
      expect(Buffer.from(continuation, 'base64url').toString()).not.toContain('secret');
    }
  });

  it('have none of others although the inventory does not filter by so many entrances', async () => {
    await setting.addRow('team-other', { entrance: 'token-requests-partners' });
    setting.http = { authentication: 'functionKey', entrances: ['token-requests'] };
    const { inventory } = setting;
    const listRows: typeof inventory.listRows = ({ entrances: _entrances, ...filter }, page) =>
      inventory.listRows(filter, page);
    const { body } = await setting.ask('tokens', {}, { inventory: { listRows } });
    expect(names(body as List)).toHaveLength(6);
    expect(names(body as List)).not.toContain('contoso/team-other');
  });

  it('are of no use with another query, and give no rights to another caller', async () => {
    const { continuation } = await list('registry=contoso&pageSize=1');
    expect(await setting.ask(`tokens?registry=fabrikam&continuation=${continuation}`)).toMatchObject({
      status: 400,
      body: { code: 'invalidQuery', errors: [{ parameter: 'continuation', code: 'invalidContinuation' }] },
    });
    setting.http = { authentication: 'functionKey', entrances: ['token-requests-partners'] };
    expect(names(await list(`registry=contoso&continuation=${continuation}`))).toEqual([]);
  });
});

describe('a query for a list', () => {
  it.each([
    ['registry=con', 'registry', 'invalidRegistryName'],
    ['registry=', 'registry', 'invalidRegistryName'],
    ['registry=contoso&registry=fabrikam', 'registry', 'invalidRegistryName'],
    ['registry=northwind', 'registry', 'unknownRegistry'],
    ['registry=constructor', 'registry', 'unknownRegistry'],
    ['status=none', 'status', 'invalidStatus'],
    ['status=Active', 'status', 'invalidStatus'],
    ['expiringWithin=7', 'expiringWithin', 'invalidDuration'],
    ['expiringWithin=P1M', 'expiringWithin', 'invalidDuration'],
    ['expiringWithin=P9999D', 'expiringWithin', 'invalidDuration'],
    ['expiringWithin=P7D&expiresBefore=2026-03-08T12:00:00Z', 'expiringWithin', 'withinAndBefore'],
    ['expiresBefore=tomorrow', 'expiresBefore', 'invalidInstant'],
    ['expiresBefore=2026-03-08', 'expiresBefore', 'invalidInstant'],
    ['pageSize=0', 'pageSize', 'invalidPageSize'],
    ['pageSize=201', 'pageSize', 'invalidPageSize'],
    ['pageSize=-1', 'pageSize', 'invalidPageSize'],
    ['pageSize=1e2', 'pageSize', 'invalidPageSize'],
    ['continuation=', 'continuation', 'invalidContinuation'],
    ['continuation=abc', 'continuation', 'invalidContinuation'],
    ['expiringwithin=P7D', 'expiringwithin', 'unknownParameter'],
    ['__proto__=1', '__proto__', 'unknownParameter'],
  ])('%s is refused, naming the parameter and the rule', async (query, parameter, code) => {
    const { status, headers, body } = await setting.ask(`tokens?${query}`);
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json']);
    expect(body).toMatchObject({
      status: 400,
      code: 'invalidQuery',
      errors: [{ parameter, code, detail: expect.stringMatching(/^(must|is) /) }],
    });
  });

  it('is told all that is wrong with it at once', async () => {
    const { body } = await setting.ask('tokens?status=x&pageSize=x&other=x');
    expect((body as { errors: { parameter: string }[] }).errors.map(({ parameter }) => parameter)).toEqual([
      'status',
      'pageSize',
      'other',
    ]);
  });

  it('may hold the function key', async () => {
    expect((await setting.ask('tokens?code=abc')).status).toBe(200);
  });
});
