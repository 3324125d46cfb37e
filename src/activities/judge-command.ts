import type { Entrance } from '../configuration/configuration.ts';
import { beginsManagement } from '../contracts/commands.ts';
import type { Instant } from '../contracts/instants.ts';
import { internalEntrance } from '../contracts/internal-commands.ts';
import { type AccessThen, accessThen, boundScopeMap, unfitForScopeMap } from '../judging/access-then.ts';
import { isOwnCommand } from '../judging/own-command.ts';
import { ownershipOf } from '../judging/token-ownership.ts';
import type { Unfitness } from '../judging/unfit.ts';
import type { PendingCommand } from '../lifecycle/command-order.ts';
import type { Judgement } from '../lifecycle/facts.ts';
import type { TokenState } from '../lifecycle/state.ts';
import { type DenialRule, evaluateWhenPlanning } from '../policy/evaluate.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { ActivityPorts } from './activity-ports.ts';
import { stepFailureCode } from './failure-codes.ts';
import { requestedToken } from './requested-token.ts';
import { configured } from './step-context.ts';

/** What the policy says of a command now that it is to be carried out, with everything known that it looks at. */
export async function judgeCommand(
  pending: PendingCommand,
  state: TokenState,
  now: Instant,
  ports: ActivityPorts,
): Promise<Judgement> {
  if (pending.entrance === internalEntrance) return judgeOwn(pending);
  const entrance = ports.configuration.entrances.get(pending.entrance);
  if (!entrance) return denied('entranceNotConfigured', pending.entrance);
  try {
    return await judge(pending, state, entrance, now, ports);
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { retryAt } = error;
    const code = stepFailureCode(error);
    return { verdict: 'unknown', code, ...(retryAt === undefined ? {} : { retryAt }) };
  }
}

/** No message comes by that entrance: no configured one may have its name. */
function judgeOwn({ command }: PendingCommand): Judgement {
  return isOwnCommand(command) ? { verdict: 'allowed' } : denied('commandNotAllowed', command.type);
}

async function judge(
  pending: PendingCommand,
  state: TokenState,
  entrance: Entrance,
  now: Instant,
  ports: ActivityPorts,
): Promise<Judgement> {
  const { command } = pending;
  const { policy } = entrance;
  const token = ownershipOf(state);
  const registry = configured(ports.registries, state.identity.registry);
  const then = await accessThen(command, state, registry);
  const isNew = beginsManagement(command.type) && token === 'none';
  const { tokens } = policy.quotas;
  const decision = evaluateWhenPlanning({
    entrance: entrance.name,
    policy,
    profiles: ports.configuration.profiles,
    command,
    now,
    facts: {
      token,
      actionsThen: then?.known ? then.actions : [],
      ...(then?.known ? boundScopeMap(command, then.access) : {}),
      tokensOfEntrance: isNew ? await ports.inventory.countTokens(entrance.name, tokens, state.identity) : 0,
    },
  });
  if (!decision.allowed) return denied(decision.rule, decision.detail);
  if (then && !then.known)
    return then.code === 'noSuchToken'
      ? denied(then.code, command.data.token)
      : { verdict: 'unknown', code: then.code };
  return allowed(pending, state, entrance, then, ports);
}

function allowed(
  { command, enqueuedAt }: PendingCommand,
  { identity }: TokenState,
  { name, policy }: Entrance,
  then: Extract<AccessThen, { known: true }> | undefined,
  { configuration }: ActivityPorts,
): Judgement {
  if (!then) return { verdict: 'allowed' };
  const { access, actions } = then;
  const unfit = unfitForScopeMap(access, actions);
  if (unfit) return denied(unfit, `${actions.length}`);
  if (command.type !== 'keyturn.token.requested' && command.type !== 'keyturn.token.adoption-requested')
    return { verdict: 'allowed', access };
  const request = command.data;
  const asked = { request, entrance: name, policy, enqueuedAt, identity, access };
  return { verdict: 'allowed', managed: requestedToken(asked, configuration) };
}

function denied(rule: DenialRule | Unfitness, detail: string): Judgement {
  return { verdict: 'denied', rule, detail };
}
