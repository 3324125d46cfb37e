import { wakeLifecycle } from '../intake/wake-lifecycle.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { AcceptedCommand } from '../ports/token-records.ts';
import type { RotationSchedulePorts } from './rotation-schedule-ports.ts';

/** `unwoken`: it is in the token's record, and whoever looks after late lifecycles will wake the token's. */
export type Posted = 'posted' | 'repeated' | 'unwoken';

/**
 * Puts a command into a token's record and wakes its lifecycle. A repeat does only what is left of it.
 *
 * @throws ServiceFailure; then it may be repeated
 */
export async function postRotation(
  command: AcceptedCommand,
  token: TokenIdentity,
  { requests, records, inventory, lifecycles }: Omit<RotationSchedulePorts, 'configuration' | 'clock'>,
): Promise<Posted> {
  const { key, entrance, enqueuedAt, acceptedAt } = command;
  await requests.addRequest({ entrance, key, token, enqueuedAt });
  const isNew = (await records.insertCommand(token, command)) === 'inserted';
  if (!isNew && (await records.readCommand(token, key))?.outcome) return 'repeated';
  await inventory.markPending(token.registry, token.token, acceptedAt);
  try {
    await wakeLifecycle(token, lifecycles);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return 'unwoken';
  }
  return isNew ? 'posted' : 'repeated';
}
