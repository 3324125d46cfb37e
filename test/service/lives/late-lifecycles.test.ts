import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InventoryTable } from '../../../src/adapters/inventory-table.ts';
import { openRecordTables } from '../../../src/adapters/record-tables.ts';
import { systemClock } from '../../../src/adapters/system-clock.ts';
import { TokenRecordsTable } from '../../../src/adapters/token-records-table.ts';
import { commandKey, contentDigest } from '../../../src/contracts/command-key.ts';
import { parseCommand } from '../../../src/contracts/parse-command.ts';
import { eventually } from '../../local/functions-host/sample-app/durable-api.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { expectInOrder } from '../faults/in-order.ts';
import type { SentCommand } from '../messages.ts';
import { Prober, withProber } from '../prober.ts';
import { RunningService } from '../running-service.ts';

const patience = 120_000;
const entrance = 'token-requests';

let service: RunningService;
let requester: Requester;
let prober: Prober;

/** Reconcile as shipped, and a profile that rotates every six hours. */
beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withProber,
    changeConfiguration: (configuration) => {
      configuration.reconcile = { ...configuration.reconcile, schedule: '0 */5 * * * *' };
      configuration.profiles = { brief: { rotateEvery: 'PT6H', overlap: 'PT1H', minimumOverlap: 'PT1H' } };
      const policy = configuration.entrances[entrance]?.policy;
      if (policy) policy.profiles = ['brief', 'standard'];
    },
  });
  requester = await Requester.open(service);
  prober = await Prober.start(service);
});
afterAll(async () => {
  await prober.close();
  await requester.close();
  await service.close();
});

function identityOf(token: string) {
  const { registries } = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
  return { registry: 'contoso', loginServer: String(registries.contoso.loginServer), token };
}

function instanceOf(token: string): string {
  const { loginServer } = identityOf(token);
  return `${loginServer}~${token}`.toLowerCase();
}

async function durable() {
  const [host] = service.hosts;
  if (!host) throw new Error('There is no host.');
  return { host, api: await host.durableApi() };
}

/** Again and again, as a person would: Durable Functions loses what comes while an orchestration continues as new. */
async function terminate(token: string): Promise<void> {
  const { api } = await durable();
  const statusOf = async () => (await api.status(instanceOf(token))).runtimeStatus;
  for (const end = Date.now() + patience; Date.now() < end; ) {
    await api.operate(instanceOf(token), 'terminate', 'by hand');
    for (let looks = 0; looks < 30; looks += 1) {
      if ((await statusOf()) === 'Terminated') return;
      await wait(100);
    }
  }
  throw new Error(`The lifecycle of ${token} was not terminated within ${patience} ms.`);
}

/** What reconcile did so far, such as `team-web started`. */
async function reconciled(): Promise<string[]> {
  const { host } = await durable();
  return host.log
    .saidBy('reconcile')
    .map((line) => JSON.parse(line) as { token: string; result: string })
    .map(({ token, result }) => `${token} ${result}`);
}

/** Resolves when a lifecycle has looked at its commands, and waits for its next rotation. */
async function untilItWaits(token: string): Promise<void> {
  const now = await service.control.now();
  await eventually(
    `the promise of ${token}`,
    async () => (await requester.state(token))?.lookAt ?? '',
    (lookAt) => Date.parse(lookAt) > now.getTime() + 3_600_000,
  );
}

/** Accepts a command and dies before it wakes the lifecycle: what a killed intake leaves behind. */
async function insertWithoutWaking(sent: SentCommand): Promise<void> {
  const endpoint = service.setting('Records__tableServiceUri');
  const tables = openRecordTables({ kind: 'identity', endpoint, credential: await service.credential() });
  const parsed = parseCommand(Buffer.from(JSON.stringify(sent)));
  if (!parsed.ok) throw new Error('This is no command.');
  const { command } = parsed;
  const now = (await service.control.now()).toISOString();
  const token = command.data.token;
  await new TokenRecordsTable(tables.records, systemClock).insertCommand(identityOf(token), {
    key: commandKey(entrance, command),
    entrance,
    enqueuedAt: now,
    sequenceNumber: '9000000000',
    command,
    digest: contentDigest(command),
    acceptedAt: now,
  });
  await new InventoryTable(tables.inventory, systemClock).markPending('contoso', token, now);
}

it(
  'starts and wakes who is late, and nobody else',
  async () => {
    const tokens = ['team-ended', 'team-purged', 'team-missed', 'team-steady'];
    await Promise.all(
      tokens.map(async (token) =>
        expect(await requester.ask('keyturn.token.requested', token, teamRequest())).toBe('done'),
      ),
    );
    for (const token of tokens) prober.watch({ token, overlap: 'PT1H' });
    await Promise.all(tokens.map(untilItWaits));
    const { api } = await durable();
    await terminate('team-ended');
    await api.purge(instanceOf('team-purged'));

    const missed = await requester.command('keyturn.token.rotation-requested', 'team-missed', {
      compromised: false,
    });
    await insertWithoutWaking(missed);
    await service.control.advance('PT4M');
    expect(requester.told('team-missed')).toEqual(['provisioned']);
    expect(await reconciled()).toEqual([]);
    await service.control.advance('PT7M');
    expect((await requester.outcome(missed)).status).toBe('done');
    await requester.event('keyturn.token.rotated', 'team-missed');
    expect(new Set(await reconciled())).toEqual(new Set(['team-missed woken']));

    const before = await Promise.all(tokens.map((token) => service.publishedPassword(token)));
    await service.control.advance('PT6H');
    for (const [index, token] of tokens.entries()) {
      await requester.event(
        'keyturn.token.rotated',
        token,
        ({ data }) => 'cause' in data && data.cause === 'schedule',
      );
      expect(await service.logIn(token, before[index])).toBe(200);
    }
    const done = await reconciled();
    expect(done.filter((line) => line.endsWith('started')).sort()).toEqual([
      'team-ended started',
      'team-purged started',
    ]);
    expect(done.filter((line) => /team-steady|failed/.test(line))).toEqual([]);
    for (const token of tokens) expect((await api.status(instanceOf(token))).runtimeStatus).toBe('Running');
    await prober.until(2);
    expect(prober.failures).toEqual([]);
    await expectInOrder(service, tokens);
  },
  patience,
);

it(
  'a command starts a lifecycle that was terminated by hand',
  async () => {
    const token = 'team-recalled';
    expect(await requester.ask('keyturn.token.requested', token, teamRequest())).toBe('done');
    const before = await service.publishedPassword(token);
    await terminate(token);
    expect(await requester.ask('keyturn.token.rotation-requested', token, { compromised: false })).toBe(
      'done',
    );
    expect(await service.publishedPassword(token)).not.toBe(before);
    expect(await service.logIn(token, before)).toBe(200);
    await expectInOrder(service, [token]);
  },
  patience,
);

it(
  'a lifecycle that is terminated while its password is made ends as if nothing had been',
  async () => {
    const token = 'team-interrupted';
    expect(await requester.ask('keyturn.token.requested', token, teamRequest())).toBe('done');
    prober.watch({ token, overlap: 'PT1H' });
    await service.control.injectFault({
      part: 'key-vault',
      match: `^PUT /secrets/acr-contoso--${token}\\?`,
      effect: { kind: 'delay', milliseconds: 1_500 },
      times: 1,
    });
    const passwords = (await service.control.issuedPasswords()).length;
    const sent = await requester.send('keyturn.token.rotation-requested', token, { compromised: false });
    await eventually(
      'the password',
      async () => (await service.control.issuedPasswords()).length,
      (count) => count > passwords,
    );
    await terminate(token);
    await service.control.advance('PT30M');
    expect((await requester.outcome(sent)).status).toBe('done');
    await requester.event('keyturn.token.rotated', token);
    expect(await requester.state(token)).toMatchObject({ status: 'active', generation: 2 });
    await prober.until(2);
    expect(prober.failures).toEqual([]);
    await expectInOrder(service, [token]);
  },
  patience,
);
