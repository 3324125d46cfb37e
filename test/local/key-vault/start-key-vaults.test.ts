import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKeyVaults } from '../../../infra/local/key-vault/start-key-vaults.ts';
import { UsageError } from '../../../infra/local/part.ts';
import { identities, type LocalCloud, openLocalCloud } from '../identity/local-cloud.ts';
import { failureOf } from './vault-under-test.ts';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await openLocalCloud();
});
afterAll(() => cloud.close());

const start = (config: unknown, port = 0) =>
  startKeyVaults({
    address: { host: '127.0.0.1', port },
    context: cloud,
    certificates: cloud.certificates,
    accessTokens: cloud.accessTokens,
    config: config as NonNullable<Parameters<typeof startKeyVaults>[0]['config']>,
  });

describe('starting vaults', () => {
  it('gives each vault an endpoint and secrets of its own', async () => {
    const vaults = await start({ vaults: [{ name: 'team-one' }, { name: 'team-two' }] });
    const { KEY_VAULT_URL_TEAM_ONE: one = '', KEY_VAULT_URL_TEAM_TWO: two = '' } = vaults.environment;
    expect(vaults.endpoints).toEqual({ 'key vault team-one': one, 'key vault team-two': two });
    expect(vaults.environment.KEY_VAULT_URL).toBe(one);
    const client = (url: string) =>
      new SecretClient(url, cloud.credential(identities.operator), {
        disableChallengeResourceVerification: true,
        tlsOptions: { ca: cloud.certificates.authority },
      });
    await client(one).setSecret('shared-name', 'of team one');
    expect(await failureOf(client(two).getSecret('shared-name'))).toMatchObject({ code: 'SecretNotFound' });
    expect(vaults.storedValues()).toMatchObject([{ vault: 'team-one', value: 'of team one' }]);
    await vaults.close();
  });

  it.each([
    [{ vaults: [{ name: 'ab' }] }, /^key-vault: vaults\.0\.name: .+$/],
    [{ vaults: [{ name: 'contoso', retentionDays: 6 }] }, /^key-vault: vaults\.0\.retentionDays: .+7.*$/],
    [{ vaults: [{ name: 'contoso', retentionDays: 91 }] }, /^key-vault: vaults\.0\.retentionDays: .+90.*$/],
    [
      { vaults: [{ name: 'one-a' }, { name: 'ONE-A' }] },
      /^key-vault: vaults: has two vaults of the same name$/,
    ],
    [{ vaults: [] }, /^key-vault: vaults: .+$/],
    [{ settleAfter: '5 s' }, /^key-vault: settleAfter: is not an ISO 8601 duration such as PT5S$/],
    [{ colour: 'red' }, /^key-vault: configuration: .*colour.*$/],
  ])('refuses the configuration %j in one line', async (config, message) => {
    const error = await start(config).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(message);
  });

  it('refuses a taken port, and leaves no other vault listening', async () => {
    const portOf = (vaults: { environment: Readonly<Record<string, string>> }) =>
      Number(new URL(vaults.environment.KEY_VAULT_URL ?? '').port);
    const taken = await start({ vaults: [{ name: 'taken' }] });
    const freed = await start({ vaults: [{ name: 'freed' }] });
    await freed.close();
    const vaults = [
      { name: 'first', port: portOf(freed) },
      { name: 'clash', port: portOf(taken) },
    ];
    const error = await start({ vaults }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(`Port ${portOf(taken)}`);
    const again = await start({ vaults: vaults.slice(0, 1) });
    await Promise.all([again.close(), taken.close()]);
  });
});
