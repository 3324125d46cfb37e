import type { Drift } from '../../contracts/event-data.ts';
import type { TokenFinding } from '../../contracts/findings.ts';
import type { Instant } from '../../contracts/instants.ts';
import type { ManagedState } from '../state.ts';
import { type Attribution, attribute, knowsMore } from './attribution.ts';
import type { Deviation } from './compare.ts';
import { type HealingPolicy, nextHealing } from './healing.ts';
import type { Observation } from './observation.ts';
import type { OpenFindings, OpenTokenFinding } from './open-finding.ts';

export interface Looked {
  readonly state: ManagedState;
  readonly deviations: readonly Deviation[];
  /** Missing: Keyturn looked because it had done something itself. */
  readonly observation?: Observation | undefined;
  readonly policy: HealingPolicy;
  readonly now: Instant;
}

/** The findings that are open after a look at the token: what was open before and still is keeps its beginning. */
export function describeFindings(looked: Looked): OpenFindings {
  return Object.fromEntries(
    looked.deviations.map((deviation) => [deviation.finding, describe(deviation, looked)]),
  );
}

function describe(deviation: Deviation, looked: Looked): OpenTokenFinding {
  const { state, observation, now } = looked;
  const { finding, severity } = deviation;
  const earlier = state.findings?.[finding];
  const seen = attribute(deviation, observation?.reports ?? []);
  const differences = deviation.differences.map((each) => ({ ...each }));
  if (earlier && isSame(earlier.drift.differences, differences)) {
    const drift = knowsMore(seen, earlier.drift)
      ? withMore(earlier.drift, deviation, seen, looked)
      : earlier.drift;
    return { severity, drift: withNext(drift, finding, looked) };
  }
  const drift: Drift = {
    finding,
    since: now,
    ...attributed(seen),
    ...deadlineOf(deviation, seen, state, now),
    differences,
    noticedBy: observation?.noticedBy ?? 'report',
    done: 'nothing',
  };
  return { severity, drift: withNext(drift, finding, looked) };
}

/** Once it is known when it happened, so is until when the password worked. */
function withMore(earlier: Drift, deviation: Deviation, seen: Attribution, { state, now }: Looked): Drift {
  const deadline = seen.at === undefined ? {} : deadlineOf(deviation, seen, state, now);
  return { ...earlier, ...attributed(seen), ...deadline };
}

function attributed({
  cause,
  evidence,
  actor,
  at,
}: Attribution): Partial<Drift> & Pick<Drift, 'cause' | 'evidence'> {
  return {
    cause,
    evidence: [...evidence],
    ...(actor ? { actor } : {}),
    ...(at === undefined ? {} : { happenedAt: at }),
  };
}

/** What failed before is tried again at its time; what is given up stays so, unless something else is found. */
function withNext(drift: Drift, finding: TokenFinding, { state, policy, now }: Looked): Drift {
  const { next: _next, code: _code, done, ...kept } = drift;
  if (drift.next && drift.next.at > now) return drift;
  if (done === 'parked' || drift.code === 'massDrift') return drift;
  const healedAt = state.healed?.[finding] ?? [];
  const healing = nextHealing({ ...drift, finding }, { status: state.status, policy, healedAt, now });
  if (healing.action) return { ...kept, done, next: { action: healing.action, at: now } };
  const code = healing.code ?? (done === 'failed' ? drift.code : undefined);
  return { ...kept, done: healing.done ?? done, ...(code === undefined ? {} : { code }) };
}

const stopsAtOnce: ReadonlySet<TokenFinding> = new Set([
  'disabledOutOfBand',
  'deletedOutOfBand',
  'publishedDead',
]);
/** The password works on, but nobody can read it any more; or what was read before works on until then. */
const stopsWithExpiry: ReadonlySet<TokenFinding> = new Set([
  'secretMissing',
  'secretDisabled',
  'secretForeign',
]);

function deadlineOf(
  { finding, severity }: Deviation,
  { at }: Attribution,
  { status, published, credentials }: ManagedState,
  now: Instant,
): Pick<Drift, 'deadline'> {
  const expiresAt = published && credentials[published]?.expiresAt;
  if (status !== 'active' || expiresAt === undefined) return {};
  const isVanished = finding === 'passwordVanished' && severity === 'critical';
  if (stopsAtOnce.has(finding) || isVanished) return { deadline: at ?? now };
  return stopsWithExpiry.has(finding) ? { deadline: expiresAt } : {};
}

function isSame(one: Drift['differences'], other: Drift['differences']): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
