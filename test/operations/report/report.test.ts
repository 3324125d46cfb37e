import { afterAll, beforeAll, expect, it } from 'vitest';
import { RegistryContents } from '../../service/commands/registry-contents.ts';
import { Requester, teamRequest } from '../../service/commands/requester.ts';
import { RunningService } from '../../service/running-service.ts';
import { runOperation } from '../run-operation.ts';

const patience = 120_000;
const reason = 'asked for by a test';

let service: RunningService;
let requester: Requester;
let registry: RegistryContents;

beforeAll(async () => {
  service = await RunningService.start();
  requester = await Requester.open(service);
  registry = await RegistryContents.open(service);
}, patience);
afterAll(async () => {
  await requester.close();
  await service.close();
});

async function report(...words: readonly string[]): Promise<string> {
  const { code, output, errors } = await runOperation(service, 'report', 'access', ...words);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return output;
}

async function tokensIn(...words: readonly string[]) {
  const { tokens } = JSON.parse(await report('--format', 'json', ...words)) as {
    tokens: Record<string, unknown>[];
  };
  return tokens;
}

async function now(): Promise<string> {
  return (await service.control.now()).toISOString();
}

it(
  'an access review learns what there was on a day, and what each token may do',
  async () => {
    await registry.makeScopeMap('device-firmware', ['repositories/firmware/*/content/read']);
    const devices = { entrance: 'token-requests-devices' } as const;
    const asks = await Promise.all([
      requester.ask(
        'keyturn.token.requested',
        'team-web',
        teamRequest(undefined, { purpose: '=HYPERLINK("x")' }),
      ),
      requester.ask('keyturn.token.requested', 'team-gone', teamRequest()),
      requester.ask('keyturn.token.requested', 'team-off', teamRequest()),
      requester.ask(
        'keyturn.token.requested',
        'device-one',
        { owner: 'devices-north', access: { scopeMap: 'device-firmware' } },
        devices,
      ),
    ]);
    expect(asks).toEqual(['done', 'done', 'done', 'done']);
    await service.control.advance('P61D');
    for (const token of ['team-web', 'team-gone', 'team-off'])
      await requester.event('keyturn.token.rotated', token);
    const before = await now();

    await service.control.advance('P1D');
    expect(await requester.ask('keyturn.token.deletion-requested', 'team-gone', { reason })).toBe('done');
    expect(await requester.ask('keyturn.token.disable-requested', 'team-off', { reason })).toBe('done');
    expect(await requester.ask('keyturn.token.requested', 'team-later', teamRequest())).toBe('done');
    const wider = { access: { added: { 'teams/api': ['content/read'] } } };
    expect(await requester.ask('keyturn.token.access-changed', 'team-web', wider)).toBe('done');

    const then = await tokensIn('--as-of', before);
    expect(then.map(({ token, status }) => `${token} ${status}`)).toEqual([
      'device-one active',
      'team-gone active',
      'team-off active',
      'team-web active',
    ]);
    const [device, gone, off, web] = then;
    expect(device).toMatchObject({
      owner: 'devices-north',
      entrance: 'token-requests-devices',
      actions: ['repositories/firmware/*/content/read'],
      lastRotated: device?.created,
    });
    expect(off?.changedSince).toBeUndefined();
    expect(gone?.lastRotated).not.toBe(gone?.created);
    expect(web?.changedSince).toBeDefined();

    const present = await tokensIn();
    expect(present.map(({ token, status }) => `${token} ${status}`)).toEqual([
      'device-one active',
      'team-later active',
      'team-off disabled',
      'team-web active',
    ]);
    expect(present.at(-1)).toMatchObject({
      actions: ['repositories/teams/api/content/read', 'repositories/teams/web/content/read'],
    });

    const csv = await report('--format', 'csv', '--owner', 'team-web');
    expect(csv.split('\r\n')).toHaveLength(5);
    expect(csv).toContain(`,"'=HYPERLINK(""x"")"\r\n`);
    expect(await tokensIn('--entrance', 'token-requests-devices')).toHaveLength(1);
    expect(await tokensIn('--registry', 'contoso', '--owner', 'nobody')).toEqual([]);
    expect(await report('--as-of', before)).toMatch(/\n4 tokens as of .*\n.*as of now.*\n\* These/);
  },
  patience,
);

it(
  'says that the actions of shared scope maps are not readable when the registry cannot be asked',
  async () => {
    await service.control.setReachable('resource-manager', false);
    try {
      const rows = await tokensIn();
      expect(rows.find(({ token }) => token === 'device-one')?.actions).toBeUndefined();
      expect(rows.find(({ token }) => token === 'team-later')?.actions).toEqual([
        'repositories/teams/web/content/read',
      ]);
      expect(await report('--entrance', 'token-requests-devices')).toContain(
        'device-firmware (not readable)',
      );
    } finally {
      await service.control.setReachable('resource-manager', true);
    }
  },
  patience,
);
