import { slots } from '../lifecycle/credential.ts';
import { openFindings } from '../lifecycle/drift/open-finding.ts';
import { nextRotation } from '../lifecycle/schedule.ts';
import { type ManagedState, managedPart } from '../lifecycle/state.ts';
import { shownDrift } from './shown-drift.ts';

/** What is shown of a token: field by field, so that what is added to the state one day is not shown by itself. */
export function shownToken(state: ManagedState) {
  const { identity, incarnation, managed, lookAt, failures, parked } = managedPart(state);
  const { entrance, owner, purpose, access, schedule, endOfLife, delivery } = managed;
  return {
    registry: identity.registry,
    loginServer: identity.loginServer,
    token: identity.token,
    status: state.status,
    since: 'since' in state ? state.since : undefined,
    incarnation,
    entrance,
    owner,
    purpose,
    access: { scopeMap: access.scopeMap, own: access.own, repositories: access.repositories },
    schedule: { profile: schedule.profile, rotateEvery: schedule.rotateEvery, overlap: schedule.overlap },
    endOfLife,
    delivery: {
      format: delivery.format,
      vault: delivery.vault,
      secretName: delivery.secretName,
      secretUri: delivery.secretUri,
    },
    credentials: shownCredentials(state),
    nextRotation: rotationOf(state),
    deferredRotation: shownDeferral(state),
    adoption: shownAdoption(state),
    revocation: shownRevocation(state),
    exposureUntil: state.status === 'revoked' ? state.exposureUntil : undefined,
    lookAt,
    findings: openFindings(state.findings).map(([, { severity, drift }]) => ({
      severity,
      ...shownDrift(drift),
    })),
    failures: Object.entries(failures).map(([work, { since, attempts, code, retryAt }]) => ({
      work,
      since,
      attempts,
      code,
      retryAt,
    })),
    parked: parked && { since: parked.since, work: parked.work, code: parked.code, toDo: parked.toDo },
  };
}

function shownCredentials({ credentials, published }: ManagedState) {
  return slots.flatMap((name) => {
    const credential = credentials[name];
    if (!credential) return [];
    const { slot, generation, secretVersion, verified, slotCreatedAt, publishedAt } = credential;
    const { expiresAt, supersededAt, retireAt, retiredAt } = credential;
    const what = { slot, published: slot === published, generation, secretVersion, verified };
    const when = { issuedAt: slotCreatedAt, publishedAt, expiresAt, supersededAt, retireAt, retiredAt };
    return [{ ...what, ...when }];
  });
}

function rotationOf({ status, published, credentials, managed, identity }: ManagedState) {
  const credential = published && credentials[published];
  if (status !== 'active' || !credential) return undefined;
  return nextRotation(credential, managed.schedule, managed.endOfLife, identity.token);
}

function shownDeferral({ deferredRotation }: ManagedState) {
  if (!deferredRotation) return undefined;
  const { command, compromised, notBefore } = deferredRotation;
  return { command: command.key, compromised, notBefore };
}

function shownAdoption({ adoption }: ManagedState) {
  return adoption && { command: adoption.command, slot: adoption.slot };
}

function shownRevocation({ revocation }: ManagedState) {
  if (!revocation) return undefined;
  const { command, since, attempts, disabledAt, secretOffAt, regeneratedAt } = revocation;
  return { command: command.key, since, attempts, disabledAt, secretOffAt, regeneratedAt };
}
