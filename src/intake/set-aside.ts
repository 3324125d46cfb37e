import { mostBodyBytes } from '../contracts/parse-command.ts';
import type { MessageSender, SetAsideReason } from '../ports/message-sender.ts';
import { isFailure } from '../ports/service-failure.ts';
import { contentOf, type InboundMessage, type Origin } from './inbound-message.ts';

/**
 * Sets a message aside as its sender sent it. Where that is too large to say why beside it, the sender's properties are left
 * out; and where the body alone is, its end.
 *
 * @throws ServiceFailure
 */
export async function setAside(
  message: InboundMessage,
  { messageId, properties }: Origin,
  why: SetAsideReason,
  { messages }: { readonly messages: Pick<MessageSender, 'setAside'> },
): Promise<void> {
  const { body, contentType } = message;
  const propertiesLeftOut = true;
  const beginning = body.subarray(0, mostBodyBytes);
  const copies = [
    { ...contentOf(message), messageId, properties },
    { messageId, body, contentType, properties: { propertiesLeftOut } },
    { messageId, body: beginning, properties: { propertiesLeftOut, bodyCutOff: true } },
  ];
  for (const [index, copy] of copies.entries())
    try {
      await messages.setAside(copy, why);
      return;
    } catch (error) {
      if (!isFailure(error, 'tooLarge') || index === copies.length - 1) throw error;
    }
}
