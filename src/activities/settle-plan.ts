import type { Instant } from '../contracts/instants.ts';
import type { SettleRequest } from '../lifecycle/activity-calls.ts';
import { evolve } from '../lifecycle/evolve.ts';
import type { WorkKind } from '../lifecycle/plan.ts';
import { isOpen, type TokenIdentity, type TokenState } from '../lifecycle/state.ts';
import { planSettledRecord } from '../observability/plan-settled-record.ts';
import { isFailure, ServiceFailure } from '../ports/service-failure.ts';
import type { OutboxEvent } from '../ports/token-records.ts';
import { troubleOf } from '../ports/trouble.ts';
import { resolveUnmanaged } from '../watch/unmanaged-token.ts';
import type { ActivityPorts } from './activity-ports.ts';
import { identityOf } from './identity.ts';
import { inventoryRow, refreshRow, waitingOf } from './inventory-row.ts';
import { listFindings } from './list-findings.ts';
import { tellWhatHappened } from './tell-what-happened.ts';

/** How often another attempt may be faster before this one gives up. */
const mostTries = 3;

/** Work on tokens that a comparison of their registry may have met before as managed by nobody. */
const takesOver: ReadonlySet<WorkKind> = new Set<WorkKind>(['adopt', 'recover']);
/** What is about to be taken over may still be given up. */
const notYetManaged: ReadonlySet<TokenState['status']> = new Set<TokenState['status']>([
  'none',
  'provisioning',
  'deleted',
]);

/**
 * The activity `settle`: closes a plan in one transaction, then brings the inventory up to date, ends the finding that
 * nobody manages a token that was taken over, and sends what there is to tell. Repeated, or of a plan that is no longer
 * the record's, it only does what is left of all that.
 * What cannot be told now is left to the next plan, or a topic that is down would hold up a revocation that waits.
 *
 * @throws ServiceFailure
 */
export async function settlePlan(request: SettleRequest, ports: ActivityPorts): Promise<null> {
  const identity = identityOf(ports.configuration, request);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const closed = await tryToClose(identity, request, ports);
    if (!closed) continue;
    if (closed.state) await updateInventory(closed.state, request.now, ports);
    if (takesOver.has(request.plan.work.kind)) await endUnmanaged(closed.state, request.now, ports);
    await tellWhatHappened('settle', identity, closed.outbox, ports);
    return null;
  }
  throw new ServiceFailure({ service: 'records', operation: 'closePlan', code: 'conflict' });
}

interface Closed {
  /** Missing: there is no record any more. */
  readonly state?: TokenState;
  readonly outbox: readonly OutboxEvent[];
}

/** The record as it is then; undefined if somebody else was faster. */
async function tryToClose(
  identity: TokenIdentity,
  { plan, results, now }: SettleRequest,
  { records, tell }: ActivityPorts,
): Promise<Closed | undefined> {
  const record = await records.readRecord(identity);
  const { stored, outbox } = record;
  if (!stored) return { outbox };
  if (!isOpen(stored.state, plan.number)) return { state: stored.state, outbox };
  const settlement = evolve(stored.state, plan, results, now);
  const events = await records.closePlan(settlement, record);
  if (!events) return undefined;
  if (settlement.history.length > 0) tell(planSettledRecord({ plan, results, now }, settlement));
  return { state: settlement.state, outbox: [...outbox, ...events] };
}

/** Whether commands still wait is left to the next plan to say. */
async function updateInventory(
  state: TokenState,
  now: Instant,
  { inventory, findings }: ActivityPorts,
): Promise<void> {
  const { registry, token } = state.identity;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const earlier = await inventory.readRow(registry, token);
    const row = inventoryRow(state, earlier && waitingOf(earlier.row), now);
    if (earlier && earlier.row.plan > row.plan) return;
    await listFindings(state, earlier?.row, findings);
    if (await refreshRow(inventory, row, earlier)) return;
  }
}

/** What was taken over is managed now. If that cannot be told, the next comparison of the registry tells it. */
async function endUnmanaged(
  state: TokenState | undefined,
  now: Instant,
  ports: ActivityPorts,
): Promise<void> {
  if (!state || notYetManaged.has(state.status)) return;
  const { registry, token } = state.identity;
  try {
    await resolveUnmanaged(registry, token, now, ports);
  } catch (error) {
    if (!isFailure(error)) throw error;
    ports.report({ activity: 'settle', registry, token, ...troubleOf(error) });
  }
}
