import type { RotationSchedule } from '../configuration/rotation-schedules-document.ts';
import { subjectOf } from '../contracts/cloud-event.ts';
import { commandKey, contentDigest } from '../contracts/command-key.ts';
import type { CommandOf } from '../contracts/commands.ts';
import type { Instant } from '../contracts/instants.ts';
import { internalEntrance } from '../contracts/internal-commands.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { AcceptedCommand } from '../ports/token-records.ts';

/**
 * What a schedule asks for when it comes up: the same command, with the same key, however often it is made. It was
 * asked for when the schedule came up, so a password that was issued since answers it.
 */
export function rotationCommand(
  { name, reason }: Pick<RotationSchedule, 'name' | 'reason'>,
  occurrence: Instant,
  { registry, token }: TokenIdentity,
  acceptedAt: Instant,
): AcceptedCommand {
  const command: CommandOf<'keyturn.token.rotation-requested'> = {
    specversion: '1.0',
    id: [name, occurrence, registry, token.toLowerCase()].join('/'),
    source: `keyturn/rotation-schedules/${name}`,
    type: 'keyturn.token.rotation-requested',
    subject: subjectOf(registry, token),
    time: occurrence,
    datacontenttype: 'application/json',
    data: { registry, token, compromised: false, ...(reason === undefined ? {} : { reason }) },
  };
  return {
    key: commandKey(internalEntrance, command),
    entrance: internalEntrance,
    enqueuedAt: occurrence,
    // There is no queue in which it had a place.
    sequenceNumber: '0',
    command,
    digest: contentDigest(command),
    acceptedAt,
  };
}
