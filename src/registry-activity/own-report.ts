import { isOwnRequestId } from '../adapters/own-request-id.ts';
import type { RegistryReport, ReportedActor } from './registry-report.ts';

/** Keyturn's identity as the configuration has it. What is not configured is not compared. */
export interface OwnIdentity {
  readonly clientId?: string | undefined;
  readonly objectId?: string | undefined;
}

/**
 * Whether Keyturn did it: the identity is ours, and so is the request id, if one is told. Azure leaves it out of creations.
 * Another id is looked into, whosever identity it is; and what is believed is compared with the registry every hour in
 * any case.
 */
export function isOwnReport(
  { actor, clientRequestId }: Pick<RegistryReport, 'actor' | 'clientRequestId'>,
  identity: OwnIdentity,
): boolean {
  const isOther = clientRequestId !== undefined && !isOwnRequestId(clientRequestId);
  return !isOther && isOwnIdentity(actor, identity);
}

/** Whether an actor is Keyturn's identity, in every id that both the report and the configuration have, and in at least one. */
export function isOwnIdentity(actor: ReportedActor, { clientId, objectId }: OwnIdentity): boolean {
  if (actor.kind === 'user') return false;
  const compared = [
    [actor.appId, clientId],
    [actor.objectId, objectId],
  ].filter(([reported, own]) => reported !== undefined && own !== undefined);
  return (
    compared.length > 0 && compared.every(([reported, own]) => reported?.toLowerCase() === own?.toLowerCase())
  );
}
