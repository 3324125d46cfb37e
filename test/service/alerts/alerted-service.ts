import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';
import type { CloudConfig } from '../../../infra/local/cloud-config.ts';
import type { Alert } from '../../../src/alerting/alert.ts';
import { applicationProperties, type KeyturnEvent } from '../../../src/contracts/events.ts';
import type { Instant } from '../../../src/contracts/instants.ts';
import { WebhookReceiver } from '../../alerting/webhook-receiver.ts';
import { RunningService, type ServiceOptions } from '../running-service.ts';

/** In the address of every sink, as real ones have it. */
export const secretOfAddress = 'ADDRESSSECRET';

export interface SinkOptions {
  readonly name: string;
  readonly format?: 'generic' | 'teams' | 'slack';
  readonly severities?: readonly string[];
  readonly signingKey?: string;
}

/** Keyturn with alert sinks that a receiver on this machine listens to: each sink under a path of its name. */
export class AlertedService {
  readonly service: RunningService;
  readonly receiver: WebhookReceiver;
  /** Of the sinks, for every host. */
  readonly settings: Readonly<Record<string, string>>;
  readonly #bus: ServiceBusClient;
  readonly #sender: ServiceBusSender;

  private constructor(
    service: RunningService,
    receiver: WebhookReceiver,
    settings: Readonly<Record<string, string>>,
  ) {
    this.service = service;
    this.receiver = receiver;
    this.settings = settings;
    this.#bus = new ServiceBusClient(service.setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING'));
    this.#sender = this.#bus.createSender('token-events');
  }

  static async start(
    sinks: readonly SinkOptions[],
    changeCloud: (config: CloudConfig) => CloudConfig = (config) => config,
    options: Omit<ServiceOptions, 'changeCloud'> = {},
  ): Promise<AlertedService> {
    const service = await RunningService.startCloud({ ...options, changeCloud });
    const receiver = await WebhookReceiver.start(join(service.folder, 'certificates'));
    const configuration = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
    configuration.alerting = {
      runbooks: 'https://wiki.example/runbooks',
      sinks: sinks.map(({ name, format, severities }) => ({
        name,
        format,
        severities,
        allowedHosts: [receiver.host],
        privateAddresses: ['127.0.0.0/8'],
      })),
    };
    const settings: Record<string, string> = { KEYTURN_CONFIGURATION: JSON.stringify(configuration) };
    for (const { name, signingKey } of sinks) {
      settings[`AlertSinks__${name}__url`] = `https://${receiver.host}/${name}?code=${secretOfAddress}`;
      if (signingKey !== undefined) settings[`AlertSinks__${name}__signingKey`] = signingKey;
    }
    const alerted = new AlertedService(service, receiver, settings);
    await alerted.startHost();
    return alerted;
  }

  startHost() {
    return this.service.startHost({ settings: this.settings });
  }

  /** The time of the cloud. */
  async now(): Promise<Instant> {
    return (await this.service.control.now()).toISOString();
  }

  /** Publishes events as the service does. */
  async publish(...events: readonly KeyturnEvent[]): Promise<void> {
    const messages = events.map((event) => ({
      messageId: event.id,
      body: Buffer.from(JSON.stringify(event)),
      contentType: 'application/cloudevents+json',
      subject: event.subject,
      applicationProperties: applicationProperties(event),
    }));
    for (let from = 0; from < messages.length; from += 100)
      await this.#sender.sendMessages(messages.slice(from, from + 100));
  }

  /** What a generic sink got. */
  alertsOf(sink: string): Alert[] {
    return this.receiver.to<Alert>(`/${sink}?code=${secretOfAddress}`);
  }

  /** Resolves with the first such alert that a generic sink gets. */
  async alert(sink: string, isWanted: (alert: Alert) => boolean, limit?: number): Promise<Alert> {
    const find = () => this.alertsOf(sink).find(isWanted);
    await this.receiver.until(`the alert for ${sink}`, () => find() !== undefined, limit);
    const found = find();
    if (!found) throw new Error('The alert is gone.');
    return found;
  }

  async close(): Promise<void> {
    for (const host of this.service.hosts) host.thaw();
    await this.#bus.close();
    await this.service.close();
    await this.receiver.close();
  }
}
