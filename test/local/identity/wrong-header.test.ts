import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startIdentity } from '../../../infra/local/identity/start-identity.ts';
import type { RunningPart } from '../../../infra/local/part.ts';
import { type LocalCloud, openLocalCloud } from './local-cloud.ts';

let cloud: LocalCloud;
let endpoint: RunningPart;
beforeAll(async () => {
  cloud = await openLocalCloud();
  const { accessTokens } = cloud;
  endpoint = await startIdentity({ address: { host: '127.0.0.1', port: 0 }, context: cloud, accessTokens });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await endpoint.close();
  await cloud.close();
});

const getToken = () => new ManagedIdentityCredential().getToken('https://vault.azure.net/.default');

describe('the official managed-identity credential', () => {
  it('is refused with a wrong header, and stays so: it reads its environment once in a process', async () => {
    vi.stubEnv('IDENTITY_ENDPOINT', endpoint.environment.IDENTITY_ENDPOINT);
    vi.stubEnv('IDENTITY_HEADER', 'guessed');
    const refused = {
      name: 'CredentialUnavailableError',
      message: expect.stringContaining('X-IDENTITY-HEADER'),
    };
    await expect(getToken()).rejects.toMatchObject(refused);
    vi.stubEnv('IDENTITY_HEADER', endpoint.environment.IDENTITY_HEADER);
    await expect(getToken()).rejects.toMatchObject(refused);
    expect(cloud.history.list().map(({ outcome }) => outcome)).toEqual([401, 401]);
  });
});
