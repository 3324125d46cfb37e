import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import type { ServiceBusOutput } from '../app/function-definition.ts';
import type { OutputSender } from '../invocations/function-caller.ts';
import type { TypedData } from '../typed-data.ts';
import type { ServiceBusConnections } from './service-bus-connections.ts';

/** Sends what functions put into `serviceBus` outputs. */
export class MessageOutput implements OutputSender {
  readonly #connections: ServiceBusConnections;
  readonly #senders = new Map<string, ServiceBusSender>();

  constructor(connections: ServiceBusConnections) {
    this.#connections = connections;
  }

  async send(output: ServiceBusOutput, data: TypedData, invocationId: string): Promise<void> {
    const sender = await this.#sender(output);
    const messages = messageBodies(data).map((body) => toMessage(body, invocationId));
    for (const message of messages) await sender.sendMessages(message);
  }

  async #sender({ entity, connection }: ServiceBusOutput): Promise<ServiceBusSender> {
    const key = JSON.stringify([connection, entity]);
    const client = await this.#connections.client(connection);
    const sender = this.#senders.get(key) ?? client.createSender(entity);
    this.#senders.set(key, sender);
    return sender;
  }
}

/** Bodies as the real host sends them: always bytes, with the id of the run that sent them. */
function toMessage(body: Buffer, invocationId: string): ServiceBusMessage {
  return {
    body,
    contentType: 'application/octet-stream',
    applicationProperties: { $AzureWebJobsParentId: invocationId },
  };
}

/**
 * The messages in an output value. An array (also as JSON text) is one message for each entry; objects become JSON that is
 * indented, as .NET prints it; a text that is JSON is printed anew.
 * @see https://github.com/Azure/azure-functions-host (FunctionBinding.BindAsyncCollectorAsync)
 */
export function messageBodies(data: TypedData): Buffer[] {
  if (data.bytes) return [Buffer.from(data.bytes)];
  const json =
    data.json ?? (data.string !== undefined && looksLikeJson(data.string) ? data.string : undefined);
  if (json === undefined) return [Buffer.from(data.string ?? String(data.int ?? data.double ?? ''))];
  const value: unknown = JSON.parse(json);
  return (Array.isArray(value) ? value : [value]).map((entry) => Buffer.from(printed(entry)));
}

function looksLikeJson(text: string): boolean {
  const trimmed = text.trim();
  return /^\{[\s\S]*\}$/.test(trimmed) || /^\[[\s\S]*\]$/.test(trimmed);
}

function printed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value, undefined, 2);
}
