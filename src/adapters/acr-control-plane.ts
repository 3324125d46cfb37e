import type { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import type { TokenCredential } from '@azure/identity';
import type { Instant } from '../contracts/instants.ts';
import type { Slot } from '../lifecycle/credential.ts';
import type { RegistryToken } from '../lifecycle/facts.ts';
import type { CallLimits, WriteLimits } from '../ports/call-limits.ts';
import type { Clock } from '../ports/clock.ts';
import { isFailure } from '../ports/service-failure.ts';
import type {
  GeneratedPassword,
  NamedToken,
  RegistryFacts,
  ScopeMap,
  TokenRegistry,
} from '../ports/token-registry.ts';
import { generatedPassword, registryFactsOf, scopeMapOf, tokenOf } from './acr-answers.ts';
import { acrClient, type RegistryAddress, type ResourceManager, registryAddress } from './acr-client.ts';
import { untilDeleted } from './acr-deletion.ts';
import { type Caller, callOnce, callRepeatably, listAll } from './call.ts';
import { statusOf } from './error-fields.ts';
import { withSendDeadline } from './send-deadline.ts';

export interface AcrControlPlaneOptions {
  readonly resourceId: string;
  readonly credential: TokenCredential;
  readonly resourceManager: ResourceManager;
  readonly clock: Clock;
}

const readTimeLimit = 20_000;
/** Azure's long-running operations take about 10 s here. */
const writeTimeLimit = 120_000;

/** A registry by way of Azure Resource Manager. Writes are sent once and read back. */
export class AcrControlPlane implements TokenRegistry {
  readonly #client: ContainerRegistryManagementClient;
  readonly #address: RegistryAddress;
  readonly #resourceId: string;
  readonly #reader: Caller;
  readonly #writer: Caller;

  constructor({ resourceId, credential, resourceManager, clock }: AcrControlPlaneOptions) {
    this.#address = registryAddress(resourceId);
    this.#resourceId = resourceId;
    this.#client = acrClient(this.#address, credential, resourceManager, clock);
    this.#reader = { service: 'registry', clock, timeLimit: readTimeLimit };
    this.#writer = { service: 'registry', clock, timeLimit: writeTimeLimit };
  }

  readRegistry(limits: CallLimits = {}): Promise<RegistryFacts> {
    return callRepeatably(this.#reader, 'readRegistry', limits, async (abortSignal) => {
      const { registries } = this.#client;
      return registryFactsOf(await registries.get(...this.#place, { abortSignal }));
    });
  }

  readToken(token: string, limits: CallLimits = {}): Promise<RegistryToken | null> {
    return this.#readToken('readToken', token, limits);
  }

  async createToken(
    token: string,
    scopeMap: string,
    limits: WriteLimits = {},
  ): Promise<{ created: boolean; token: RegistryToken | null }> {
    const existing = await this.#readToken('createToken', token, limits);
    if (existing) return { created: false, token: existing };
    const scopeMapId = this.#idOfScopeMap(scopeMap);
    await this.#write('createToken', limits, (abortSignal) =>
      this.#client.tokens.create(...this.#place, token, { scopeMapId, status: 'enabled' }, { abortSignal }),
    );
    return { created: true, token: await this.#readToken('createToken', token, limits) };
  }

  setTokenStatus(token: string, enabled: boolean, limits: WriteLimits = {}): Promise<RegistryToken | null> {
    const status = enabled ? 'enabled' : 'disabled';
    return this.#updateToken('setTokenStatus', token, { status }, limits);
  }

  bindScopeMap(token: string, scopeMap: string, limits: WriteLimits = {}): Promise<RegistryToken | null> {
    return this.#updateToken('bindScopeMap', token, { scopeMapId: this.#idOfScopeMap(scopeMap) }, limits);
  }

  deleteToken(token: string, limits: WriteLimits = {}): Promise<boolean> {
    return this.#write('deleteToken', limits, (abortSignal) =>
      untilDeleted(
        this.#client.tokens.delete(...this.#place, token, { abortSignal }),
        async () => (await this.#readToken('deleteToken', token, { signal: abortSignal })) !== null,
        abortSignal,
      ),
    );
  }

  async generatePassword(
    token: string,
    slot: Slot,
    expiresAt: Instant,
    limits: WriteLimits = {},
  ): Promise<GeneratedPassword> {
    const answer = await this.#write('generatePassword', limits, (abortSignal) =>
      this.#client.registries.generateCredentials(
        ...this.#place,
        { tokenId: this.#idOfToken(token), name: slot, expiry: new Date(expiresAt) },
        { abortSignal },
      ),
    );
    return generatedPassword(token, slot, answer);
  }

  replaceBothPasswords(token: string, limits: WriteLimits = {}): Promise<boolean> {
    const parameters = { tokenId: this.#idOfToken(token) };
    return this.#write('replaceBothPasswords', limits, async (abortSignal) => {
      await this.#client.registries.generateCredentials(...this.#place, parameters, { abortSignal });
      return true;
    }).catch(orIfNotFound(false));
  }

  readScopeMap(scopeMap: string, limits: CallLimits = {}): Promise<ScopeMap | null> {
    return this.#readScopeMap('readScopeMap', scopeMap, limits);
  }

  async createScopeMap(
    scopeMap: string,
    { description, actions }: Pick<ScopeMap, 'description' | 'actions'>,
    limits: WriteLimits = {},
  ): Promise<{ created: boolean; scopeMap: ScopeMap | null }> {
    const existing = await this.#readScopeMap('createScopeMap', scopeMap, limits);
    if (existing) return { created: false, scopeMap: existing };
    const content = { description, actions: [...actions] };
    await this.#write('createScopeMap', limits, (abortSignal) =>
      this.#client.scopeMaps.create(...this.#place, scopeMap, content, { abortSignal }),
    );
    return { created: true, scopeMap: await this.#readScopeMap('createScopeMap', scopeMap, limits) };
  }

  async setScopeMapActions(
    scopeMap: string,
    actions: readonly string[],
    limits: WriteLimits = {},
  ): Promise<ScopeMap | null> {
    const changes = { actions: [...actions] };
    await this.#write('setScopeMapActions', limits, (abortSignal) =>
      this.#client.scopeMaps.update(...this.#place, scopeMap, changes, { abortSignal }),
    ).catch(orIfNotFound(undefined));
    return this.#readScopeMap('setScopeMapActions', scopeMap, limits);
  }

  deleteScopeMap(scopeMap: string, limits: WriteLimits = {}): Promise<boolean> {
    return this.#write('deleteScopeMap', limits, (abortSignal) =>
      untilDeleted(
        this.#client.scopeMaps.delete(...this.#place, scopeMap, { abortSignal }),
        async () => (await this.#readScopeMap('deleteScopeMap', scopeMap, { signal: abortSignal })) !== null,
        abortSignal,
      ),
    );
  }

  async *listTokens(limits: CallLimits = {}): AsyncGenerator<NamedToken> {
    const list = (abortSignal: AbortSignal) => this.#client.tokens.list(...this.#place, { abortSignal });
    for await (const token of listAll(this.#reader, 'listTokens', limits, list)) yield tokenOf(token);
  }

  async *listScopeMaps(limits: CallLimits = {}): AsyncGenerator<ScopeMap> {
    const list = (abortSignal: AbortSignal) => this.#client.scopeMaps.list(...this.#place, { abortSignal });
    for await (const scopeMap of listAll(this.#reader, 'listScopeMaps', limits, list))
      yield scopeMapOf(scopeMap);
  }

  get #place(): [resourceGroup: string, registry: string] {
    return [this.#address.resourceGroup, this.#address.registry];
  }

  #idOfScopeMap(name: string): string {
    return `${this.#resourceId}/scopeMaps/${name}`;
  }

  #idOfToken(name: string): string {
    return `${this.#resourceId}/tokens/${name}`;
  }

  #readToken(operation: string, token: string, limits: CallLimits): Promise<RegistryToken | null> {
    return callRepeatably(this.#reader, operation, limits, async (abortSignal) => {
      const found = await orNull(this.#client.tokens.get(...this.#place, token, { abortSignal }));
      if (!found) return null;
      const { name: _name, ...described } = tokenOf(found);
      return described;
    });
  }

  #readScopeMap(operation: string, scopeMap: string, limits: CallLimits): Promise<ScopeMap | null> {
    return callRepeatably(this.#reader, operation, limits, async (abortSignal) => {
      const found = await orNull(this.#client.scopeMaps.get(...this.#place, scopeMap, { abortSignal }));
      return found && scopeMapOf(found);
    });
  }

  async #updateToken(
    operation: string,
    token: string,
    changes: { status: 'enabled' | 'disabled' } | { scopeMapId: string },
    limits: WriteLimits,
  ): Promise<RegistryToken | null> {
    await this.#write(operation, limits, (abortSignal) =>
      this.#client.tokens.update(...this.#place, token, changes, { abortSignal }),
    ).catch(orIfNotFound(undefined));
    return this.#readToken(operation, token, limits);
  }

  #write<Result>(
    operation: string,
    limits: WriteLimits,
    call: (signal: AbortSignal) => PromiseLike<Result>,
  ): Promise<Result> {
    return callOnce(this.#writer, operation, limits, (signal) =>
      withSendDeadline(limits, async () => await call(signal)),
    );
  }
}

async function orNull<Found>(reading: Promise<Found>): Promise<Found | null> {
  try {
    return await reading;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

function orIfNotFound<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (isFailure(error, 'notFound')) return value;
    throw error;
  };
}
