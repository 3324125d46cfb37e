import { amqpTypes } from '../amqp/rhea.ts';
import type { TypedEntry } from '../messages/typed-values.ts';

/** The application properties that say why a message was dead-lettered. */
export function deadLetterProperties(
  reason: string | undefined,
  description: string | undefined,
): TypedEntry[] {
  const entries: TypedEntry[] = [];
  if (reason !== undefined) entries.push(textEntry('DeadLetterReason', reason));
  if (description !== undefined) entries.push(textEntry('DeadLetterErrorDescription', description));
  return entries;
}

function textEntry(name: string, text: string): TypedEntry {
  return [amqpTypes.wrap_string(name), amqpTypes.wrap_string(text)];
}
