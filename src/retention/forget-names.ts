import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { InventoryRow, StoredRow } from '../ports/inventory.ts';
import type { RecordRemains } from '../ports/retention.ts';
import { identityOf } from './clear-histories.ts';
import { inGroups } from './in-groups.ts';
import { listNames } from './list-names.ts';
import { cutoff, isForgettable } from './outlived.ts';
import type { RetentionPorts } from './retention-ports.ts';

/**
 * Forgets names whose token was deleted long ago, and names that never had one: record, lifecycle and row of the
 * inventory. Answers which.
 *
 * @throws ServiceFailure
 */
export async function forgetNames(
  now: Instant,
  most: number,
  ports: RetentionPorts,
): Promise<TokenIdentity[]> {
  const before = cutoff(now, ports.configuration.retention.deletedTokens);
  const forgotten: TokenIdentity[] = [];
  let begun = 0;
  for (const status of ['deleted', 'none'] as const) {
    const tried = inGroups(listNames({ status }, ports), async ({ registry, token }) => {
      const identity = identityOf(registry, token, ports);
      return { identity, result: await forgetName(identity, before, ports) };
    });
    for await (const group of tried) {
      forgotten.push(...group.flatMap(({ identity, result }) => (result === 'forgotten' ? identity : [])));
      begun += group.filter(({ result }) => result !== 'kept').length;
      if (begun >= most) return forgotten;
    }
  }
  return forgotten;
}

/** `begun`: somebody asked for it meanwhile, or its lifecycle has not ended yet; then the next run goes on. */
export type Forgetting = 'forgotten' | 'begun' | 'kept';

/**
 * One name. It may be stopped, frozen and run twice at every line, and somebody may request the name anew meanwhile: that
 * request makes a token as if it had come before or after all of this. For a token has one writer, its lifecycle, and all
 * that it writes is conditional on the state that it read, as the removal of that state is: one of the two is too late.
 *
 * 1. The row of the inventory is made to say that nothing is known, if nothing has happened to it. It is still found by
 *    the next run, if this one ends here; and unlike that of the deleted token, whose plans were numbered further, the
 *    row can be written by the lifecycle of a new one.
 * 2. The rows that only tell of the past go, each if it is as it was read, and before the state: a lifecycle that begins a
 *    new life meanwhile goes on from the state as it is, with higher numbers, so that nothing of it has their keys.
 * 3. The state goes, if it is as it was read. From then on the name is free.
 * 4. The lifecycle is ended, unless somebody asks for the name by then. One that was woken in this very moment is
 *    started again by reconcile, since its row of the inventory says that a command waits.
 * 5. The row goes, if it still says that nothing is known.
 */
export async function forgetName(
  identity: TokenIdentity,
  before: Instant,
  ports: RetentionPorts,
): Promise<Forgetting> {
  const { inventory, clock, retention } = ports;
  const { records, lifecycles } = retention;
  const row = await inventory.readRow(identity.registry, identity.token);
  if (!row || !isIdle(row.row)) return 'kept';
  const remains = await records.readRemains(identity);
  if (!isForgettable(remains, before, clock.now().toISOString())) return 'kept';
  const reset = isBlank(row.row) ? row : await retention.inventory.resetRow(row);
  if (!reset || !(await removeRecord(identity, remains, before, ports))) return 'begun';
  if (!(await isGone(identity, ports)) || !(await lifecycles.remove(identity))) return 'begun';
  return (await retention.inventory.removeRow(reset)) ? 'forgotten' : 'begun';
}

/** Nobody has asked for it, it is not looked after, and nothing is wrong with it. */
function isIdle({ pendingSince, requestedBy, lookAt, findings = [] }: InventoryRow): boolean {
  return [pendingSince, requestedBy, lookAt].every((each) => each === undefined) && findings.length === 0;
}

function isBlank({ status, plan }: StoredRow['row']): boolean {
  return status === 'none' && plan === 0;
}

/** What became of commands since is kept for its own time, and found by the index of requests. */
async function removeRecord(
  identity: TokenIdentity,
  { stored, history, ended, empty, lease }: RecordRemains,
  before: Instant,
  { retention: { records } }: RetentionPorts,
): Promise<boolean> {
  const past = [...history, ...ended.filter(({ endedAt }) => endedAt < before)];
  for (const row of [...past, ...empty, ...(lease ? [lease] : [])])
    if (!(await records.removeUnchanged(identity, row))) return false;
  return stored === undefined || records.removeState(stored);
}

async function isGone(identity: TokenIdentity, { retention }: RetentionPorts): Promise<boolean> {
  const { stored, waits } = await retention.records.readRemains(identity);
  return stored === undefined && !waits;
}
