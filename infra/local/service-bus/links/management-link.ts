import { settleDelivery } from '../amqp/outcomes.ts';
import { type AmqpReceiver, amqpTypes } from '../amqp/rhea.ts';
import { requirePermission } from '../authorization/claim.ts';
import type { ProvenClaim } from '../authorization/proven-claim.ts';
import { type ManagementAnswer, managementOperations } from '../management/management-operations.ts';
import { RequestFields } from '../management/request-fields.ts';
import { typedText } from '../messages/typed-values.ts';
import type { Entity } from '../namespace.ts';
import { notImplemented, ServiceBusError } from '../service-bus-error.ts';
import type { ClientLink } from './client-link.ts';
import { encodeReply, type Request, readRequest } from './request.ts';

/** Requests that a client may have in flight. */
const creditWindow = 100;

export interface ManagementLinkOptions {
  readonly entity: Entity;
  readonly reply: (address: unknown, message: Buffer) => void;
  readonly provenClaim: ProvenClaim;
}

/** Serves a client's `$management` link of one entity. */
export function openManagementLink(
  receiver: AmqpReceiver,
  link: ClientLink,
  options: ManagementLinkOptions,
): void {
  receiver.on('message', (context) => {
    try {
      const request = readRequest(context);
      settleDelivery(context.delivery);
      answer(request, link, options);
    } catch (error) {
      if (!(error instanceof ServiceBusError)) throw error;
      settleDelivery(context.delivery, error);
    }
  });
  receiver.set_credit_window(creditWindow);
  receiver.add_credit(creditWindow);
}

function answer(
  request: Request,
  link: ClientLink,
  { entity, reply, provenClaim }: ManagementLinkOptions,
): void {
  const asked = typedText(request.properties.get('operation')) ?? '';
  const name = asked.replace(/^com\.microsoft:/, '').slice(0, 100);
  let result: ManagementAnswer = { status: 200, body: null };
  link.run({
    request: `management ${name} ${entity.name}`,
    perform: () => {
      const operation = Object.hasOwn(managementOperations, name) ? managementOperations[name] : undefined;
      if (!operation) throw notImplemented(`The operation '${name}' is`);
      requirePermission(provenClaim.current, operation.right);
      result = operation.perform(entity, new RequestFields(request.body));
    },
    answer: (error) => reply(request.replyTo, encodeAnswer(request, result, error)),
  });
}

/**
 * Both dialects' names are given. Statuses are AMQP ints and conditions symbols, to which .NET casts them.
 */
function encodeAnswer(
  request: Request,
  { status, body }: ManagementAnswer,
  error: ServiceBusError | undefined,
): Buffer {
  const code = amqpTypes.wrap_int(error?.status ?? status);
  const description = error?.description ?? (status === 204 ? 'No Content' : 'OK');
  const properties = {
    statusCode: code,
    'status-code': code,
    statusDescription: description,
    'status-description': description,
  };
  if (!error) return encodeReply(request, properties, body);
  const condition = amqpTypes.wrap_symbol(error.condition);
  return encodeReply(
    request,
    { ...properties, errorCondition: condition, 'error-condition': condition },
    null,
  );
}
