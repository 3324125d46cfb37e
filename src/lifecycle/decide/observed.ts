import { scopeMapActions } from '../../contracts/access.ts';
import type { Instant } from '../../contracts/instants.ts';
import { sameName } from '../../contracts/names.ts';
import { believedOf } from '../drift/believed.ts';
import {
  accountedFor,
  compare,
  type Deviation,
  type Found,
  type FoundSecret,
  isAhead,
} from '../drift/compare.ts';
import { describeFindings } from '../drift/describe-findings.ts';
import type { StoredObservation } from '../drift/observation.ts';
import { openFindings } from '../drift/open-finding.ts';
import { isDue, latest, plus, second } from '../instant-arithmetic.ts';
import type { WorkOf } from '../plan.ts';
import type { ManagedState, TokenState } from '../state.ts';
import { blockedBy, onRecord, type Proposal, type Situation, type World, withWorld } from './proposal.ts';

/**
 * Whether the token is to be compared with what is believed of it: somebody saw a reason to, or something was done to it
 * while findings were open. Not while it is being made.
 */
export function isToBeObserved({
  state,
  observed,
  now,
}: Pick<Situation, 'state' | 'observed' | 'now'>): boolean {
  if (state.status === 'provisioning' || !isDue(state.failures.observe?.retryAt ?? now, now)) return false;
  return isDue(observed && lookAt(observed), now) || isOutOfDate(state);
}

/** When a look is due that waits; nothing if none does. */
export function observationDue({
  state,
  observed,
}: Pick<Situation, 'state' | 'observed'>): Instant | undefined {
  if (!observed || state.status === 'provisioning') return undefined;
  return latest(lookAt(observed), state.failures.observe?.retryAt);
}

/** In milliseconds. Azure's reports on one change come within seconds of each other. */
const gathering = 10 * second;

/**
 * Of what Keyturn did itself the reports are gathered first: nothing is likely to be wrong, and if somebody else did
 * something just then, the report of it is on its way and says who.
 */
function lookAt({ observation: { noticedBy, at, reports } }: StoredObservation): Instant {
  const isOwn = noticedBy === 'report' && reports.every(({ by }) => by === 'keyturn');
  return isOwn ? plus(at, gathering) : at;
}

/** Findings that were described before the token was worked on. */
function isOutOfDate(state: TokenState): boolean {
  if (state.status === 'none' || openFindings(state.findings).length === 0) return false;
  return (state.comparedBy ?? 0) < state.settled;
}

/** A look at the token, which says what is wrong with it now. */
export function decideObserved(situation: Situation): Proposal {
  const { state, observed } = situation;
  const nothing: WorkOf<'observe'> = { kind: 'observe', findings: {}, accounted: {}, ...seen(observed) };
  if (state.status === 'none' || !believedOf(state)) return onRecord(nothing);
  return lookAgain({ ...situation, state });
}

/** What a look at the token says now. */
export function lookAgain(situation: Situation<ManagedState>): Proposal {
  const { state, facts, observed, now } = situation;
  const unchanged: WorkOf<'observe'> = { kind: 'observe', findings: state.findings ?? {}, accounted: {} };
  return withWorld(situation, unchanged, (world) => {
    const unread = facts.scopeMapActions;
    if (unread && !unread.ok) return blockedBy(unchanged, unread);
    const found = foundIn(situation, world);
    const deviations = deviationsIn(situation, found);
    const believed = believedOf(state);
    const { healing: policy = {} } = facts.rules;
    const observation = observed?.observation;
    const described = describeFindings({ state, deviations, observation, policy, now });
    const findings = believed && isAhead(believed, found) ? { ...state.findings, ...described } : described;
    const accounted = believed ? accountedFor(believed, found) : {};
    return onRecord({ kind: 'observe', findings, accounted, ...seen(observed) });
  });
}

/** What deviates from what is believed, with the actions of the own scope map told apart. */
export function deviationsIn({ state, now }: Situation<ManagedState>, found: Found): Deviation[] {
  const believed = believedOf(state);
  if (!believed) return [];
  return compare(believed, found, now).map((deviation) =>
    deviation.finding === 'scopeMapContentChanged' && found.actions
      ? { ...deviation, differences: actionDifferences(state, found.actions) }
      : deviation,
  );
}

export function foundIn({ state, facts, observed }: Situation<ManagedState>, world: World): Found {
  const actions = facts.scopeMapActions?.ok ? facts.scopeMapActions.value : undefined;
  const reports = observed?.observation.reports ?? [];
  const theft = state.findings?.unpublishedSlotRegenerated?.drift.differences ?? [];
  return {
    token: world.token,
    foreign: theft.flatMap(({ found }) => found ?? []),
    actions,
    secret: foundSecret(world),
    outOfPolicy: facts.outOfPolicy,
    madeByOthers: reports
      .filter(({ by, operation }) => by === 'others' && operation === 'credentialsGenerated')
      .map(({ at }) => at),
  };
}

/** The vault's times are cut to whole seconds: of versions of the same second ours is taken for the newest. */
function foundSecret({ secret: { standing, versions }, publications }: World): FoundSecret {
  const ours = publications[0];
  const newest = versions.reduce<string>(
    (latest, { createdAt }) => (createdAt > latest ? createdAt : latest),
    '',
  );
  if (!ours || ours.version.createdAt < newest) return { standing };
  const { incarnation, generation } = ours.tags;
  return { standing, enabled: ours.version.enabled, ours: { incarnation, generation } };
}

const longestText = 256;

function actionDifferences(
  { managed: { access } }: ManagedState,
  found: readonly string[],
): Deviation['differences'] {
  const believed = scopeMapActions(access.repositories ?? {});
  const without = (some: readonly string[], others: readonly string[]) =>
    some.filter((action) => !others.some((other) => sameName(action, other)));
  const added = without(found, believed).join(' ').slice(0, longestText);
  const removed = without(believed, found).join(' ').slice(0, longestText);
  return [
    ...(added === '' ? [] : [{ what: 'actionsAdded', found: added }]),
    ...(removed === '' ? [] : [{ what: 'actionsRemoved', believed: removed }]),
  ];
}

function seen(observed: StoredObservation | undefined): Pick<WorkOf<'observe'>, 'seen'> {
  return observed ? { seen: observed.etag } : {};
}
