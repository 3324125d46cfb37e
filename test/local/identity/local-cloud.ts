import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessToken, TokenCredential } from '@azure/identity';
import { type Certificates, openCertificates } from '../../../infra/local/certificates.ts';
import { MovableClock } from '../../../infra/local/clock.ts';
import { Faults } from '../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../infra/local/control/request-history.ts';
import { AccessTokens } from '../../../infra/local/identity/access-tokens.ts';
import type { Identity } from '../../../infra/local/identity/identities.ts';

const subscription = '/subscriptions/00000000-0000-4000-8000-000000000001';

function identity(number: number, name: string, permissions: string[], userAssigned = true): Identity {
  const digit = String(number).padStart(12, '0');
  return {
    name,
    clientId: `0a0a0a0a-0000-4000-8000-${digit}`,
    objectId: `0b0b0b0b-0000-4000-8000-${digit}`,
    ...(userAssigned
      ? {
          resourceId: `${subscription}/resourceGroups/test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
        }
      : {}),
    permissions,
  };
}

/** The identities of the tests: one that may do everything, one that may not read values, and one that may do nothing. */
export const identities = {
  operator: identity(1, 'operator', ['*'], false),
  writer: identity(2, 'writer', [
    'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
    'Microsoft.KeyVault/vaults/secrets/setSecret/action',
    'Microsoft.KeyVault/vaults/secrets/update/action',
    'Microsoft.KeyVault/vaults/secrets/delete',
    'Microsoft.KeyVault/vaults/secrets/recover/action',
  ]),
  stranger: identity(3, 'stranger', []),
};

export interface LocalCloud {
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly history: RequestHistory;
  readonly certificates: Certificates;
  readonly accessTokens: AccessTokens;
  /** A folder of this cloud's own. */
  readonly folder: string;
  /** A credential whose tokens are minted at once, without the identity endpoint. */
  credential(identity: Identity): TokenCredential;
  close(): Promise<void>;
}

/** What parts are started with, on a clock and in a folder of their own. */
export async function openLocalCloud(): Promise<LocalCloud> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-cloud-'));
  const clock = new MovableClock();
  const accessTokens = await AccessTokens.open(join(folder, 'signing-key.json'), Object.values(identities));
  return {
    clock,
    faults: new Faults(),
    history: new RequestHistory(() => clock.now()),
    certificates: await openCertificates(join(folder, 'certificates')),
    accessTokens,
    folder,
    credential: (of) => ({
      getToken: async (scopes): Promise<AccessToken> => {
        const resource = [scopes].flat()[0]?.replace(/\/\.default$/, '') ?? '';
        const { accessToken, expiresOn } = await accessTokens.mint(of, resource);
        return { token: accessToken, expiresOnTimestamp: expiresOn * 1000 };
      },
    }),
    close: async () => {
      clock.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
