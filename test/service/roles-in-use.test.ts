import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RequestRecord } from '../../infra/local/control/request-history.ts';
import { withQuickVault } from './commands/quick-vault.ts';
import { Requester } from './commands/requester.ts';
import { RunningService } from './running-service.ts';

let service: RunningService;
let requester: Requester;
let permissions: readonly string[];

beforeAll(async () => {
  service = await RunningService.start({
    changeConfiguration: (configuration) => {
      configuration.reconcile = { schedule: '0 0 0 * * *', registriesSchedule: '0 7 * * * *' };
    },
    changeCloud: (config) => {
      permissions = config.identities.find(({ name }) => name === 'keyturn')?.permissions ?? [];
      return withQuickVault(config);
    },
    registrySettings: { pollsUntilDone: 1, generateCredentialsAnswer: 'later' },
  });
  requester = await Requester.open(service);
});
afterAll(async () => {
  await requester.messages.close();
  await service.close();
});

/**
 * What Keyturn asks for and does not get: the vault's client looks at a secret before it recovers it, and lives with
 * not being allowed to.
 */
const lookBeforeRecovery = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';

const messageActions: Readonly<Record<string, string>> = { send: 'send', deliver: 'receive' };

/** What was asked, as the permission that it takes. */
function operationsOf(requests: readonly RequestRecord[]): string[] {
  const operations = requests.map(({ part, request, operation }) => {
    if (part !== 'service-bus') return operation ?? '';
    const action = messageActions[request.split(' ')[0] ?? ''];
    return action ? `Microsoft.ServiceBus/namespaces/messages/${action}/action` : '';
  });
  return [...new Set(operations.filter((each) => each.startsWith('Microsoft.')))];
}

async function askedByKeyturn(): Promise<RequestRecord[]> {
  return (await service.control.requests()).filter(({ identity }) => identity === 'keyturn');
}

it('uses every permission of its roles in the course of a token’s life, and needs no other', async () => {
  const reason = { reason: 'the look at roles' };
  const ask = async (
    event: Parameters<Requester['cause']>[0],
    type: Parameters<Requester['cause']>[1],
    data: object,
  ) => requester.cause(event, type, 'team-roles', { ...data });
  const request = { owner: 'team-web', access: { repositories: { 'teams/web': ['content/read'] } } };
  await ask('keyturn.token.provisioned', 'keyturn.token.requested', request);
  await ask('keyturn.token.access-updated', 'keyturn.token.access-changed', {
    access: { added: { 'teams/api': ['content/read'] } },
  });
  await ask('keyturn.token.rotated', 'keyturn.token.rotation-requested', {});
  await ask('keyturn.token.disabled', 'keyturn.token.disable-requested', reason);
  await ask('keyturn.token.enabled', 'keyturn.token.enable-requested', reason);
  await ask('keyturn.token.revoked', 'keyturn.token.revocation-requested', reason);
  await ask('keyturn.token.reinstated', 'keyturn.token.reinstatement-requested', reason);
  await ask('keyturn.token.deleted', 'keyturn.token.deletion-requested', reason);
  await ask('keyturn.token.provisioned', 'keyturn.token.requested', request);

  await service.control.advance('PT1H');
  const comparison = 'Microsoft.ContainerRegistry/registries/read';
  await expect
    .poll(async () => operationsOf(await askedByKeyturn()), { timeout: 60_000 })
    .toContain(comparison);

  const asked = await askedByKeyturn();
  const onStorage = (operation: string) => operation.startsWith('Microsoft.Storage/');
  const used = operationsOf(asked).filter((each) => !onStorage(each) && each !== lookBeforeRecovery);
  expect(used.toSorted()).toEqual(permissions.toSorted());
  expect(operationsOf(asked).filter(onStorage)).not.toContainEqual(
    expect.not.stringContaining('/tableServices/'),
  );

  const refused = asked.filter(({ outcome }) => outcome === 401 || outcome === 403);
  expect(operationsOf(refused)).toEqual([lookBeforeRecovery]);
}, 120_000);
