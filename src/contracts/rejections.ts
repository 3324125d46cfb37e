import type { Problem } from './violations.ts';

/** Why a message is set aside instead of becoming a command: a closed list, with what each one means. */
export const rejectionReasons = {
  tooLarge: 'the body is larger than 60,000 bytes',
  notJson: 'the body is not JSON in UTF-8',
  notCloudEvent: 'the body is not a CloudEvents 1.0 event in structured JSON',
  unknownType: 'the event type is no command',
  internalCommand: 'the event type is one that only Keyturn itself may use',
  invalidData: 'the data does not fit the command',
  subjectMismatch: 'the subject is not registry/token as the data has them',
  notUrgent: 'only revocations and disabling may use the urgent queue',
  stale: 'the event was sent too long after its time',
  fromTheFuture: 'the time of the event is ahead of the time it was sent',
  duplicateIdDifferentContent: 'an event with this source and id came before, with other content',
} as const;

export type RejectionReason = keyof typeof rejectionReasons;

/** Fits, with its text, into an application property of a Service Bus message. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** Reason in words, then paths and codes; never a value from the message. */
  readonly description: string;
}

const mostProblemsNamed = 10;

export function rejection(reason: RejectionReason, problems: readonly Problem[] = []): Rejection {
  const named = problems
    .slice(0, mostProblemsNamed)
    .map(({ path, violation }) => `${path || 'event'} ${violation}`);
  const more = problems.length - named.length;
  if (more > 0) named.push(`and ${more} more`);
  const details = named.length > 0 ? `: ${named.join('; ')}` : '';
  return { reason, description: `${rejectionReasons[reason]}${details}` };
}
