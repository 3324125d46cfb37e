import type { Configuration, Entrance } from '../configuration/configuration.ts';
import { type Command, isUrgent } from '../contracts/commands.ts';
import type { Instant } from '../contracts/instants.ts';
import { mostBodyBytes, parseCommand } from '../contracts/parse-command.ts';
import { type Rejection, rejection } from '../contracts/rejections.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import { untimely } from '../policy/timeliness.ts';
import { isFailure } from '../ports/service-failure.ts';
import { troubleOf } from '../ports/trouble.ts';
import { type Acceptance, acceptCommand } from './accept-command.ts';
import { contentOf, type InboundMessage, type Origin, originOf } from './inbound-message.ts';
import type { IntakePorts } from './intake-ports.ts';
import { mayBePutOff, putOff } from './put-off.ts';
import { tryForAWhile } from './try-for-a-while.ts';

/** Which queue a message came by. */
export interface Arrival {
  readonly entrance: Entrance;
  /** By the entrance's urgent queue. */
  readonly urgent: boolean;
}

/** What became of a message. In any case it is done with, and to be completed. */
export type TakenIn =
  | Exclude<Acceptance, { result: 'differentContent' }>
  | { readonly result: 'setAside'; readonly rejection: Rejection }
  /** What it needs is down; a copy of it comes back then. `why` is of fixed words. */
  | { readonly result: 'putOff'; readonly dueAt: Instant; readonly why: string };

/**
 * Takes in one message: parse, judge, insert the command's rows, start or wake the token's lifecycle. What is no
 * command is set aside. What it needs is down: tried for 20 s, then put off, for a week at most.
 *
 * @throws if not even that is possible; then the broker hands it out again, and dead-letters it in the end
 */
export async function takeIn(
  message: InboundMessage,
  arrival: Arrival,
  ports: IntakePorts,
): Promise<TakenIn> {
  try {
    return await tryForAWhile(() => takeInOnce(message, arrival, ports), ports);
  } catch (error) {
    const why = troubleOf(error).what;
    if (!mayBePutOff(message, ports.clock.now().toISOString())) throw new Error(`Put off for a week: ${why}`);
    return { result: 'putOff', dueAt: await putOff(message, queueOf(arrival), ports), why };
  }
}

async function takeInOnce(
  message: InboundMessage,
  { entrance, urgent }: Arrival,
  ports: IntakePorts,
): Promise<TakenIn> {
  const origin = originOf(message);
  const parsed = parseCommand(message.body);
  if (!parsed.ok) return setAside(message, origin, parsed.rejection, ports);
  const { command } = parsed;
  const refused = refusal(command, origin, entrance, urgent);
  if (refused) return setAside(message, origin, rejection(refused), ports);
  const identity = identityIn(ports.configuration, command);
  const { enqueuedAt } = origin;
  const acceptance = await acceptCommand({ command, entrance, identity, enqueuedAt }, origin, ports);
  if (acceptance.result !== 'differentContent') return acceptance;
  return setAside(message, origin, rejection('duplicateIdDifferentContent'), ports);
}

/** By the time of the first copy: to wait through an outage makes nothing stale. */
function refusal(command: Command, { enqueuedAt }: Origin, { policy }: Entrance, urgent: boolean) {
  if (urgent && !isUrgent(command.type)) return 'notUrgent';
  return untimely(command.time, enqueuedAt, policy.staleAfter);
}

/** A registry that is not configured is denied; what was asked is kept under a host that cannot exist. */
function identityIn({ registries }: Configuration, { data }: Command): TokenIdentity {
  const { registry, token } = data;
  const loginServer = registries.get(registry)?.loginServer ?? `${registry}.invalid`;
  return { registry, loginServer, token };
}

/**
 * As the sender sent it. Where that is too large to say why beside it, the sender's properties are left out; and where
 * the body alone is, its end.
 */
async function setAside(
  message: InboundMessage,
  { messageId, properties }: Origin,
  why: Rejection,
  { messages }: IntakePorts,
): Promise<TakenIn> {
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
      break;
    } catch (error) {
      if (!isFailure(error, 'tooLarge') || index === copies.length - 1) throw error;
    }
  return { result: 'setAside', rejection: why };
}

function queueOf({ entrance, urgent }: Arrival): string {
  return urgent && entrance.urgentQueue !== undefined ? entrance.urgentQueue : entrance.queue;
}
