import type { Actor, Drift } from '../contracts/event-data.ts';

/** What is shown of a finding: field by field, so that what is added to it one day is not shown by itself. */
export function shownDrift(drift: Drift) {
  const { finding, since, happenedAt, deadline, differences, actor, cause, evidence, noticedBy } = drift;
  const { done, code, next } = drift;
  return {
    ...{ finding, since, happenedAt, deadline },
    differences: differences.map(({ what, believed, found }) => ({ what, believed, found })),
    actor: actor && shownActor(actor),
    ...{ cause, evidence, noticedBy, done, code },
    next: next && { action: next.action, at: next.at },
  };
}

function shownActor({ kind, name, objectId, applicationId, address, correlationId }: Actor) {
  return { kind, name, objectId, applicationId, address, correlationId };
}
