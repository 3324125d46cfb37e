import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import type { RunningService } from '../running-service.ts';

const subscription = '00000000-0000-4000-8000-000000000001';
const place = ['registries', 'contoso'] as const;

/** The registry `contoso` as its operator sees it through the official client. */
export class RegistryContents {
  readonly #client: ContainerRegistryManagementClient;

  private constructor(client: ContainerRegistryManagementClient) {
    this.#client = client;
  }

  /** @param identity of the cloud's config: who looks, and changes something */
  static async open(service: RunningService, identity?: string): Promise<RegistryContents> {
    const { cloud } = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
    const client = new ContainerRegistryManagementClient(await service.credential(identity), subscription, {
      endpoint: cloud.armEndpoint,
      credentials: { scopes: ['https://management.azure.com/.default'] },
    });
    return new RegistryContents(client);
  }

  async makeScopeMap(name: string, actions: readonly string[]): Promise<void> {
    await this.#client.scopeMaps.create(...place, name, { actions: [...actions] });
  }

  /** A token that Keyturn knows nothing of. */
  async makeToken(name: string, scopeMap: string): Promise<void> {
    const { id } = await this.#client.scopeMaps.get(...place, scopeMap);
    await this.#client.tokens.create(...place, name, { scopeMapId: id ?? '' });
  }

  /** Makes a new password in one slot of a token, and gives it. */
  async makePassword(token: string, slot: 'password1' | 'password2'): Promise<string> {
    const { id = '' } = await this.#client.tokens.get(...place, token);
    const request = { tokenId: id, name: slot };
    const { passwords = [] } = await this.#client.registries.beginGenerateCredentialsAndWait(
      ...place,
      request,
    );
    const made = passwords.find(({ name }) => name === slot)?.value;
    if (made === undefined) throw new Error(`No password was made in ${slot} of ${token}.`);
    return made;
  }

  /** Enables or disables a token, as a person does in the portal. */
  async setEnabled(name: string, enabled: boolean): Promise<void> {
    await this.#client.tokens.update(...place, name, { status: enabled ? 'enabled' : 'disabled' });
  }

  /** The actions of a scope map in their order; undefined if there is no such map. */
  async actions(scopeMap: string): Promise<string[] | undefined> {
    const found = await orUndefined(this.#client.scopeMaps.get(...place, scopeMap));
    return found && [...(found.actions ?? [])].sort();
  }

  /** A token's status, scope map and slots; undefined if there is no such token. */
  async token(name: string) {
    const found = await orUndefined(this.#client.tokens.get(...place, name));
    return (
      found && {
        status: found.status,
        scopeMap: found.scopeMapId?.split('/').at(-1),
        slots: (found.credentials?.passwords ?? []).map(({ name: slot, creationTime }) => ({
          slot,
          createdAt: creationTime?.toISOString(),
        })),
      }
    );
  }
}

async function orUndefined<Found>(reading: Promise<Found>): Promise<Found | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}
