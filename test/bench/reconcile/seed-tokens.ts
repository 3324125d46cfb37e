import { inventoryRow } from '../../../src/activities/inventory-row.ts';
import { InventoryTable } from '../../../src/adapters/inventory-table.ts';
import { openRecordTables } from '../../../src/adapters/record-tables.ts';
import { systemClock } from '../../../src/adapters/system-clock.ts';
import { tagsOf } from '../../../src/lifecycle/secret-tags.ts';
import type { StateOf } from '../../../src/lifecycle/state.ts';
import { active, managed } from '../../lifecycle/build.ts';
import type { RunningService } from '../../service/running-service.ts';

const atATime = 32;
const day = 86_400_000;
const sharedMap = 'device-firmware';
const actions = ['repositories/firmware/app/content/read', 'repositories/firmware/app/metadata/read'];

/** Puts tokens into registry, vault and inventory as if Keyturn had provisioned them. */
export class TokenSeed {
  readonly #service: RunningService;
  readonly #inventory: InventoryTable;
  readonly #resourceId: string;
  readonly #loginServer: string;

  private constructor(service: RunningService, inventory: InventoryTable) {
    const { registries } = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
    this.#service = service;
    this.#inventory = inventory;
    this.#resourceId = registries.contoso.resourceId;
    this.#loginServer = registries.contoso.loginServer;
  }

  static async open(service: RunningService): Promise<TokenSeed> {
    const endpoint = service.setting('Records__tableServiceUri');
    const tables = openRecordTables({ kind: 'identity', endpoint, credential: await service.credential() });
    const seed = new TokenSeed(service, new InventoryTable(tables.inventory, systemClock));
    await seed.#arm('PUT', `/scopeMaps/${sharedMap}`, { properties: { actions } });
    return seed;
  }

  /** Those with numbers from one up to, but not including, another. Each tenth has a scope map of its own. */
  async add(from: number, to: number): Promise<void> {
    let next = from;
    const work = async () => {
      for (let number = next++; number < to; number = next++) await this.#add(number);
    };
    await Promise.all(Array.from({ length: atATime }, work));
  }

  async #add(number: number): Promise<void> {
    const token = `device-${String(number).padStart(6, '0')}`;
    const own = number % 10 === 0;
    const scopeMap = own ? `${token}-scope-map` : sharedMap;
    if (own) await this.#arm('PUT', `/scopeMaps/${scopeMap}`, { properties: { actions } });
    const scopeMapId = `${this.#resourceId}/scopeMaps/${scopeMap}`;
    await this.#arm('PUT', `/tokens/${token}`, { properties: { scopeMapId, status: 'enabled' } });
    const made = await this.#arm('POST', '/generateCredentials', {
      tokenId: `${this.#resourceId}/tokens/${token}`,
      name: 'password1',
      expiry: new Date(Date.now() + 240 * day).toISOString(),
    });
    const { passwords } = made as { passwords: { creationTime: string }[] };
    const state = this.#state(token, own, scopeMap, new Date(passwords[0]?.creationTime ?? 0).toISOString());
    await this.#publish(state);
    await this.#inventory.writeRow(inventoryRow(state, undefined, new Date().toISOString()), undefined);
  }

  #state(token: string, own: boolean, scopeMap: string, slotCreatedAt: string): StateOf<'active'> {
    const secretName = `acr-contoso--${token}`;
    const read = ['content/read' as const, 'metadata/read' as const];
    const access = { scopeMap, own, ...(own ? { repositories: { 'firmware/app': read } } : {}) };
    const expiresAt = new Date(Date.parse(slotCreatedAt) + 240 * day).toISOString();
    const password1 = {
      incarnation: 1,
      generation: 1,
      slot: 'password1' as const,
      slotCreatedAt,
      publishedAt: slotCreatedAt,
      expiresAt,
      secretVersion: 'version1',
      verified: true,
    };
    return active({
      identity: { registry: 'contoso', loginServer: this.#loginServer, token },
      credentials: { password1 },
      managed: managed({
        entrance: 'token-requests-devices',
        owner: 'devices-line-1',
        access,
        delivery: {
          format: 'password',
          vault: 'keyturn',
          secretName,
          secretUri: `${this.#service.setting('KEY_VAULT_URL')}/secrets/${secretName}`,
        },
      }),
    });
  }

  async #publish({ identity, managed: how, credentials }: StateOf<'active'>): Promise<void> {
    const { password1 } = credentials;
    if (!password1) throw new Error('There is no credential.');
    const url = `${this.#service.setting('KEY_VAULT_URL')}/secrets/${how.delivery.secretName}?api-version=7.6`;
    const body = { value: 'not a password', tags: tagsOf(identity, how, password1) };
    await this.#ask('PUT', url, 'https://vault.azure.net/.default', body);
  }

  #arm(method: string, path: string, body: unknown): Promise<unknown> {
    const url = `${this.#service.setting('AZURE_RESOURCE_MANAGER_ENDPOINT')}${this.#resourceId}${path}?api-version=2025-11-01`;
    return this.#ask(method, url, 'https://management.azure.com/.default', body);
  }

  async #ask(method: string, url: string, scope: string, body: unknown): Promise<unknown> {
    const { token } = await this.#token(scope);
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok)
      throw new Error(`${method} ${new URL(url).pathname}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  readonly #tokens = new Map<string, Promise<{ token: string }>>();

  #token(scope: string): Promise<{ token: string }> {
    const made =
      this.#tokens.get(scope) ??
      this.#service.credential().then(async (credential) => {
        const accessToken = await credential.getToken(scope);
        if (!accessToken) throw new Error('There is no access token.');
        return accessToken;
      });
    this.#tokens.set(scope, made);
    return made;
  }
}
