import { type Actor, actorSchema } from '../contracts/event-data.ts';
import type { ReportedChange } from '../lifecycle/drift/observation.ts';
import { isOwnIdentity, type OwnIdentity } from './own-report.ts';
import type { RegistryReport, ReportedActor } from './registry-report.ts';

/** A report as evidence: what was done when, by whom, and whether that is Keyturn's own identity. */
export function reportedChange(
  { kind, at, actor, correlationId }: RegistryReport,
  identity: OwnIdentity,
): ReportedChange {
  return { operation: kind, at, actor: actorOf(actor, correlationId), by: byWhom(actor, identity) };
}

/** What does not fit is left out; the kind always fits. */
function actorOf(
  { kind, name, objectId, appId: applicationId, address }: ReportedActor,
  correlationId: string | undefined,
): Actor {
  const said = { name, objectId, applicationId, address, correlationId };
  const fitting = Object.entries(said).filter(
    ([field, value]) => value !== undefined && actorSchema.safeParse({ kind, [field]: value }).success,
  );
  return { kind, ...Object.fromEntries(fitting) };
}

/** Without an identity of our own in the configuration, an application may be Keyturn itself. */
function byWhom(actor: ReportedActor, identity: OwnIdentity): ReportedChange['by'] {
  if (isOwnIdentity(actor, identity)) return 'keyturn';
  if (actor.kind === 'unknown') return 'unknown';
  const isKnown = identity.clientId !== undefined || identity.objectId !== undefined;
  return isKnown || actor.kind === 'user' ? 'others' : 'unknown';
}
