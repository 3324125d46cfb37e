import type { Problem } from '../contracts/violations.ts';

/** Why a message, or an event in it, cannot be read as a report: a closed list, with what each one means. */
export const reportRejectionReasons = {
  tooLarge: 'the body is larger than a megabyte',
  notJson: 'the body is not JSON in UTF-8',
  notResourceEvent: 'this is no event of Azure Resource Manager in the schema of Event Grid or CloudEvents',
  unreadableResource: 'the event does not name a registry, token or scope map as its operation must',
} as const;

export type ReportRejectionReason = keyof typeof reportRejectionReasons;

export interface ReportRejection {
  readonly reason: ReportRejectionReason;
  /** Reason in words, then paths and codes; never a value from the message. */
  readonly description: string;
}

export function reportRejection(
  reason: ReportRejectionReason,
  problems: readonly Problem[] = [],
): ReportRejection {
  const named = problems.map(({ path, violation }) => `${path || 'event'} ${violation}`).join('; ');
  const details = named === '' ? '' : `: ${named}`;
  return { reason, description: `${reportRejectionReasons[reason]}${details}` };
}
