import type { Clock } from '../clock.ts';
import type { Identity } from '../identity/identities.ts';
import { AzureTimestamps } from './azure-timestamps.ts';
import { type AdminUser, ContainerRegistry } from './container-registry.ts';
import type { Replication } from './password-slot.ts';
import { newPasswordValue } from './password-value.ts';
import type { RegistryConfig } from './registry-config.ts';
import { changeSettings, defaultRegistrySettings, type RegistrySettings } from './registry-settings.ts';
import type { ShownEventSubscription } from './resource-manager/event-grid-requests.ts';

/** A change that Azure Resource Manager let through: what the activity log would tell of it. */
export interface RegistryActivity {
  /** `Microsoft.ContainerRegistry/registries/tokens/write`; generated credentials name only the registry. */
  readonly operationName: string;
  readonly resourceId: string;
  /** Whether the resource was not there before. */
  readonly created: boolean;
  readonly identity: Identity;
  readonly method: string;
  /** The whole address that was asked. */
  readonly url: string;
  /** IP address of the caller. */
  readonly clientAddress: string | undefined;
  /** The caller's `x-ms-client-request-id`. */
  readonly clientRequestId: string | undefined;
  readonly correlationId: string;
  readonly at: Date;
}

/** The registries of the local cloud, their settings, and what was ever done with them. */
export class RegistryStore {
  readonly config: RegistryConfig;
  readonly clock: Clock;
  readonly registries: readonly ContainerRegistry[];
  /** The event subscription on the resource groups, or none at the moment; without Event Grid there is not even a topic. */
  eventGrid: (() => ShownEventSubscription | undefined) | undefined;
  readonly #timestamps = new AzureTimestamps();
  readonly #issuedPasswords: string[] = [];
  readonly #listeners = new Set<(activity: RegistryActivity) => void>();
  #settings: RegistrySettings;

  constructor(config: RegistryConfig, clock: Clock) {
    this.config = config;
    this.clock = clock;
    this.#settings = changeSettings(defaultRegistrySettings, config.settings);
    this.registries = config.registries.map(
      (registry) =>
        new ContainerRegistry(
          registry,
          config.subscriptionId,
          registry.resourceGroup ?? config.resourceGroup,
        ),
    );
    this.#recreateRegistries();
  }

  get settings(): RegistrySettings {
    return this.#settings;
  }

  /** @throws z.ZodError when a change does not fit. */
  updateSettings(changes: unknown): RegistrySettings {
    this.#settings = changeSettings(this.#settings, changes);
    return this.#settings;
  }

  /** Whether the long-running operation that starts now is to fail; it counts as one of those that should. */
  takeFailure(): boolean {
    const { failedOperations } = this.#settings;
    if (failedOperations > 0) this.#settings = { ...this.#settings, failedOperations: failedOperations - 1 };
    return failedOperations > 0;
  }

  /** Every password value that was ever issued, also before a reset. */
  get issuedPasswords(): readonly string[] {
    return this.#issuedPasswords;
  }

  newPassword(): string {
    const value = newPasswordValue();
    this.#issuedPasswords.push(value);
    return value;
  }

  newAdminUser(): AdminUser {
    return { password: this.newPassword(), password2: this.newPassword() };
  }

  /** The present time as Azure writes it; no two are the same. */
  timestamp(): string {
    return this.#timestamps.next(this.clock.now());
  }

  replicationOf(registry: ContainerRegistry): Replication {
    return {
      seed: this.config.seed,
      nodes: registry.config.nodes,
      longestMilliseconds: this.#settings.replicationSeconds * 1000,
    };
  }

  /** Calls `listener` after each change that succeeded, until the returned function is called. */
  onActivity(listener: (activity: RegistryActivity) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  report(activity: RegistryActivity): void {
    for (const listener of this.#listeners) listener(activity);
  }

  /** Forgets tokens, scope maps and changed settings, but not the passwords that were issued. */
  reset(): void {
    this.#settings = changeSettings(defaultRegistrySettings, this.config.settings);
    this.#recreateRegistries();
  }

  #recreateRegistries(): void {
    for (const registry of this.registries) {
      const adminUser = registry.config.adminUserEnabled ? this.newAdminUser() : undefined;
      registry.recreate(this.timestamp(), adminUser);
    }
  }
}
