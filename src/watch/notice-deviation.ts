import type { TokenFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import { wakeLifecycle } from '../intake/wake-lifecycle.ts';
import { type Believed, believedOf } from '../lifecycle/drift/believed.ts';
import { compare, type Found } from '../lifecycle/drift/compare.ts';
import type { Observation } from '../lifecycle/drift/observation.ts';
import { openFindings } from '../lifecycle/drift/open-finding.ts';
import type { TokenIdentity, TokenState } from '../lifecycle/state.ts';
import type { WatchPorts } from './watch-ports.ts';

/** How a token was found, and which findings that can tell. */
export interface Sight {
  readonly found: Found;
  /** Missing: all of them. */
  readonly judged?: ReadonlySet<TokenFinding> | undefined;
}

/** The findings that a look at the token alone can tell: not at its scope map, not at its secret. */
export const toldByToken: ReadonlySet<TokenFinding> = new Set([
  'disabledOutOfBand',
  'deletedOutOfBand',
  'reEnabledOutOfBand',
  'scopeMapChanged',
  'passwordVanished',
  'publishedDead',
  'unpublishedSlotRegenerated',
]);

/** Whether a token shows other findings than those that are known of it. */
export function deviates(
  believed: Believed,
  known: readonly TokenFinding[],
  { found, judged }: Sight,
  now: Instant,
): boolean {
  const isJudged = (finding: TokenFinding) => judged?.has(finding) ?? true;
  const shown = new Set(compare(believed, found, now).map(({ finding }) => finding));
  const told = new Set(known.filter(isJudged));
  const wanted = [...shown].filter(isJudged);
  return wanted.length !== told.size || wanted.some((finding) => !told.has(finding));
}

/** What became of a token that seemed to deviate. */
export type Noticed =
  /** Its lifecycle was woken to look at it. */
  | 'woken'
  /** Its lifecycle is at work, and looks when it is done. */
  | 'noted'
  /** By its record it does not deviate, or not more than is known. */
  | 'asKnown';

/**
 * Has a token looked at that seems to deviate, unless its record says otherwise: what it was held against may be out of
 * date by now.
 *
 * @throws ServiceFailure
 */
export async function noticeDeviation(
  token: TokenIdentity,
  sight: Sight,
  observation: Observation,
  ports: Pick<WatchPorts, 'records' | 'lifecycles'>,
): Promise<Noticed> {
  const stored = await ports.records.readState(token);
  if (!stored || !stateDeviates(stored.state, sight, observation.at)) return 'asKnown';
  return observe(stored.state.identity, observation, ports);
}

/** Has a token looked at. One whose plan is open need not be woken: it reads what was noted before its next plan. */
export async function observe(
  token: TokenIdentity,
  observation: Observation,
  { records, lifecycles }: Pick<WatchPorts, 'records' | 'lifecycles'>,
): Promise<Noticed> {
  await records.addObservation(token, observation);
  const state = (await records.readState(token))?.state;
  if (state && state.settled < state.plan) return 'noted';
  await wakeLifecycle(token, lifecycles);
  return 'woken';
}

function stateDeviates(state: TokenState, sight: Sight, now: Instant): boolean {
  const believed = state.status === 'none' ? undefined : believedOf(state);
  if (state.status === 'none' || !believed) return false;
  const known = openFindings(state.findings).map(([finding]) => finding);
  return deviates(believed, known, sight, now);
}
