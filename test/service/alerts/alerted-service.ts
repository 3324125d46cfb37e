import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';
import type { Alert } from '../../../src/alerting/alert.ts';
import {
  applicationProperties,
  buildEvent,
  type EventContent,
  type KeyturnEvent,
} from '../../../src/contracts/events.ts';
import { WebhookReceiver } from '../../alerting/webhook-receiver.ts';
import { RunningService } from '../running-service.ts';

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

  static async start(sinks: readonly SinkOptions[], schedule = '0 * * * * *'): Promise<AlertedService> {
    let receiver: WebhookReceiver | undefined;
    const settings: Record<string, string> = {};
    const service = await RunningService.startCloud({
      changeConfiguration: (configuration) => {
        configuration.alerting = { schedule, heartbeat: '0 */10 * * * *', sinks: [] };
      },
    });
    receiver = await WebhookReceiver.start(join(service.folder, 'certificates'));
    const configuration = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
    configuration.alerting.sinks = sinks.map(({ name, format = 'generic', severities }) => ({
      name,
      format,
      allowedHosts: [receiver.host],
      privateAddresses: ['127.0.0.0/8'],
      ...(severities ? { severities } : {}),
    }));
    for (const { name, signingKey } of sinks) {
      settings[`AlertSinks__${name}__url`] = `https://${receiver.host}/${name}`;
      if (signingKey !== undefined) settings[`AlertSinks__${name}__signingKey`] = signingKey;
    }
    settings.KEYTURN_CONFIGURATION = JSON.stringify(configuration);
    const alerted = new AlertedService(service, receiver, settings);
    await alerted.startHost();
    return alerted;
  }

  startHost() {
    return this.service.startHost({ settings: this.settings });
  }

  /** Publishes events as the service does, with the time of the cloud. */
  async publish(...contents: readonly EventContent[]): Promise<KeyturnEvent[]> {
    const now = (await this.service.control.now()).toISOString();
    const events = contents.map((content) => buildEvent(content, randomUUID(), now));
    await this.send(events);
    return events;
  }

  async send(events: readonly KeyturnEvent[]): Promise<void> {
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
    return this.receiver.to<Alert>(`/${sink}`);
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

/** A token of the registry that somebody has disabled, as an event says it. */
export function disabledByOthers(token: string, changes: object = {}): EventContent {
  const at = '2026-03-01T12:00:00.000Z';
  return {
    type: 'keyturn.token.disabled',
    severity: 'critical',
    data: {
      registry: 'contoso',
      loginServer: 'contoso.azurecr.io',
      token,
      entrance: 'token-requests',
      owner: token,
      cause: 'outOfBand',
      at,
      drift: {
        finding: 'disabledOutOfBand',
        since: at,
        differences: [{ what: 'status', believed: 'enabled', found: 'disabled' }],
        cause: 'person',
        evidence: ['Azure reports that sam@contoso.example did it.'],
        noticedBy: 'report',
        done: 'nothing',
        ...changes,
      },
    },
  };
}
