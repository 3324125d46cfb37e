import { UsageError } from '../../part.ts';

/** What a Service Bus `connection` leads to: a connection string, or a namespace that is entered with an identity. */
export type ConnectionSetting =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      readonly fullyQualifiedNamespace: string;
      /** Client id of a user-assigned identity; without it, the system-assigned identity. */
      readonly clientId: string | undefined;
    };

/**
 * The app's settings: the environment that its worker gets. Names are compared without regard to case, and `a:b` also finds
 * `a__b`, as in .NET configuration.
 */
export class AppSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly #byFoldedName = new Map<string, string>();

  constructor(environment: Readonly<Record<string, string>>) {
    this.environment = environment;
    for (const [name, value] of Object.entries(environment)) this.#byFoldedName.set(fold(name), value);
  }

  get(name: string): string | undefined {
    return this.environment[name] ?? this.#byFoldedName.get(fold(name));
  }

  /**
   * Replaces each `%NAME%` by that setting's value.
   * @throws UsageError when there is no such setting.
   */
  resolve(text: string): string {
    return text.replace(/%([^%]+)%/g, (placeholder, name: string) => {
      const value = this.get(name);
      if (value === undefined) throw new UsageError(`'${placeholder}' does not resolve to a value`);
      return value;
    });
  }

  /** Whether `AzureWebJobs.NAME.Disabled` (or with `__` for the dots) says `true` or `1`. */
  isDisabled(functionName: string): boolean {
    const value =
      this.get(`AzureWebJobs.${functionName}.Disabled`) ?? this.get(`AzureWebJobs:${functionName}:Disabled`);
    return value === '1' || value?.toLowerCase() === 'true';
  }

  /**
   * The Service Bus connection with this setting name (`AzureWebJobs` in front of the name wins, as in the WebJobs SDK).
   * @throws UsageError when there is none.
   */
  connection(name: string | undefined): ConnectionSetting {
    const setting = name || 'AzureWebJobsServiceBus';
    for (const candidate of [`AzureWebJobs${setting}`, `ConnectionStrings:${setting}`, setting]) {
      const connectionString = this.get(candidate);
      if (connectionString) return { kind: 'connectionString', connectionString };
      const fullyQualifiedNamespace = this.get(`${candidate}:fullyQualifiedNamespace`);
      if (fullyQualifiedNamespace)
        return { kind: 'identity', fullyQualifiedNamespace, clientId: this.get(`${candidate}:clientId`) };
    }
    throw new UsageError(
      `Service Bus account connection string '${setting}' does not exist. Set it, or ${setting}__fullyQualifiedNamespace`,
    );
  }
}

function fold(name: string): string {
  return name.replaceAll(':', '__').toLowerCase();
}
