import { createHash } from 'node:crypto';
import type { AlertSeverity } from '../configuration/alerting-document.ts';
import type { Actor } from '../contracts/event-data.ts';
import type { Instant } from '../contracts/instants.ts';
import { type AlertName, isResolvable } from './alert-names.ts';

/** What alerts have in common that are told together. */
export interface GroupAbout {
  readonly alert: AlertName;
  /** Missing: it is about Keyturn itself. */
  readonly registry?: string | undefined;
  /** The likely cause, the code of a failure, the rule that said no, or the sink that fails. */
  readonly cause?: string | undefined;
  /** Who did it: what identifies an actor best, or the entrance by which it was asked for. */
  readonly actor?: string | undefined;
}

/** Everything that an alert says of one token, registry or sink. All free text is capped and free of control characters. */
export interface IncidentFacts {
  readonly severity: AlertSeverity;
  /** Missing: the registry as a whole, or a sink. */
  readonly token?: string | undefined;
  readonly owner?: string | undefined;
  readonly loginServer?: string | undefined;
  readonly since: Instant;
  /** When the published password stops working; in the past, if it does not work now. */
  readonly deadline?: Instant | undefined;
  readonly actor?: Actor | undefined;
  /** The likely cause as it is known now; what is told together keeps the one that it was first told with. */
  readonly cause?: string | undefined;
  readonly evidence: readonly string[];
  /** What Keyturn did. */
  readonly done?: string | undefined;
  readonly next?: { readonly what: string; readonly at?: Instant | undefined } | undefined;
  /** What a person has to do, where Keyturn knows it better than the runbook. */
  readonly toDo?: string | undefined;
}

/** Something is wrong, or went wrong, with one token, registry or sink. */
export interface Incident {
  readonly kind: 'incident';
  /** The event's. */
  readonly id: string;
  readonly time: Instant;
  readonly about: GroupAbout;
  /** What it is about: a token's name, `-` for a registry as a whole, a sink's name. */
  readonly subject: string;
  readonly facts: IncidentFacts;
}

/** It no longer is. */
export interface Resolution {
  readonly kind: 'resolution';
  readonly id: string;
  readonly time: Instant;
  readonly about: Pick<GroupAbout, 'alert' | 'registry'>;
  readonly subject: string;
}

export type Report = Incident | Resolution;

export const wholeRegistry = '-';

/** The same for all that is told together; legal as a table's key. */
export function groupId({ alert, registry = '', cause = '', actor = '' }: GroupAbout): string {
  const key = JSON.stringify([registry.toLowerCase(), alert, cause, actor]);
  return createHash('sha256').update(key).digest('hex').slice(0, 40);
}

/** Where alerting keeps what it knows of one subject. */
export interface MemberPlace {
  readonly partition: string;
  readonly row: string;
}

/**
 * A finding is open or not, whatever its cause turns out to be, so a subject has one place for each. Of what only
 * happens, each group has its own.
 */
export function memberPlace({ about, subject }: Report): MemberPlace {
  const key = keyOf(subject);
  return {
    partition: memberPartition(about),
    row: isResolvable(about.alert) ? key : `${key}~${groupId(about)}`,
  };
}

/** All subjects with the same alert, whatever group they are in. */
export function memberPartition({ alert, registry }: Pick<GroupAbout, 'alert' | 'registry'>): string {
  return `members~${registry === undefined ? '' : keyOf(registry)}~${alert}`;
}

/** Names of registries, tokens and sinks are legal in a table's key; anything else is hashed. */
function keyOf(name: string): string {
  const lower = name.toLowerCase();
  return /^[a-z0-9-]{1,64}$/.test(lower) ? lower : createHash('sha256').update(lower).digest('hex');
}
