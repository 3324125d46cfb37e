import { NamedResources } from './named-resources.ts';
import type { PasswordSlot, SlotName } from './password-slot.ts';
import type { OneRegistryConfig } from './registry-config.ts';
import { type ScopeMap, type SystemData, systemScopeMaps } from './scope-map.ts';

/** A token: a name with up to two passwords that may do what its scope map says. */
export interface RegistryToken {
  readonly name: string;
  readonly creationDate: string;
  readonly systemData: SystemData;
  readonly scopeMap: string;
  readonly status: 'enabled' | 'disabled';
  readonly slots: Readonly<Record<SlotName, PasswordSlot>>;
}

/** The administrator's login, which Azure calls the admin user: the registry's name with one of two passwords. */
export interface AdminUser {
  password: string;
  password2: string;
}

/** From where the registry can be reached. Only the tier Premium can be closed. */
export interface NetworkRules {
  readonly publicNetworkAccess: 'Enabled' | 'Disabled';
  readonly defaultAction: 'Allow' | 'Deny';
}

/** What Azure takes where nothing is said. */
export const openNetwork: NetworkRules = { publicNetworkAccess: 'Enabled', defaultAction: 'Allow' };

export type Tier = OneRegistryConfig['sku'];

/** Most tokens, and most scope maps, that a registry can have, by tier; Azure raises them for nobody. */
const mostResources: Readonly<Record<Tier, number>> = { Basic: 100, Standard: 500, Premium: 50_000 };

/** One registry and all that it holds. */
export class ContainerRegistry {
  readonly config: OneRegistryConfig;
  readonly id: string;
  readonly resourceGroup: string;
  readonly tokens = new NamedResources<RegistryToken>();
  readonly scopeMaps = new NamedResources<ScopeMap>();
  /** Host and port of the login server, known once it listens. */
  loginServer = '';
  creationDate = '';
  /** Whether it was not deleted, or was created again since. */
  exists = true;
  anonymousPullEnabled = false;
  network: NetworkRules = openNetwork;
  sku: Tier;
  adminUser: AdminUser | undefined;

  constructor(config: OneRegistryConfig, subscriptionId: string, resourceGroup: string) {
    this.config = config;
    this.sku = config.sku;
    this.resourceGroup = resourceGroup;
    this.id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${config.name}`;
  }

  get name(): string {
    return this.config.name;
  }

  /** Most tokens and most scope maps that fit. */
  get mostResources(): number {
    return mostResources[this.sku];
  }

  /** Makes it what it was when it was created. */
  recreate(creationDate: string, adminUser: AdminUser | undefined): void {
    this.tokens.clear();
    this.scopeMaps.clear();
    for (const map of systemScopeMaps(creationDate)) this.scopeMaps.set(map);
    this.exists = true;
    this.creationDate = creationDate;
    this.anonymousPullEnabled = this.config.anonymousPullEnabled;
    this.sku = this.config.sku;
    this.network = openNetwork;
    this.adminUser = adminUser;
  }

  /** Takes away all that it holds but the images. */
  delete(): void {
    this.exists = false;
    this.tokens.clear();
    this.scopeMaps.clear();
    this.adminUser = undefined;
    this.anonymousPullEnabled = false;
  }
}
