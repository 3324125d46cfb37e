import { beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/contracts/findings.ts';
import type { OpenFinding } from '../../src/ports/findings.ts';
import { at } from '../lifecycle/build.ts';
import { HttpSetting } from './http-setting.ts';

let setting: HttpSetting;

beforeEach(() => {
  setting = new HttpSetting();
});

function put(finding: Finding, changes: Partial<OpenFinding> = {}): void {
  const drift: OpenFinding['drift'] = {
    finding,
    since: at(0),
    differences: [{ what: 'status', believed: 'enabled', found: 'disabled' }],
    ...{ cause: 'person', evidence: ['A person did it.'], noticedBy: 'report', done: 'nothing' },
  };
  const registry = changes.registry ?? 'contoso';
  setting.findings.put({
    registry,
    loginServer: `${registry}.azurecr.io`,
    severity: 'critical',
    drift,
    ...changes,
  });
}

const ofTeam = (token: string) => ({ token, entrance: 'token-requests', owner: 'team-web' });

interface List {
  readonly findings: readonly {
    readonly registry: string;
    readonly token?: string;
    readonly finding: string;
  }[];
  readonly continuation?: string;
}

async function list(query = ''): Promise<List> {
  const { status, body } = await setting.ask(`findings?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as List;
}

const named = ({ findings }: List) =>
  findings.map(({ registry, token, finding }) => `${registry}/${token ?? ''} ${finding}`);

/** All pages of a query, and what each page held. */
async function pages(query: string): Promise<string[][]> {
  const found: string[][] = [];
  let next = '';
  do {
    const page = await list(`${query}${next}`);
    found.push(named(page));
    next = page.continuation === undefined ? '' : `&continuation=${page.continuation}`;
  } while (next !== '');
  return found;
}

function putSome(): void {
  put('secretMissing', ofTeam('team-b'));
  put('disabledOutOfBand', ofTeam('Team-b'));
  put('publishedDead', ofTeam('team-a'));
  put('publishedDead', { ...ofTeam('team-a'), registry: 'fabrikam' });
  put('disabledOutOfBand', { token: 'partner-a', entrance: 'token-requests-partners', owner: 'northwind' });
  put('unmanagedToken', { token: '9-made-by-others', severity: 'warning' });
  put('registryBackDoor');
}

const all = [
  'contoso/9-made-by-others unmanagedToken',
  'contoso/partner-a disabledOutOfBand',
  'contoso/team-a publishedDead',
  'contoso/Team-b disabledOutOfBand',
  'contoso/team-b secretMissing',
  'contoso/ registryBackDoor',
  'fabrikam/team-a publishedDead',
];

describe('the list of findings', () => {
  beforeEach(putSome);

  it('is in the order of registries and tokens, with what a registry as a whole shows last', async () => {
    expect(named(await list())).toEqual(all);
  });

  it('says all that is known of a finding, and nothing else of the token', async () => {
    const { findings } = await list('token=TEAM-A&registry=contoso');
    expect(findings).toEqual([
      {
        registry: 'contoso',
        ...ofTeam('team-a'),
        severity: 'critical',
        finding: 'publishedDead',
        since: at(0),
        differences: [{ what: 'status', believed: 'enabled', found: 'disabled' }],
        ...{ cause: 'person', evidence: ['A person did it.'], noticedBy: 'report', done: 'nothing' },
      },
    ]);
  });

  it.each([
    ['registry=Fabrikam', ['fabrikam/team-a publishedDead']],
    ['token=team-B', ['contoso/Team-b disabledOutOfBand', 'contoso/team-b secretMissing']],
    ['finding=publishedDead', ['contoso/team-a publishedDead', 'fabrikam/team-a publishedDead']],
    ['finding=disabledOutOfBand&token=team-b', ['contoso/Team-b disabledOutOfBand']],
    ['finding=outOfPolicy', []],
  ])('shows of %s only that', async (query, expected) => {
    expect(named(await list(query))).toEqual(expected);
  });

  it('shows a caller the tokens of their entrances, and neither registries nor what nobody manages', async () => {
    setting.http = { authentication: 'functionKey', entrances: ['token-requests'] };
    const theirs = all.filter((each) => /team-/i.test(each));
    expect(named(await list())).toEqual(theirs);
    expect(named(await list('finding=unmanagedToken'))).toEqual([]);
    expect(named(await list('finding=registryBackDoor'))).toEqual([]);
    expect(named(await list('token=partner-a'))).toEqual([]);
  });

  it('shows a caller nothing of others although the source does not filter by so many entrances', async () => {
    setting.http = { authentication: 'functionKey', entrances: ['token-requests'] };
    const { findings } = setting;
    const listFindings: typeof findings.listFindings = ({ entrances: _entrances, ...filter }, page) =>
      findings.listFindings(filter, page);
    const { body } = await setting.ask('findings', {}, { findings: { listFindings } });
    expect(named(body as List)).toEqual(all.filter((each) => /team-/i.test(each)));
  });

  it('shows what is gone no more', async () => {
    await setting.findings.replaceOfToken({ registry: 'contoso', token: 'team-b' }, []);
    expect(named(await list('token=team-b'))).toEqual([]);
  });
});

describe('the pages of a list of findings', () => {
  beforeEach(putSome);

  it.each([1, 2, 3, 6])('hold each finding once, %i at a time', async (pageSize) => {
    const found = await pages(`pageSize=${pageSize}`);
    expect(found.flat()).toEqual(all);
    for (const page of found.slice(0, -1)) expect(page).toHaveLength(pageSize);
  });

  it('go on although what the page before ended with is gone, and with what came since', async () => {
    const first = await list('pageSize=4');
    await setting.findings.replaceOfToken({ registry: 'contoso', token: 'team-b' }, []);
    put('scopeMapChanged', ofTeam('team-c'));
    expect(named(await list(`pageSize=4&continuation=${first.continuation}`))).toEqual([
      'contoso/team-c scopeMapChanged',
      'contoso/ registryBackDoor',
      'fabrikam/team-a publishedDead',
    ]);
  });

  it('tell nobody the names of tokens that are not theirs', async () => {
    setting.http = { authentication: 'functionKey', entrances: ['token-requests'] };
    const { continuation = '' } = await list('pageSize=1');
    const text = Buffer.from(continuation, 'base64url').toString();
    expect(text).toContain('team-a');
    expect(text).not.toContain('partner');
  });

  it('are of no use with another query, and give no rights to another caller', async () => {
    const { continuation } = await list('registry=contoso&pageSize=1');
    expect(await setting.ask(`findings?registry=fabrikam&continuation=${continuation}`)).toMatchObject({
      status: 400,
      body: { code: 'invalidQuery', errors: [{ parameter: 'continuation', code: 'invalidContinuation' }] },
    });
    setting.http = { authentication: 'functionKey', entrances: ['token-requests-devices'] };
    expect(named(await list(`registry=contoso&continuation=${continuation}`))).toEqual([]);
  });
});

describe('a query for findings', () => {
  it.each([
    ['finding=gone', 'finding', 'invalidFinding'],
    ['finding=DisabledOutOfBand', 'finding', 'invalidFinding'],
    ['token=no', 'token', 'invalidTokenName'],
    ["token=team-a'%20or%20true", 'token', 'invalidTokenName'],
    ['registry=northwind', 'registry', 'unknownRegistry'],
    ['status=active', 'status', 'unknownParameter'],
    ['pageSize=201', 'pageSize', 'invalidPageSize'],
    ['continuation=abc', 'continuation', 'invalidContinuation'],
  ])('%s is refused, naming the parameter and the rule', async (query, parameter, code) => {
    expect(await setting.ask(`findings?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalidQuery', errors: [{ parameter, code }] },
    });
  });
});
