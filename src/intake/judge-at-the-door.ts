import type { Entrance } from '../configuration/configuration.ts';
import { beginsManagement, type Command, isUrgent } from '../contracts/commands.ts';
import type { Instant } from '../contracts/instants.ts';
import { accessThen, boundScopeMap } from '../judging/access-then.ts';
import { ownershipOf } from '../judging/token-ownership.ts';
import { hour, plus } from '../lifecycle/instant-arithmetic.ts';
import type { TokenIdentity, TokenState } from '../lifecycle/state.ts';
import { type Decision, evaluate } from '../policy/evaluate.ts';
import type { PolicyFacts } from '../policy/judged.ts';
import type { IntakePorts } from './intake-ports.ts';

/** A command that was read, with when the broker took its first copy. */
export interface ReadCommand {
  readonly command: Command;
  readonly entrance: Entrance;
  readonly identity: TokenIdentity;
  readonly enqueuedAt: Instant;
}

/**
 * What the policy says of a command as it comes in: first by itself, so that what nobody may ask costs no look-up, then
 * with what is known by now. It is judged again when it is carried out.
 *
 * @throws ServiceFailure
 */
export async function judgeAtTheDoor(read: ReadCommand, ports: IntakePorts): Promise<Decision> {
  const { command, entrance, enqueuedAt } = read;
  const { profiles } = ports.configuration;
  const judged = { entrance: entrance.name, policy: entrance.policy, profiles, command, now: enqueuedAt };
  const byItself = evaluate({ ...judged, facts: {} });
  return byItself.allowed ? evaluate({ ...judged, facts: await knownFacts(read, ports) }) : byItself;
}

async function knownFacts(
  { command, entrance: { name, policy }, identity, enqueuedAt }: ReadCommand,
  { records, registries, inventory, requests }: IntakePorts,
): Promise<Partial<PolicyFacts>> {
  const state = (await records.readState(identity))?.state;
  const token = ownership(command, state);
  const registry = registries.get(identity.registry);
  const then = registry && (await accessThen(command, state, registry));
  const { tokens, commandsPerHour } = policy.quotas;
  return {
    ...(token === undefined ? {} : { token }),
    ...(then?.known ? { actionsThen: then.actions, ...boundScopeMap(command, then.access) } : {}),
    ...(token === 'none' ? { tokensOfEntrance: await inventory.countTokens(name, tokens, identity) } : {}),
    ...(isUrgent(command.type)
      ? {}
      : {
          commandsInLastHour: await requests.countRequests(
            name,
            plus(enqueuedAt, -hour),
            plus(enqueuedAt, -1),
            commandsPerHour,
          ),
        }),
  };
}

/** The request that makes the token may be on its way still: whether there is one, the lifecycle says. */
function ownership(command: Command, state: TokenState | undefined): PolicyFacts['token'] | undefined {
  const token = ownershipOf(state);
  return token === 'none' && !beginsManagement(command.type) ? undefined : token;
}
