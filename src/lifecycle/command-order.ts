import { z } from 'zod';
import { type Command, type CommandType, commandTypes } from '../contracts/commands.ts';
import { type Instant, instantSchema } from '../contracts/instants.ts';

/** A command that was accepted and has no outcome yet. */
export interface PendingCommand {
  readonly key: string;
  readonly entrance: string;
  /** When the broker took the first copy of the message, and under which number of its queue (a 64-bit integer). */
  readonly enqueuedAt: Instant;
  readonly sequenceNumber: string;
  readonly command: Command;
}

/** A command's place among all commands to the token, by the broker: the sender's clock is not trusted with it. */
const orderSchema = z.object({ enqueuedAt: instantSchema, sequenceNumber: z.string() });

export type Order = z.output<typeof orderSchema>;

/** What a lifecycle keeps of a command while and after it works on it. */
export const commandReferenceSchema = orderSchema.extend({
  key: z.string(),
  type: z.string(),
  entrance: z.string(),
  source: z.string(),
  id: z.string(),
  reason: z.string().optional(),
});

export type CommandReference = z.output<typeof commandReferenceSchema>;

/** The sides of a token that commands change, each judged by itself when commands overtake each other. */
export const aspects = ['existence', 'status', 'access', 'schedule'] as const;

export type Aspect = (typeof aspects)[number];

/** The last command that was applied to each aspect. */
export const marksSchema = z.partialRecord(z.enum(aspects), orderSchema);

export type Marks = z.output<typeof marksSchema>;

const aspectsOfType: Readonly<Record<CommandType, readonly Aspect[]>> = {
  'keyturn.token.requested': ['existence', 'access', 'schedule'],
  'keyturn.token.adoption-requested': ['existence', 'access', 'schedule'],
  'keyturn.token.rotation-requested': [],
  'keyturn.token.access-changed': ['access'],
  'keyturn.token.disable-requested': ['status'],
  'keyturn.token.enable-requested': ['status'],
  'keyturn.token.deletion-requested': ['existence'],
  'keyturn.token.revocation-requested': ['status'],
  'keyturn.token.reinstatement-requested': ['status'],
};

/** Of a type that only another release knows, none. */
export function aspectsOf(type: string): readonly Aspect[] {
  return commandTypes.filter((known) => known === type).flatMap((known) => aspectsOfType[known]);
}

/** Commands that are never superseded, and that no other work holds up. */
export function alwaysCounts(type: CommandType): boolean {
  return (
    type === 'keyturn.token.revocation-requested' ||
    type === 'keyturn.token.disable-requested' ||
    type === 'keyturn.token.deletion-requested'
  );
}

/** Negative if the first was sent before the second. Numbers of different queues say nothing: time goes first. */
export function compareOrder(one: Order, other: Order): number {
  if (one.enqueuedAt !== other.enqueuedAt) return one.enqueuedAt < other.enqueuedAt ? -1 : 1;
  return Number(BigInt(one.sequenceNumber) - BigInt(other.sequenceNumber));
}

export function isOlder(order: Order, mark: Order | undefined): boolean {
  return mark !== undefined && compareOrder(order, mark) < 0;
}

/** The aspects of a command to which no newer command was applied yet. */
export function openAspects({ command, ...order }: PendingCommand, applied: Marks): readonly Aspect[] {
  return aspectsOf(command.type).filter((aspect) => !isOlder(order, applied[aspect]));
}

/** The marks after a command was applied to some aspects; a newer mark stays. */
export function marked(applied: Marks, order: Order, to: readonly Aspect[]): Marks {
  const { enqueuedAt, sequenceNumber } = order;
  const open = to.filter((aspect) => !isOlder(order, applied[aspect]));
  return {
    ...applied,
    ...Object.fromEntries(open.map((aspect) => [aspect, { enqueuedAt, sequenceNumber }])),
  };
}

/** Revocations first, then as the broker took them. */
export function inOrder(commands: readonly PendingCommand[]): PendingCommand[] {
  const rank = ({ command }: PendingCommand) =>
    command.type === 'keyturn.token.revocation-requested' ? 0 : 1;
  return [...commands].sort((one, other) => rank(one) - rank(other) || compareOrder(one, other));
}

export function referenceTo({
  key,
  entrance,
  enqueuedAt,
  sequenceNumber,
  command,
}: PendingCommand): CommandReference {
  const { type, source, id, data } = command;
  return {
    key,
    type,
    entrance,
    source,
    id,
    enqueuedAt,
    sequenceNumber,
    ...('reason' in data && data.reason !== undefined ? { reason: data.reason } : {}),
  };
}
