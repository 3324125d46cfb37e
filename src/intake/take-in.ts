import type { Configuration, Entrance } from '../configuration/configuration.ts';
import { type Command, isUrgent } from '../contracts/commands.ts';
import { parseCommand } from '../contracts/parse-command.ts';
import { type Rejection, rejection } from '../contracts/rejections.ts';
import { millisecondsBetween, second } from '../lifecycle/instant-arithmetic.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import { untimely } from '../policy/timeliness.ts';
import { type Acceptance, acceptCommand } from './accept-command.ts';
import { type InboundMessage, type Origin, originOf } from './inbound-message.ts';
import type { IntakePorts } from './intake-ports.ts';
import { setAside } from './set-aside.ts';
import { type PutOff, tryOrPutOff } from './try-or-put-off.ts';

/** Which queue a message came by. */
export interface Arrival {
  readonly entrance: Entrance;
  /** By the entrance's urgent queue. */
  readonly urgent: boolean;
}

/** What a command asked for, and how long it had waited in its queue and in copies. */
interface Asked {
  readonly type: Command['type'];
  readonly registry: string;
  readonly token: string;
  readonly waitedSeconds: number;
}

/** What became of a message. In any case it is done with, and to be completed. */
export type TakenIn =
  | (Exclude<Acceptance, { result: 'differentContent' }> & Asked)
  | { readonly result: 'setAside'; readonly rejection: Rejection }
  | PutOff;

/**
 * Takes in one message: parse, judge, insert the command's rows, start or wake the token's lifecycle. What is no
 * command is set aside. What it needs is down: put off.
 *
 * @throws if not even that is possible; then the broker hands it out again, and dead-letters it in the end
 */
export async function takeIn(
  message: InboundMessage,
  arrival: Arrival,
  ports: IntakePorts,
): Promise<TakenIn> {
  return tryOrPutOff(message, queueOf(arrival), () => takeInOnce(message, arrival, ports), ports);
}

async function takeInOnce(
  message: InboundMessage,
  { entrance, urgent }: Arrival,
  ports: IntakePorts,
): Promise<TakenIn> {
  const origin = originOf(message);
  const parsed = parseCommand(message.body);
  if (!parsed.ok) return rejected(message, origin, parsed.rejection, ports);
  const { command } = parsed;
  const refused = refusal(command, origin, entrance, urgent);
  if (refused) return rejected(message, origin, rejection(refused), ports);
  const identity = identityIn(ports.configuration, command);
  const { enqueuedAt } = origin;
  const acceptance = await acceptCommand({ command, entrance, identity, enqueuedAt }, origin, ports);
  if (acceptance.result !== 'differentContent') return { ...acceptance, ...asked(command, origin, ports) };
  return rejected(message, origin, rejection('duplicateIdDifferentContent'), ports);
}

function asked({ type, data }: Command, { enqueuedAt }: Origin, { clock }: IntakePorts): Asked {
  const { registry, token } = data;
  const waited = millisecondsBetween(enqueuedAt, clock.now().toISOString()) / second;
  return { type, registry, token, waitedSeconds: Math.max(0, Math.round(waited)) };
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

async function rejected(
  message: InboundMessage,
  origin: Origin,
  why: Rejection,
  ports: IntakePorts,
): Promise<TakenIn> {
  await setAside(message, origin, why, ports);
  return { result: 'setAside', rejection: why };
}

function queueOf({ entrance, urgent }: Arrival): string {
  return urgent && entrance.urgentQueue !== undefined ? entrance.urgentQueue : entrance.queue;
}
