import type { Alert } from '../../src/alerting/alert.ts';
import type { AlertGroup } from '../../src/alerting/alert-group.ts';
import type { AlertingPorts } from '../../src/alerting/alerting-ports.ts';
import { deliverAlert } from '../../src/alerting/deliver-alert.ts';
import { deliveryContentType, readDelivery } from '../../src/alerting/delivery-message.ts';
import { type MemberPlace, memberPartition } from '../../src/alerting/incident.ts';
import { lookAfterGroups } from '../../src/alerting/look-after-groups.ts';
import type { Member, MemberSummary } from '../../src/alerting/member.ts';
import type { SinkHealth } from '../../src/alerting/sink-health.ts';
import { takeInEvent } from '../../src/alerting/take-in-event.ts';
import type { AlertSink } from '../../src/configuration/alert-sinks.ts';
import { alertingSchema } from '../../src/configuration/alerting-document.ts';
import type { KeyturnEvent } from '../../src/contracts/events.ts';
import type { Instant } from '../../src/contracts/instants.ts';
import type { InboundMessage } from '../../src/intake/inbound-message.ts';
import { plus } from '../../src/lifecycle/instant-arithmetic.ts';
import type { AlertStore, Stored } from '../../src/ports/alert-store.ts';
import type { OutgoingMessage } from '../../src/ports/message-sender.ts';
import type { WebhookResult } from '../../src/ports/webhook.ts';
import { minute, start } from '../lifecycle/build.ts';

/** May throw, to stop what is under way: before and after every call of a port. */
export type Gate = (call: string) => void | Promise<void>;

interface Queued extends OutgoingMessage {
  readonly dueAt: Instant;
}

/** Alerting with everything in memory, at a time that tests move. */
export class AlertingSetting implements Pick<AlertingPorts, 'sinks'> {
  now: Instant = start;
  readonly sinks = new Map<string, AlertSink>();
  /** What is in the queue of deliveries. */
  queue: Queued[] = [];
  readonly setAside: OutgoingMessage[] = [];
  /** What each sink got, the log too. */
  readonly got = new Map<string, Alert[]>();
  readonly troubles: string[] = [];
  answer: (sink: string) => WebhookResult = () => ({ ok: true });
  gate: Gate = () => undefined;
  readonly rows = new Map<string, Stored<unknown>>();
  #sequence = 0;

  constructor(...sinks: readonly (Partial<AlertSink> & { readonly name: string })[]) {
    for (const sink of sinks)
      this.sinks.set(sink.name, {
        format: 'generic',
        severities: ['warning', 'critical'],
        allowedHosts: ['pager.example'],
        privateAddresses: [],
        url: new URL(`https://pager.example/${sink.name}`),
        signingKey: undefined,
        ...sink,
      });
  }

  ports(): AlertingPorts {
    return {
      configuration: {
        alerting: alertingSchema.parse({}),
        messaging: {
          eventsTopic: 'token-events',
          rejectedQueue: 'token-requests-rejected',
          registryActivityQueue: 'registry-activity',
          alertDeliveriesQueue: 'alert-deliveries',
        },
        registries: new Map(),
      },
      sinks: this.sinks,
      alerts: this.#store(),
      messages: {
        send: (_, message) => this.#call('send', () => void this.queue.push({ ...message, dueAt: this.now })),
        sendLater: (_, message, dueAt) =>
          this.#call('sendLater', () => void this.queue.push({ ...message, dueAt })),
        setAside: (message) => this.#call('setAside', () => void this.setAside.push(message)),
      },
      webhook: { post: (sink) => this.#call('post', () => this.answer(sink.name)) },
      clock: { now: () => new Date(this.now) },
      pause: async () => {
        await this.gate('before pause');
        this.now = plus(this.now, 30_000);
      },
      report: ({ what }) => void this.troubles.push(what),
    };
  }

  /** Takes in an event as it comes from the topic. */
  takeIn(event: KeyturnEvent | string) {
    const text = typeof event === 'string' ? event : JSON.stringify(event);
    return takeInEvent(
      this.#inbound({ messageId: 'm', body: Buffer.from(text), properties: {} }),
      this.ports(),
    );
  }

  /** Carries out what is due in the queue; a delivery that is stopped stays there. */
  async deliver(): Promise<void> {
    for (;;) {
      const index = this.queue.findIndex(({ dueAt }) => dueAt <= this.now);
      const message = this.queue[index];
      if (!message) return;
      if (message.contentType === deliveryContentType) await this.#deliverOne(message);
      else await takeInEvent(this.#inbound(message), this.ports());
      this.queue.splice(this.queue.indexOf(message), 1);
    }
  }

  async lookAfter() {
    const done = [];
    for await (const { alert, result } of lookAfterGroups(this.now, this.ports())) {
      if (typeof result !== 'string') throw result.error;
      done.push(`${alert} ${result}`);
    }
    return done;
  }

  /** Lets time go by, minute by minute, as the timer does, and delivers what is due. */
  async pass(milliseconds: number): Promise<void> {
    const until = plus(this.now, milliseconds);
    while (this.now < until) {
      this.now = plus(this.now, minute);
      await this.lookAfter();
      await this.deliver();
    }
  }

  /** Such as `first 1`: why each notification was sent to a sink, and of how many. */
  told(sink = 'log'): string[] {
    return (this.got.get(sink) ?? []).map(({ kind, count }) => `${kind} ${count}`);
  }

  groups(): AlertGroup[] {
    return [...this.rows].flatMap(([key, { value }]) =>
      key.startsWith('group ') ? [value as AlertGroup] : [],
    );
  }

  async #deliverOne(message: Queued): Promise<void> {
    const delivered = await deliverAlert(this.#inbound(message), this.ports());
    if (delivered.result !== 'delivered' && delivered.result !== 'logged') return;
    const { sink, alert } = readDelivery(message.body);
    this.got.set(sink, [...(this.got.get(sink) ?? []), alert]);
  }

  #inbound(message: OutgoingMessage): InboundMessage {
    this.#sequence += 1;
    return { ...message, sequenceNumber: String(this.#sequence), enqueuedAt: this.now };
  }

  async #call<Result>(name: string, act: () => Result): Promise<Result> {
    await this.gate(`before ${name}`);
    const result = act();
    await this.gate(`after ${name}`);
    return result;
  }

  #read<Value>(name: string, key: string): Promise<Stored<Value> | undefined> {
    return this.#call(name, () => this.rows.get(key) as Stored<Value> | undefined);
  }

  #write<Value>(name: string, key: string, value: Value, earlier: Stored<Value> | undefined) {
    return this.#call(name, (): Stored<Value> | undefined => {
      if (this.rows.get(key)?.etag !== earlier?.etag) return undefined;
      const stored = { value: structuredClone(value), etag: crypto.randomUUID() };
      this.rows.set(key, stored);
      return stored;
    });
  }

  #store(): AlertStore {
    const memberKey = ({ partition, row }: MemberPlace) => `member ${partition} ${row}`;
    const membersOf = ({ id, about }: Pick<AlertGroup, 'id' | 'about'>) => {
      const prefix = `member ${memberPartition(about)} `;
      return [...this.rows].filter(
        ([key, { value }]) => key.startsWith(prefix) && (value as Member).incident?.group === id,
      );
    };
    const setting = this;
    return {
      readMember: (place) => this.#read('readMember', memberKey(place)),
      writeMember: (place, member, earlier) => this.#write('writeMember', memberKey(place), member, earlier),
      async *listMembers(group) {
        await setting.gate('before listMembers');
        for (const [key, { value }] of membersOf(group))
          yield summaryOf(key.split(' ')[2] ?? '', value as Member);
      },
      removeMembers: (group) =>
        this.#call('removeMembers', () => {
          for (const [key] of membersOf(group)) this.rows.delete(key);
          return true;
        }),
      readGroup: (id) => this.#read('readGroup', `group ${id}`),
      writeGroup: (group, earlier) => this.#write('writeGroup', `group ${group.id}`, group, earlier),
      removeGroup: ({ value, etag }) =>
        this.#call('removeGroup', () => {
          const key = `group ${value.id}`;
          return this.rows.get(key)?.etag === etag && this.rows.delete(key);
        }),
      async *listGroups() {
        await setting.gate('before listGroups');
        for (const [key, stored] of [...setting.rows])
          if (key.startsWith('group ')) yield stored as Stored<AlertGroup>;
      },
      readSink: (name) => this.#read<SinkHealth>('readSink', `sink ${name}`),
      writeSink: (name, health, earlier) => this.#write('writeSink', `sink ${name}`, health, earlier),
    };
  }
}

function summaryOf(row: string, { incident, resolved }: Member): MemberSummary {
  if (!incident) throw new Error('The member belongs to no group.');
  const { facts, recordedAt, changedAt } = incident;
  const { severity, since, deadline } = facts;
  return { row, severity, since, deadline, recordedAt, changedAt, resolvedAt: resolved?.at };
}
