import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { AccessToken, TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { openCertificates } from '../../infra/local/certificates.ts';
import { type RunningCloud, startCloud } from '../../infra/local/cloud.ts';
import { type CloudConfig, onFreePorts, readCloudConfig } from '../../infra/local/cloud-config.ts';
import { ControlClient } from '../../infra/local/control/control-client.ts';
import { AccessTokens } from '../../infra/local/identity/access-tokens.ts';
import { type AddressedConfiguration, appSettings } from '../../infra/local/keyturn/app-settings.ts';
import type { RegistrySettings } from '../../infra/local/registry/registry-settings.ts';
import { HostProcess, type HostProcessOptions } from '../local/functions-host/sample-app/host-process.ts';
import { Messages } from './messages.ts';

export interface ServiceOptions {
  /** Changes the configuration of Keyturn that is shipped with the local cloud. */
  readonly changeConfiguration?: (configuration: KeyturnConfiguration) => void;
  readonly changeCloud?: (config: CloudConfig) => CloudConfig;
  readonly registrySettings?: Partial<RegistrySettings>;
  /** ISO 8601, of the host. */
  readonly redeliveryDelay?: string;
}

/** The shipped configuration, as far as tests change it. */
export interface KeyturnConfiguration extends AddressedConfiguration {
  registries: Record<string, { resourceId: string; settleAfter?: string; [key: string]: unknown }>;
  vaults: Record<string, { [key: string]: unknown }>;
  entrances: Record<string, { queue?: string; urgentQueue?: string; policy: Record<string, unknown> }>;
  reconcile?: { schedule?: string; registriesSchedule?: string };
  metrics?: { schedule: string };
  alerting?: { schedule?: string; heartbeat?: string; sinks?: unknown[]; runbooks?: string };
  http?: { authentication: string; entrances?: unknown };
  lease?: { length: string; margin: string };
  retention?: { schedule?: string; history?: string; deletedTokens?: string };
  profiles?: Record<string, unknown>;
}

/** A registry that does at once what it is asked, and learns of new passwords within half a second. */
const quickRegistry: Partial<RegistrySettings> = { pollsUntilDone: 0, replicationSeconds: 0.5 };

/** So that to advance the clock by months takes seconds; tests of reconcile choose another schedule. */
const daily = '0 0 0 * * *';
const monthly = '0 0 0 1 * *';

/** The local cloud in this process, and Keyturn on hosts that are processes of their own, as a user would run them. */
export class RunningService {
  readonly cloud: RunningCloud;
  readonly control: ControlClient;
  /** Of the app. */
  readonly settings: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly hosts: HostProcess[] = [];
  readonly #redeliveryDelay: string;
  readonly #config: CloudConfig;
  #secrets: SecretClient | undefined;

  private constructor(
    cloud: RunningCloud,
    settings: Readonly<Record<string, string>>,
    folder: string,
    redeliveryDelay: string,
    config: CloudConfig,
  ) {
    this.#config = config;
    this.cloud = cloud;
    this.control = new ControlClient(cloud.controlUrl);
    this.settings = settings;
    this.folder = folder;
    this.#redeliveryDelay = redeliveryDelay;
  }

  /** Starts the cloud and one host. */
  static async start(options: ServiceOptions = {}): Promise<RunningService> {
    const service = await RunningService.startCloud(options);
    await service.startHost();
    return service;
  }

  /** Starts the cloud alone. Every client in this process trusts it then. */
  static async startCloud(options: ServiceOptions = {}): Promise<RunningService> {
    const { changeCloud = (config: CloudConfig) => config, changeConfiguration, redeliveryDelay } = options;
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-service-'));
    const { authority } = await openCertificates(join(folder, 'certificates'));
    setDefaultCACertificates([...getCACertificates('default'), authority]);
    const config = changeCloud(onFreePorts(await readCloudConfig('infra/local/cloud.config.json')));
    const cloud = await startCloud({ config, dataFolder: folder });
    const configuration = JSON.parse(
      await readFile('infra/local/keyturn/configuration.json', 'utf8'),
    ) as KeyturnConfiguration;
    configuration.reconcile = { schedule: daily, registriesSchedule: monthly };
    configuration.retention = { schedule: monthly };
    configuration.metrics = { schedule: monthly };
    configuration.alerting = { schedule: monthly, heartbeat: monthly };
    changeConfiguration?.(configuration);
    const settings = appSettings(cloud, configuration);
    const service = new RunningService(cloud, settings, folder, redeliveryDelay ?? 'PT10S', config);
    await service.control.changeRegistrySettings({ ...quickRegistry, ...options.registrySettings });
    return service;
  }

  /** One more host on the same task hub. */
  async startHost(options: Partial<HostProcessOptions> = {}): Promise<HostProcess> {
    const host = await HostProcess.start({
      dataFolder: join(this.folder, 'host'),
      scriptRoot: process.cwd(),
      redeliveryDelay: this.#redeliveryDelay,
      controlUrl: this.cloud.controlUrl,
      ...options,
      settings: { ...this.settings, ...options.settings },
    });
    this.hosts.push(host);
    return host;
  }

  /** The credential of an identity of the cloud's config. */
  async credential(name = 'operator'): Promise<TokenCredential> {
    const { identities } = this.#config;
    const identity = identities.find((each) => each.name === name);
    if (!identity) throw new Error(`The config has no identity ${name}.`);
    const keyFile = join(this.folder, 'identity', 'signing-key.json');
    const accessTokens = await AccessTokens.open(keyFile, identities);
    return {
      getToken: async (scopes): Promise<AccessToken> => {
        const resource = [scopes].flat()[0]?.replace(/\/\.default$/, '') ?? '';
        const { accessToken, expiresOn } = await accessTokens.mint(identity, resource);
        return { token: accessToken, expiresOnTimestamp: expiresOn * 1_000 };
      },
    };
  }

  /** Sends to the entrances, and listens to the topic. */
  openMessages(): Messages {
    return new Messages(this.setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING'));
  }

  /** A setting of the cloud or the app. @throws Error if there is none of that name */
  setting(name: string): string {
    const value = this.settings[name];
    if (value === undefined) throw new Error(`There is no setting ${name}.`);
    return value;
  }

  /** What a reader of the vault gets for a token: the newest version's value. */
  async publishedPassword(token: string, secretName = `acr-contoso--${token}`): Promise<string> {
    const { value } = await (await this.secrets()).getSecret(secretName);
    if (value === undefined) throw new Error(`The secret of ${token} has no value.`);
    return value;
  }

  /** The vault, as its owner sees it. */
  async secrets(): Promise<SecretClient> {
    this.#secrets ??= new SecretClient(this.setting('KEY_VAULT_URL'), await this.credential(), {
      disableChallengeResourceVerification: true,
    });
    return this.#secrets;
  }

  /** The status with which the login server answers a token and its published password, or another one. */
  async logIn(token: string, password?: string): Promise<number> {
    const secret = password ?? (await this.publishedPassword(token));
    const loginServer = this.loginServer();
    const url = `https://${loginServer}/oauth2/token?service=${loginServer}`;
    const authorization = `Basic ${Buffer.from(`${token}:${secret}`).toString('base64')}`;
    const answer = await fetch(url, { headers: { authorization } });
    await answer.body?.cancel();
    return answer.status;
  }

  /** Host and port of the registry `contoso`. */
  loginServer(): string {
    const { registries } = JSON.parse(this.setting('KEYTURN_CONFIGURATION'));
    return registries.contoso.loginServer;
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.kill()));
    await this.cloud.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
