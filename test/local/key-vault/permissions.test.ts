import { afterEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import { identities } from '../identity/local-cloud.ts';
import { all, failureOf, startVaultUnderTest, type VaultUnderTest } from './vault-under-test.ts';

let vault: VaultUnderTest;
afterEach(() => vault.close());
const as = (identity: Identity) => vault.client(identity);

describe('an identity without any permission', () => {
  it('is refused everything, with the action that it lacks in the words of Azure', async () => {
    vault = await startVaultUnderTest();
    const client = as(identities.stranger);
    const forbidden = { statusCode: 403, code: 'Forbidden', innerCode: 'ForbiddenByRbac' };
    const action = (name: string) => ({
      ...forbidden,
      message: expect.stringContaining(`Action: 'Microsoft.KeyVault/vaults/secrets/${name}'`),
    });
    expect(await failureOf(client.setSecret('x', 'v'))).toMatchObject(action('setSecret/action'));
    expect(await failureOf(client.getSecret('x'))).toMatchObject(action('getSecret/action'));
    expect(await failureOf(client.updateSecretProperties('x', ''))).toMatchObject(action('update/action'));
    expect(await failureOf(client.beginDeleteSecret('x'))).toMatchObject(action('delete'));
    expect(await failureOf(client.beginRecoverDeletedSecret('x'))).toMatchObject(action('recover/action'));
    expect(await failureOf(client.purgeDeletedSecret('x'))).toMatchObject(action('purge/action'));
    expect(await failureOf(client.getDeletedSecret('x'))).toMatchObject(action('readMetadata/action'));
    for (const list of [
      client.listPropertiesOfSecrets(),
      client.listPropertiesOfSecretVersions('x'),
      client.listDeletedSecrets(),
    ]) {
      expect(await failureOf(list.next())).toMatchObject({ statusCode: 403, code: 'Forbidden' });
      expect(vault.cloud.history.list().at(-1)).toMatchObject({
        operation: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
      });
    }
  });

  it('is told in full who asked for what', async () => {
    vault = await startVaultUnderTest({ vaults: [{ name: 'contoso' }], resourceGroup: 'Team-One' });
    const { clientId, objectId } = identities.stranger;
    const failure = await failureOf(as(identities.stranger).getSecret('Some-Secret'));
    expect(failure.message.split('\r\n')).toEqual([
      'Caller is not authorized to perform action on resource.',
      'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
      expect.stringMatching(
        `^Caller: appid=${clientId};oid=${objectId};iss=https://sts\\.windows\\.net/[0-9a-f-]{36}/$`,
      ),
      "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'",
      "Resource: '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/team-one/providers/microsoft.keyvault/vaults/contoso/secrets/some-secret'",
      'Assignment: (not found)',
      'DenyAssignmentId: null',
      "DecisionReason: 'DeniedWithNoValidRBAC' ",
      'Vault: contoso;location=westeurope',
      '',
    ]);
  });
});

describe('an identity that may write, list, update, delete and recover, but not get', () => {
  it('can do all of that and never reads a value', async () => {
    vault = await startVaultUnderTest();
    const client = as(identities.writer);
    const first = await client.setSecret('token', 'password 1', { tags: { generation: '1' } });
    await client.setSecret('token', 'password 2', { tags: { generation: '2' } });
    await client.updateSecretProperties('token', first.properties.version ?? '', { enabled: false });
    const versions = await all(client.listPropertiesOfSecretVersions('token'));
    expect(versions.map(({ enabled }) => enabled).toSorted()).toEqual([false, true]);
    expect(await failureOf(client.getSecret('token'))).toMatchObject({ innerCode: 'ForbiddenByRbac' });
    const deleted = await (await client.beginDeleteSecret('token', { intervalInMs: 1 })).pollUntilDone();
    expect(deleted.recoveryId).toBe(`${vault.url}/deletedsecrets/token`);
    await (await client.beginRecoverDeletedSecret('token', { intervalInMs: 1 })).pollUntilDone();
    await client.setSecret('token', 'password 3');
    expect(await failureOf(client.purgeDeletedSecret('token'))).toMatchObject({ statusCode: 403 });
    expect((await as(identities.operator).getSecret('token')).value).toBe('password 3');
  });

  it('is told by the client that a recovery is done before it is: only its versions show when it has settled', async () => {
    vault = await startVaultUnderTest({ settleAfter: 'PT5M' });
    const client = as(identities.writer);
    await client.setSecret('token', 'password 1');
    await client.beginDeleteSecret('token', { intervalInMs: 1 });
    await vault.cloud.clock.advance(5 * 60_000);
    const poller = await client.beginRecoverDeletedSecret('token', { intervalInMs: 1 });
    expect(poller.isDone()).toBe(true);
    const asked = vault.cloud.history
      .list()
      .map(({ request, outcome }) => `${request.split('?')[0]} ${outcome}`);
    expect(asked.slice(-3)).toEqual([
      'GET /secrets/token/ 403',
      'POST /deletedsecrets/token/recover 200',
      'GET /secrets/token/ 403',
    ]);
    expect(await failureOf(client.setSecret('token', 'too early'))).toMatchObject({
      innerCode: 'ObjectIsBeingRecovered',
    });
    expect(await all(client.listPropertiesOfSecretVersions('token'))).toEqual([]);
    await vault.cloud.clock.advance(5 * 60_000);
    expect(await all(client.listPropertiesOfSecretVersions('token'))).toHaveLength(1);
    await client.setSecret('token', 'password 2');
  });

  it('can also delete where reading a deleted secret needs the permission to get: the client then waits for nothing', async () => {
    vault = await startVaultUnderTest({ settleAfter: 'PT5M', deletedSecretReadNeeds: 'getSecret' });
    const client = as(identities.writer);
    await client.setSecret('token', 'password 1');
    const poller = await client.beginDeleteSecret('token', { intervalInMs: 1 });
    expect(poller.isDone()).toBe(true);
    expect(await failureOf(client.getDeletedSecret('token'))).toMatchObject({
      statusCode: 403,
      message: expect.stringContaining("'Microsoft.KeyVault/vaults/secrets/getSecret/action'"),
    });
    await vault.cloud.clock.advance(5 * 60_000);
    const deleted = await all(client.listDeletedSecrets());
    expect(deleted.map(({ name }) => name)).toEqual(['token']);
  });
});

describe('the request history', () => {
  it('tells who asked for what, with the permission that it needs and the outcome, and never a value', async () => {
    vault = await startVaultUnderTest();
    await as(identities.writer).setSecret('token', 'hush-hush');
    await failureOf(as(identities.writer).getSecret('token'));
    const records = vault.cloud.history.list({ part: 'key-vault' });
    expect(records).toMatchObject([
      { request: expect.stringMatching(/^PUT \/secrets\/token\?api%2Dversion=/), outcome: 401 },
      {
        operation: 'Microsoft.KeyVault/vaults/secrets/setSecret/action',
        identity: 'writer',
        clientRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        outcome: 200,
      },
      { request: expect.stringMatching(/^GET \/secrets\/token\/\?/), outcome: 401 },
      {
        operation: 'Microsoft.KeyVault/vaults/secrets/getSecret/action',
        identity: 'writer',
        outcome: 403,
      },
    ]);
    expect(records[0]).not.toHaveProperty('identity');
    expect(JSON.stringify(records)).not.toContain('hush-hush');
  });
});
