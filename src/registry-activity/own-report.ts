import { isOwnRequestId } from '../adapters/own-request-id.ts';
import type { RegistryReport, ReportedActor, ReportedOperation } from './registry-report.ts';

/** Keyturn's identity as the configuration has it. What is not configured is not compared. */
export interface OwnIdentity {
  readonly clientId?: string | undefined;
  readonly objectId?: string | undefined;
}

/** What creates things, of which Azure leaves the request id out. Source: "Azure resource group as an Event Grid source". */
const creating: ReadonlySet<ReportedOperation> = new Set(['tokenWritten', 'scopeMapWritten']);

/**
 * Whether Keyturn did it: the identity is ours, and so is the request id, where Azure tells one. All else is looked into,
 * whosever identity it is; and what is believed is compared with the registry every hour in any case.
 */
export function isOwnReport(
  { kind, actor, clientRequestId }: Pick<RegistryReport, 'kind' | 'actor' | 'clientRequestId'>,
  identity: OwnIdentity,
): boolean {
  const isOwnRequest = clientRequestId === undefined ? creating.has(kind) : isOwnRequestId(clientRequestId);
  return isOwnRequest && isOwnIdentity(actor, identity);
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
