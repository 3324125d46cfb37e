import type { Actor, Drift } from '../contracts/event-data.ts';
import type { KeyturnEvent } from '../contracts/events.ts';
import { whyNotHealed } from '../lifecycle/drift/healing.ts';
import { type Incident, wholeRegistry } from './incident.ts';
import { plainOrNothing, plainText } from './plain-text.ts';

/** Why Keyturn leaves a finding alone; of any other code nobody has said more. */
const meanings: Readonly<Record<string, string>> = whyNotHealed;

/** So much evidence is shown. */
const mostEvidence = 5;

const doneSentences: Readonly<Record<Drift['done'], string>> = {
  nothing: 'Keyturn has changed nothing',
  restored: 'Keyturn has restored what it had left',
  rotated: 'Keyturn has rotated the token',
  disabled: 'Keyturn has disabled the token',
  failed: 'Keyturn has tried to mend it and failed',
  parked: 'Keyturn has given up mending it by itself',
};

const nextSentences: Readonly<Record<NonNullable<Drift['next']>['action'], string>> = {
  restore: 'restore what it had left',
  rotate: 'rotate the token',
  disable: 'disable the token',
};

/** What a finding tells. Tokens with the same finding, cause and actor are told together. */
export function incidentOfDrift(event: KeyturnEvent, drift: Drift): Incident {
  const { registry, token, loginServer } = event.data;
  const owner = 'owner' in event.data ? event.data.owner : undefined;
  const { finding, cause, since, happenedAt, deadline, evidence, differences, next } = drift;
  const actor = drift.actor && plainActor(drift.actor);
  return {
    kind: 'incident',
    id: event.id,
    time: event.time,
    about: { alert: finding, registry, cause, actor: actor && actorKey(actor) },
    subject: token ?? wholeRegistry,
    facts: {
      severity: event.severity === 'critical' ? 'critical' : 'warning',
      token,
      owner: plainOrNothing(owner),
      loginServer,
      since: happenedAt ?? since,
      deadline,
      actor,
      cause,
      evidence: [...evidence, ...differences.map(differenceText)]
        .slice(0, mostEvidence)
        .map((text) => plainText(text)),
      done: doneSentence(drift),
      next: next && { what: nextSentences[next.action], at: next.at },
    },
  };
}

/** Such as `Keyturn has changed nothing: a person did it; what a person has disabled or deleted stays so.` */
function doneSentence({ done, code }: Drift): string {
  const why = code === undefined ? undefined : (meanings[code] ?? code);
  return `${doneSentences[done]}${why === undefined ? '' : `: ${why}`}.`;
}

function differenceText({ what, believed, found }: Drift['differences'][number]): string {
  if (believed === undefined && found === undefined) return `Different: ${what}.`;
  return `${what}: expected ${believed ?? 'nothing'}, found ${found ?? 'nothing'}.`;
}

function plainActor({ kind, name, objectId, applicationId, address, correlationId }: Actor): Actor {
  const texts = { name, objectId, applicationId, address, correlationId };
  const plain = Object.entries(texts).flatMap(([key, text]) => {
    const shown = plainOrNothing(text, 100);
    return shown === undefined ? [] : [[key, shown]];
  });
  return { kind, ...Object.fromEntries(plain) };
}

/** What identifies an actor; addresses and correlation ids differ from call to call. */
function actorKey({ kind, name, objectId, applicationId }: Actor): string {
  return `${kind} ${objectId ?? applicationId ?? name ?? ''}`.trim();
}
