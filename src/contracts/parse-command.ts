import { z } from 'zod';
import { subjectOf } from './cloud-event.ts';
import { type Command, commandSchema, commandTypes } from './commands.ts';
import { fieldNames } from './field-names.ts';
import { isInternalCommandType } from './internal-commands.ts';
import { type Rejection, rejection } from './rejections.ts';
import { problemsOf } from './violations.ts';

export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly rejection: Rejection };

/** A body up to this size fits into one binary property of a table row (64 KiB). */
export const mostBodyBytes = 60_000;

const typed = z.object({ type: z.string() });
const knownNames = fieldNames(commandSchema);

/** Reads the body of a message that came by an entrance: envelope, then type, then data. Never throws. */
export function parseCommand(body: Uint8Array): ParsedCommand {
  if (body.byteLength > mostBodyBytes) return rejected(rejection('tooLarge'));
  const json = parseJson(body);
  if (!json) return rejected(rejection('notJson'));
  const event = typed.safeParse(json.value, { reportInput: true });
  if (!event.success) return rejected(rejection('notCloudEvent', problemsOf(event.error, knownNames)));
  const { type } = event.data;
  if (isInternalCommandType(type)) return rejected(rejection('internalCommand'));
  if (!commandTypes.some((known) => known === type)) return rejected(rejection('unknownType'));
  return parseKnownCommand(json.value);
}

function parseKnownCommand(value: unknown): ParsedCommand {
  const parsed = commandSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const problems = problemsOf(parsed.error, knownNames);
    const inData = parsed.error.issues.every(({ path }) => path[0] === 'data');
    return rejected(rejection(inData ? 'invalidData' : 'notCloudEvent', problems));
  }
  const command = parsed.data;
  const { registry, token } = command.data;
  const agrees = command.subject.toLowerCase() === subjectOf(registry, token).toLowerCase();
  return agrees ? { ok: true, command } : rejected(rejection('subjectMismatch'));
}

function rejected(why: Rejection): ParsedCommand {
  return { ok: false, rejection: why };
}

function parseJson(body: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return undefined;
  }
}
