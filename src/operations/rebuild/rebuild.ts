import type { Instant } from '../../contracts/instants.ts';
import type { Status } from '../../lifecycle/state.ts';
import { forEach } from '../patiently.ts';
import { findTokens, type WorldPorts } from './find-tokens.ts';
import { type RecordPorts, restoreRecord, restoreRow, statusOnRecord } from './restore-record.ts';
import { type FoundToken, type Restoration, restoredState } from './restored-state.ts';

export interface RebuildPorts extends WorldPorts, RecordPorts {}

export interface Rebuilding {
  readonly registries: readonly string[];
  /** Whether anything is written. */
  readonly write: boolean;
  readonly now: Instant;
}

/** What became, or would become, of one token. */
export type Outcome = { readonly registry: string; readonly token: string } & (
  | Restoration
  /** There is a record, which stays as it is. `rowWritten`: its row of the inventory was missing. */
  | { readonly kind: 'alreadyThere'; readonly status: Status; readonly rowWritten: boolean }
);

const atATime = 8;

/**
 * Restores the records of all tokens that can be found, or says what it would restore. Everything is read before
 * anything is written, and it may be run again at any time, also after it was stopped half way.
 *
 * @throws ServiceFailure
 */
export async function rebuild(
  { registries, write, now }: Rebuilding,
  ports: RebuildPorts,
): Promise<Outcome[]> {
  const found = await findTokens(registries, ports);
  return forEach(found, atATime, async (token) => {
    const { registry, token: name } = token.identity;
    return { registry, token: name, ...(await outcomeOf(token, write, now, ports)) };
  });
}

type Result = Restoration | Omit<Extract<Outcome, { kind: 'alreadyThere' }>, 'registry' | 'token'>;

async function outcomeOf(
  found: FoundToken,
  write: boolean,
  now: Instant,
  ports: RebuildPorts,
): Promise<Result> {
  const restoration = restoredState(found, ports.configuration, now);
  if (restoration.kind === 'notKeyturns') return restoration;
  const there = await statusOnRecord(found.identity, ports);
  if (there !== undefined) {
    const rowWritten = write && (await restoreRow(found.identity, now, ports));
    return { kind: 'alreadyThere', status: there, rowWritten };
  }
  if (restoration.kind !== 'restored' || !write) return restoration;
  if (await restoreRecord(restoration.state, now, ports)) return restoration;
  const status = (await statusOnRecord(found.identity, ports)) ?? restoration.state.status;
  return { kind: 'alreadyThere', status, rowWritten: false };
}
