import type { InboundMessage } from '../../src/intake/inbound-message.ts';
import type { IntakePorts } from '../../src/intake/intake-ports.ts';
import { type TakenIn, takeIn } from '../../src/intake/take-in.ts';
import type { Lifecycles } from '../../src/ports/lifecycles.ts';
import type { MessageSender, OutgoingMessage } from '../../src/ports/message-sender.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { type Gate, MemoryCloud } from '../activities/memory/memory-cloud.ts';
import { start } from '../lifecycle/build.ts';

/** What a sender writes; changes go into the data, unless they name an attribute of the envelope. */
export function event(type: string, data: object = {}, envelope: object = {}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: 'request-1',
    source: '/form/7',
    type: `keyturn.token.${type}`,
    subject: 'contoso/team-web',
    time: start,
    data: { registry: 'contoso', token: 'team-web', ...data },
    ...envelope,
  };
}

export const requested = (data: object = {}, envelope: object = {}) =>
  event(
    'requested',
    { owner: 'team-web', access: { repositories: { 'team/web': ['content/read'] } }, ...data },
    envelope,
  );

export function messageOf(content: unknown, changes: Partial<InboundMessage> = {}): InboundMessage {
  const body = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const properties = { sentBy: 'form' };
  return { messageId: 'm-1', body, properties, sequenceNumber: '7', enqueuedAt: start, ...changes };
}

type Sent = OutgoingMessage & { readonly queue?: string; readonly dueAt?: string; readonly reason?: string };

/** An intake with everything in memory. `down` names what cannot be reached. */
export class IntakeSetting {
  readonly cloud: MemoryCloud;
  readonly setAside: Sent[] = [];
  readonly later: Sent[] = [];
  readonly calls: string[] = [];
  standing: Awaited<ReturnType<Lifecycles['standing']>> = 'none';
  /** Somebody else starts the lifecycle between our look and our start. */
  startedByOthers = false;
  /** Bytes of a message that the broker takes. */
  mostBytes = Infinity;
  readonly down = new Set<'records' | 'queues' | 'lifecycles'>();

  constructor(changes: ConstructorParameters<typeof MemoryCloud>[0] = {}) {
    this.cloud = new MemoryCloud(changes);
  }

  ports(gate: Gate = async () => undefined): IntakePorts {
    const { cloud } = this;
    const { configuration, clock, registries, inventory, events, records } = cloud.ports(async (call) => {
      if (call.includes('records.')) this.#fail('records', call);
      await gate(call);
    });
    const { pause } = cloud.ports();
    return {
      configuration,
      clock,
      registries,
      inventory,
      events,
      pause,
      records,
      denied: cloud.records,
      requests: cloud.requests,
      lifecycles: this.#lifecycles(gate),
      messages: this.#messages(),
    };
  }

  send(message: InboundMessage, urgent = false, gate?: Gate): Promise<TakenIn> {
    const entrance = this.cloud.configuration.entrances.get('token-requests');
    if (!entrance) throw new Error('There is no entrance.');
    return takeIn(message, { entrance, urgent }, this.ports(gate));
  }

  #lifecycles(gate: Gate): Lifecycles {
    return {
      standing: async () => {
        this.#fail('lifecycles', 'standing');
        return this.standing;
      },
      start: async () => {
        this.#fail('lifecycles', 'start');
        this.calls.push('start');
        if (this.startedByOthers || this.standing === 'running') return 'exists';
        this.standing = 'running';
        await gate('after lifecycles.start');
        return 'started';
      },
      wake: async () => {
        this.calls.push('wake');
        await gate('after lifecycles.wake');
      },
    };
  }

  #messages(): MessageSender {
    return {
      setAside: async (message, { reason }) => {
        this.#fail('queues', 'setAside');
        if (message.body.length + JSON.stringify({ ...message, body: '', reason }).length > this.mostBytes)
          throw new ServiceFailure({ service: 'serviceBus', operation: 'setAside', code: 'tooLarge' });
        this.setAside.push({ ...message, reason });
      },
      sendLater: async (queue, message, dueAt) => {
        this.#fail('queues', 'sendLater');
        this.later.push({ ...message, queue, dueAt });
      },
      send: async () => undefined,
    };
  }

  #fail(what: 'records' | 'queues' | 'lifecycles', operation: string): void {
    if (this.down.has(what)) throw new ServiceFailure({ service: 'records', operation, code: 'unavailable' });
  }
}
