import type { TokenFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import { sameName } from '../contracts/names.ts';
import { outOfPolicy } from '../judging/out-of-policy.ts';
import { neededFacts } from '../lifecycle/decide.ts';
import { massDriftLimit, massDriftWithin } from '../lifecycle/drift/mass-drift.ts';
import type {
  Facts,
  Judgement,
  NeededFacts,
  Reading,
  RegistryToken,
  Rules,
  VaultSecret,
} from '../lifecycle/facts.ts';
import { plus } from '../lifecycle/instant-arithmetic.ts';
import type { Managed, ManagedState, TokenState } from '../lifecycle/state.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { TokenRecord } from '../ports/token-records.ts';
import { heldBack } from '../watch/mass-drift.ts';
import type { ActivityPorts } from './activity-ports.ts';
import { stepFailureCode } from './failure-codes.ts';
import { findLostSecret, isOurs, noSecret, readSecret } from './find-secret.ts';
import { judgeCommand } from './judge-command.ts';
import { configured } from './step-context.ts';

/** Looks up everything that the next decision depends on, and nothing else. */
export async function gatherFacts(
  state: TokenState,
  { pending, observed }: Pick<TokenRecord, 'pending'> & { readonly observed: TokenRecord['observed'] },
  now: Instant,
  ports: ActivityPorts,
): Promise<Facts> {
  const needed = neededFacts(state, pending, now, observed);
  const judgements: Record<string, Judgement> = {};
  for (const command of pending.filter(({ key }) => needed.judgements.includes(key)))
    judgements[command.key] = await judgeCommand(command, state, now, ports);
  const managed = managedThen(state, Object.values(judgements));
  const rules = rulesOf(managed, ports);
  if (!needed.world) return { rules, judgements };
  const registry = configured(ports.registries, state.identity.registry);
  const token = await reading(() => registry.readToken(state.identity.token));
  const secret = await reading(() => secretOf(state, managed, token, ports));
  if (!needed.scopeMapActions) return { rules, judgements, token, secret };
  const scopeMap = await reading(async () =>
    token.ok && token.value ? registry.readScopeMap(token.value.scopeMap) : null,
  );
  const scopeMapActions = scopeMap.ok ? { ...scopeMap, value: scopeMap.value?.actions ?? null } : scopeMap;
  const compared = await comparedFacts(
    state,
    { token, scopeMapActions, healing: needed.healing },
    now,
    ports,
  );
  const described = scopeMap.ok && scopeMap.value ? { scopeMapDescription: scopeMap.value.description } : {};
  return { rules, judgements, token, secret, scopeMapActions, ...described, ...compared };
}

/** How the token is to be managed: while it lives as its record says, else as a request asks for. */
function managedThen(state: TokenState, judgements: readonly Judgement[]): Managed | undefined {
  const asked = judgements.find((each) => each.verdict === 'allowed');
  if (state.status === 'none') return asked?.managed;
  const isAlive = state.status === 'active' || state.status === 'disabled' || state.status === 'revoked';
  return isAlive ? state.managed : (asked?.managed ?? state.managed);
}

function rulesOf(managed: Managed | undefined, { configuration }: ActivityPorts): Rules {
  const policy = managed && configuration.entrances.get(managed.entrance)?.policy;
  const longestValidity = managed && configuration.vaults.get(managed.delivery.vault)?.longestValidity;
  return {
    ...(longestValidity === undefined ? {} : { longestValidity }),
    healing: policy?.healing ?? {},
    disableSecret: policy?.onDisable !== 'keepSecret',
    rotateOnScopeMapChange: policy?.rotateOnScopeMapChange ?? false,
    rotationWindows: policy?.rotationWindows ?? [],
  };
}

type Compared = Required<Pick<Facts, 'token' | 'scopeMapActions'>> & {
  readonly healing: NeededFacts['healing'];
};

/** What the policy says of the token as it is, and whether too many others are like it. */
async function comparedFacts(
  state: TokenState,
  { token, scopeMapActions, healing }: Compared,
  now: Instant,
  ports: ActivityPorts,
): Promise<Pick<Facts, 'outOfPolicy' | 'isMassDrift'>> {
  if (state.status === 'none') return {};
  const { registry } = state.identity;
  const found = token.ok && token.value && scopeMapActions.ok && scopeMapActions.value;
  const outside = found ? outsideOf(state, token.value, scopeMapActions.value, ports) : undefined;
  return {
    ...(outside === undefined ? {} : { outOfPolicy: outside }),
    ...(healing === undefined ? {} : { isMassDrift: await isMassDrift(registry, healing, now, ports) }),
  };
}

function outsideOf(
  { identity: { token }, managed: { entrance, access } }: ManagedState,
  { scopeMap }: RegistryToken,
  actions: readonly string[],
  { configuration }: ActivityPorts,
): string | undefined {
  const policy = configuration.entrances.get(entrance)?.policy;
  const own = access.own && sameName(access.scopeMap, scopeMap);
  return policy && outOfPolicy({ token, scopeMap, own, actions }, policy);
}

async function isMassDrift(
  registry: string,
  finding: TokenFinding,
  now: Instant,
  ports: ActivityPorts,
): Promise<boolean> {
  const { inventory, findings } = ports;
  if ((await heldBack(registry, ports)).includes(finding)) return true;
  const limit = massDriftLimit(await inventory.countManaged(registry));
  return (await findings.countSince(registry, finding, plus(now, -massDriftWithin), limit + 1)) > limit;
}

/** A token without a record whose secret is not where it would be now may have been made under another name. */
async function secretOf(
  state: TokenState,
  managed: Managed | undefined,
  token: Reading<RegistryToken | null>,
  ports: ActivityPorts,
): Promise<VaultSecret> {
  const { identity, status } = state;
  const expected = managed && (await readSecret(managed.delivery, ports));
  const mayBeLost = status === 'none' && token.ok && token.value !== null;
  if (!mayBeLost || (expected && isOurs(expected, identity))) return expected ?? noSecret(identity);
  return (await findLostSecret(identity, ports)) ?? expected ?? noSecret(identity);
}

async function reading<Value>(read: () => Promise<Value>): Promise<Reading<Value>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { retryAt } = error;
    return { ok: false, code: stepFailureCode(error), ...(retryAt === undefined ? {} : { retryAt }) };
  }
}
