import { createHash } from 'node:crypto';
import { commandKey, contentDigest } from '../contracts/command-key.ts';
import { beginsManagement } from '../contracts/commands.ts';
import { buildEvent, type KeyturnEvent } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';
import { tokenKey } from '../contracts/names.ts';
import { aboutAsker } from '../lifecycle/announce.ts';
import { referenceTo } from '../lifecycle/command-order.ts';
import type { CommandOutcome } from '../lifecycle/settlement.ts';
import { newState, type TokenIdentity } from '../lifecycle/state.ts';
import { sendOutbox } from '../outbox/send-outbox.ts';
import type { Decision } from '../policy/evaluate.ts';
import type { AcceptedCommand } from '../ports/token-records.ts';
import type { Origin } from './inbound-message.ts';
import type { IntakePorts } from './intake-ports.ts';
import { judgeAtTheDoor, type ReadCommand } from './judge-at-the-door.ts';
import { startLifecycle, wakeLifecycle } from './wake-lifecycle.ts';

/** What became of a command. */
export type Acceptance =
  | { readonly result: 'accepted' | 'duplicate'; readonly key: string }
  | { readonly result: 'denied'; readonly key: string; readonly rule: string }
  | { readonly result: 'differentContent'; readonly key: string };

/**
 * Turns a command into its rows, once: a repeat inserts nothing, and sees to it that the lifecycle knows. One that came
 * before is not judged again, or a repeat could be denied by what its first copy has brought about.
 *
 * @throws ServiceFailure; then it may be repeated
 */
export async function acceptCommand(
  read: ReadCommand,
  origin: Origin,
  ports: IntakePorts,
): Promise<Acceptance> {
  const command = accepted(read, origin, ports.clock.now().toISOString());
  const seen = await seenBefore(command, read.identity, ports);
  if (seen === 'elsewhere') return { result: 'differentContent', key: command.key };
  if (!seen) {
    const decision = await judgeAtTheDoor(read, ports);
    if (!decision.allowed) return deny(command, read.identity, decision, ports);
  }
  return insert(command, read.identity, ports);
}

function accepted({ command, entrance }: ReadCommand, origin: Origin, acceptedAt: Instant): AcceptedCommand {
  return {
    key: commandKey(entrance.name, command),
    entrance: entrance.name,
    enqueuedAt: origin.enqueuedAt,
    sequenceNumber: origin.sequenceNumber,
    command,
    digest: contentDigest(command),
    acceptedAt,
  };
}

/** Whether a command with this key came before, for this token or (`elsewhere`) for another one. */
async function seenBefore(
  { entrance, key }: AcceptedCommand,
  token: TokenIdentity,
  { requests, records }: IntakePorts,
): Promise<boolean | 'elsewhere'> {
  const indexed = await requests.findRequest(entrance, key);
  if (!indexed || !(await records.readCommand(indexed, key))) return false;
  return tokenKey(indexed.loginServer, indexed.token) === tokenKey(token.loginServer, token.token)
    ? true
    : 'elsewhere';
}

async function insert(
  command: AcceptedCommand,
  token: TokenIdentity,
  ports: IntakePorts,
): Promise<Acceptance> {
  const { requests, records, inventory, lifecycles } = ports;
  const { key, entrance, enqueuedAt } = command;
  await requests.addRequest({ entrance, key, token, enqueuedAt });
  const inserted = await records.insertCommand(token, command);
  if (inserted === 'differentContent') return { result: inserted, key };
  if (inserted === 'duplicate' && (await records.readCommand(token, key))?.outcome) {
    await tell(token, ports);
    return { result: inserted, key };
  }
  // Most of these are about tokens that nobody has heard of.
  const begins = beginsManagement(command.command.type);
  const requestedBy = begins ? entrance : undefined;
  await inventory.markPending(token.registry, token.token, enqueuedAt, requestedBy);
  await (begins ? startLifecycle : wakeLifecycle)(token, lifecycles);
  return { result: inserted === 'inserted' ? 'accepted' : inserted, key };
}

async function deny(
  command: AcceptedCommand,
  token: TokenIdentity,
  { rule, detail }: Extract<Decision, { allowed: false }>,
  ports: IntakePorts,
): Promise<Acceptance> {
  const { key, entrance, enqueuedAt, acceptedAt: at } = command;
  const outcome: CommandOutcome = { key, status: 'denied', at, code: rule, detail };
  await ports.requests.addRequest({ entrance, key, token, enqueuedAt });
  const event = deniedEvent(command, token, { rule, detail }, at);
  const inserted = await ports.denied.insertDenied(token, command, outcome, event);
  if (inserted === 'differentContent') return { result: inserted, key };
  await tell(token, ports);
  return inserted === 'inserted' ? { result: 'denied', key, rule } : { result: inserted, key };
}

/** Whoever is denied may have no lifecycle that would tell it later: what cannot be told now is put off. */
async function tell(token: TokenIdentity, ports: IntakePorts): Promise<void> {
  const unsent = await sendOutbox(token, ports);
  if (unsent) throw unsent.why;
}

/** Tells whoever sent it, and not whose the token is. */
function deniedEvent(
  command: AcceptedCommand,
  token: TokenIdentity,
  because: { readonly rule: string; readonly detail: string },
  at: Instant,
): KeyturnEvent {
  const data = { ...aboutAsker(newState(token), referenceTo(command)), ...because };
  const id = createHash('sha256')
    .update(JSON.stringify(['denied', command.key]))
    .digest('hex');
  return buildEvent({ type: 'keyturn.token.request-denied', severity: 'warning', data }, id, at);
}
