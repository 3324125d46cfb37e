import { argumentError } from './client-error.ts';

const longestInstanceId = 256;

/**
 * Refuses instance ids that the extension refuses, with its words: it gives its exception's arguments in the wrong order.
 * @throws ClientError
 */
export function requireInstanceId(id: string): void {
  if (id.startsWith('@')) throw misplaced('Orchestration instance ids must not start with @.');
  if (/[/\\#?\p{Cc}]/u.test(id))
    throw misplaced('Orchestration instance ids must not contain /, \\, #, ?, or control characters.');
  if (id.length > longestInstanceId)
    throw argumentError(`Instance ID lengths must not exceed ${longestInstanceId} characters.`);
}

function misplaced(text: string): Error {
  return argumentError(`instanceId (Parameter '${text}')`);
}
