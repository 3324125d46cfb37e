import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import type { SecretClient } from '@azure/keyvault-secrets';
import type { TokenFinding } from '../../../src/contracts/findings.ts';
import type { RunningService } from '../running-service.ts';

const subscription = '00000000-0000-4000-8000-000000000001';
const place = ['registries', 'contoso'] as const;

/** Somebody else with rights to the registry and the vault, who uses the official clients and not Keyturn. */
export class Intruder {
  readonly registry: ContainerRegistryManagementClient;
  readonly secrets: SecretClient;

  private constructor(registry: ContainerRegistryManagementClient, secrets: SecretClient) {
    this.registry = registry;
    this.secrets = secrets;
  }

  /** @param identity of the cloud's config: `administrator` is a person, `operator` an application */
  static async enter(service: RunningService, identity: 'administrator' | 'operator'): Promise<Intruder> {
    const { cloud } = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
    const registry = new ContainerRegistryManagementClient(await service.credential(identity), subscription, {
      endpoint: cloud.armEndpoint,
      credentials: { scopes: ['https://management.azure.com/.default'] },
    });
    return new Intruder(registry, await service.secrets());
  }

  async setStatus(token: string, status: 'enabled' | 'disabled'): Promise<void> {
    await this.registry.tokens.update(...place, token, { status });
  }

  async delete(token: string): Promise<void> {
    await this.registry.tokens.delete(...place, token);
  }

  async bind(token: string, scopeMap: string): Promise<void> {
    const { id } = await this.registry.scopeMaps.get(...place, scopeMap);
    await this.registry.tokens.update(...place, token, { scopeMapId: id ?? '' });
  }

  async grant(scopeMap: string, ...actions: string[]): Promise<void> {
    await this.registry.scopeMaps.update(...place, scopeMap, { actions });
  }

  /** As a template does that knows the token, but not its passwords. */
  async redeploy(token: string): Promise<void> {
    const { scopeMapId } = await this.registry.tokens.get(...place, token);
    await this.registry.tokens.create(...place, token, { scopeMapId: scopeMapId ?? '', status: 'enabled' });
  }

  async generate(token: string, name: 'password1' | 'password2'): Promise<string> {
    const { id } = await this.registry.tokens.get(...place, token);
    const made = await this.registry.registries.generateCredentials(...place, { tokenId: id ?? '', name });
    return made.passwords?.find((password) => password.name === name)?.value ?? '';
  }

  async makeToken(name: string, scopeMap: string): Promise<void> {
    const { id } = await this.registry.scopeMaps.get(...place, scopeMap);
    await this.registry.tokens.create(...place, name, { scopeMapId: id ?? '' });
  }

  /** Brings the finding about on a token that Keyturn has just provisioned. */
  async bringAbout(finding: TokenFinding, token: string): Promise<void> {
    const secret = `acr-contoso--${token}`;
    switch (finding) {
      case 'disabledOutOfBand':
        return this.setStatus(token, 'disabled');
      case 'reEnabledOutOfBand':
        return this.setStatus(token, 'enabled');
      case 'deletedOutOfBand':
        return this.delete(token);
      case 'scopeMapChanged':
        return this.bind(token, '_repositories_pull');
      case 'scopeMapContentChanged':
        return this.grant(`${token}-scope-map`, 'repositories/teams/web/content/write');
      case 'outOfPolicy':
        return this.grant(`${token}-scope-map`, 'repositories/*/content/delete');
      case 'passwordVanished':
        return this.redeploy(token);
      case 'publishedDead':
        await this.generate(token, 'password1');
        return;
      case 'unpublishedSlotRegenerated':
        await this.generate(token, 'password2');
        return;
      case 'secretMissing':
        await (await this.secrets.beginDeleteSecret(secret)).pollUntilDone();
        return;
      case 'secretDisabled': {
        const { properties } = await this.secrets.getSecret(secret);
        await this.secrets.updateSecretProperties(secret, properties.version ?? '', { enabled: false });
        return;
      }
      case 'secretForeign':
        await this.secrets.setSecret(secret, 'written by somebody else');
        return;
    }
  }
}
