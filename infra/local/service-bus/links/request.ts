import { rawMessageFormat } from '../amqp/guard-connection.ts';
import { type AmqpContext, amqpMessages, amqpTypes, type Typed } from '../amqp/rhea.ts';
import { applicationPropertyValues, bodyValue, parseMessage } from '../messages/message-content.ts';
import { isNull, typedText } from '../messages/typed-values.ts';
import { decodeError } from '../service-bus-error.ts';

/** A request on a `$cbs` or `$management` link. */
export interface Request {
  readonly properties: ReadonlyMap<unknown, Typed>;
  readonly body: Typed | undefined;
  /** Where the answer is to go. */
  readonly replyTo: string | undefined;
  readonly messageId: Typed;
}

/** @throws ServiceBusError amqp:decode-error */
export function readRequest({ message, format }: Pick<AmqpContext, 'message' | 'format'>): Request {
  if (format !== rawMessageFormat) throw decodeError('A request is a single message.');
  const content = parseMessage(message);
  const [messageId = amqpTypes.wrap_string('')] = content.propertyFields;
  return {
    properties: applicationPropertyValues(content),
    body: bodyValue(content),
    replyTo: typedText(content.propertyFields[4]),
    messageId,
  };
}

/** Encodes an answer. Values that need a certain AMQP type come wrapped. */
export function encodeReply(
  request: Request,
  properties: Readonly<Record<string, Typed | string>>,
  body: unknown,
): Buffer {
  const id = request.messageId;
  return amqpMessages.encode({
    ...(isNull(id) ? {} : { correlation_id: id }),
    application_properties: properties,
    body,
  });
}
