import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tableNames } from '../../../src/adapters/record-tables.ts';
import { eventually } from '../../local/functions-host/sample-app/durable-api.ts';
import { withQuickVault } from '../commands/quick-vault.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { expectInOrder } from '../faults/in-order.ts';
import { Prober, withProber } from '../prober.ts';
import { RunningService } from '../running-service.ts';

const patience = 300_000;
const reason = 'no longer needed';

let service: RunningService;
let requester: Requester;
let prober: Prober;

/** Everything is kept for as short as may be. */
beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: (config) => withProber(withQuickVault(config)),
    changeConfiguration: (configuration) => {
      configuration.retention = { history: 'P90D', deletedTokens: 'P90D' };
    },
  });
  requester = await Requester.open(service);
  prober = await Prober.start(service);
}, patience);
afterAll(async () => {
  await prober.close();
  await requester.close();
  await service.close();
});

/** What all tables keep about a token: the table and the key of each row. */
async function rowsAbout(token: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of ['records', 'inventory', 'requests'] as const) {
    const url = service.setting('Records__tableServiceUri');
    const table = new TableClient(url, tableNames[name], await service.credential());
    for await (const row of table.listEntities())
      if (JSON.stringify(row).toLowerCase().includes(token)) found.push(`${name} ${row.rowKey}`);
  }
  return found;
}

async function instances(): Promise<string[]> {
  const [host] = service.hosts;
  if (!host) throw new Error('There is no host.');
  const all = await (await host.durableApi()).list('');
  return all.map(({ instanceId }) => instanceId.split('~')[1] ?? '').sort();
}

function forgotten(): string[] {
  return service.hosts
    .flatMap((host) => host.log.saidBy('retention'))
    .map((line) => JSON.parse(line) as { tokens?: string[] })
    .flatMap(({ tokens = [] }) => tokens)
    .sort();
}

it(
  'what was deleted long ago is forgotten altogether, and can be asked for anew',
  async () => {
    const tokens = ['team-kept', 'team-forgotten', 'team-remembered'];
    for (const token of tokens)
      expect(await requester.ask('keyturn.token.requested', token, teamRequest())).toBe('done');
    prober.watch({ token: 'team-kept', overlap: 'P14D' });
    for (const token of tokens.slice(1))
      expect(await requester.ask('keyturn.token.deletion-requested', token, { reason })).toBe('done');
    const inVain = { compromised: false };
    expect(await requester.ask('keyturn.token.rotation-requested', 'team-never', inVain)).toBe(
      'denied noSuchToken',
    );
    // Somebody has recovered a secret: its tags remember the first life of the name.
    const secrets = await service.secrets();
    await (await secrets.beginRecoverDeletedSecret('acr-contoso--team-remembered')).pollUntilDone();
    expect(await instances()).toEqual(['team-forgotten', 'team-kept', 'team-never', 'team-remembered']);
    expect(await rowsAbout('team-forgotten')).not.toEqual([]);

    await eventually(
      'the lifecycle of team-kept',
      async () => (await requester.state('team-kept'))?.lookAt ?? '',
      (lookAt) => Date.parse(lookAt) > Date.now() + 86_400_000,
    );
    await service.control.advance('P60D');
    await requester.event('keyturn.token.rotated', 'team-kept');
    expect(forgotten()).toEqual([]);
    await service.control.advance('P45D');
    await eventually(
      'the names that are forgotten',
      async () => forgotten(),
      ({ length }) => length >= 3,
    );
    expect(forgotten()).toEqual(['contoso/team-forgotten', 'contoso/team-never', 'contoso/team-remembered']);
    await eventually('the instances', instances, (left) => left.length === 1);
    expect(await instances()).toEqual(['team-kept']);
    for (const token of ['team-forgotten', 'team-never', 'team-remembered'])
      await eventually(
        `the rows about ${token}`,
        () => rowsAbout(token),
        ({ length }) => length === 0,
      );
    expect(await requester.state('team-kept')).toMatchObject({ status: 'active' });

    for (const token of tokens.slice(1)) {
      expect(await requester.ask('keyturn.token.requested', token, teamRequest())).toBe('done');
      expect(await service.logIn(token)).toBe(200);
    }
    expect(await requester.state('team-forgotten')).toMatchObject({ incarnation: 1, generation: 1 });
    expect(await requester.state('team-remembered')).toMatchObject({ incarnation: 2, generation: 1 });
    await prober.until(2);
    expect(prober.failures).toEqual([]);
    await expectInOrder(service, tokens);
  },
  patience,
);
