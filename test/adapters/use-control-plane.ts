import { afterAll, beforeAll, beforeEach } from 'vitest';
import { ControlClient } from '../../infra/local/control/control-client.ts';
import { AcrControlPlane } from '../../src/adapters/acr-control-plane.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import type { GeneratedPassword } from '../../src/ports/token-registry.ts';
import { type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

export const expiresAt = '2030-01-01T00:00:00.000Z';
export const token = 'team-token';
export const map = 'team-token-scope-map';
export const pull = ['repositories/team/*/content/read'];

export interface ControlPlaneUnderTest {
  readonly keyturn: KeyturnCloud;
  readonly control: ControlClient;
  /** Under Keyturn's identity. */
  readonly registry: AcrControlPlane;
  adapter(identity?: string, resourceId?: string): AcrControlPlane;
  createMap(): ReturnType<AcrControlPlane['createScopeMap']>;
  /** With its scope map. */
  createToken(): Promise<void>;
  generate(slot?: 'password1' | 'password2'): Promise<GeneratedPassword>;
  /** Requests that are more than a read. */
  writes(): string[];
}

const identityWith = (name: string, digit: number, permissions: string[]) => ({
  name,
  clientId: `0a0a0a0a-0000-4000-8000-00000000001${digit}`,
  objectId: `0b0b0b0b-0000-4000-8000-00000000001${digit}`,
  permissions,
});

/** The control plane for the tests of a file, empty before each; it is there once they run. */
export function useControlPlane(): ControlPlaneUnderTest {
  const plane = {} as ControlPlaneUnderTest;
  beforeAll(async () => void Object.assign(plane, await startControlPlane()));
  afterAll(() => plane.keyturn.close());
  beforeEach(() => plane.control.reset());
  return plane;
}

/** Starts the registry; beside Keyturn's identity, `registryOnly` may not follow deletions and `stranger` may do nothing. */
async function startControlPlane(): Promise<ControlPlaneUnderTest> {
  const keyturn = await startKeyturnCloud('registry', 'resource-manager', (config) => ({
    ...config,
    identities: [
      ...config.identities,
      identityWith('registryOnly', 1, ['Microsoft.ContainerRegistry/registries/*']),
      identityWith('stranger', 2, []),
    ],
    registry: { ...config.registry, settings: { pollsUntilDone: 0, operationRetryAfterSeconds: 1 } },
  }));
  const { REGISTRY_RESOURCE_ID = '', AZURE_RESOURCE_MANAGER_ENDPOINT: endpoint = '' } =
    keyturn.cloud.environment;
  const adapter = (identity?: string, resourceId = REGISTRY_RESOURCE_ID) =>
    new AcrControlPlane({
      resourceId,
      credential: keyturn.credential(identity),
      resourceManager: { endpoint, scope: 'https://management.azure.com/.default' },
      clock: systemClock,
    });
  const registry = adapter();
  const createMap = () =>
    registry.createScopeMap(map, { description: 'keyturn:test/team-token', actions: pull });
  return {
    keyturn,
    control: new ControlClient(keyturn.cloud.controlUrl),
    registry,
    adapter,
    createMap,
    createToken: async () => {
      await createMap();
      await registry.createToken(token, map);
    },
    generate: (slot = 'password1') => registry.generatePassword(token, slot, expiresAt),
    writes: () => keyturn.requests().filter((request) => !request.startsWith('GET')),
  };
}
