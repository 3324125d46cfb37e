import type { EventOf, EventType, KeyturnEvent } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';
import { type AlertName, eventAlerts } from './alert-names.ts';
import { type GroupAbout, type Incident, type IncidentFacts, wholeRegistry } from './incident.ts';
import { plainOrNothing, plainText } from './plain-text.ts';

/** Failures that say more about a service than about a token: the codes of `stepFailures` that all tokens of a registry share. */
const ofDependencies: ReadonlySet<string> = new Set([
  'throttled',
  'unavailable',
  'accessDenied',
  'noIdentity',
  'acceptanceUnknown',
]);

interface Told {
  readonly about: Pick<GroupAbout, 'alert' | 'cause' | 'actor'>;
  readonly facts: Partial<IncidentFacts>;
}

/** What an event tells that is an alert by itself. */
export function incidentOfEvent(event: KeyturnEvent): Incident {
  const { registry, token, loginServer } = event.data;
  const owner = 'owner' in event.data ? event.data.owner : undefined;
  const { about, facts } = toldBy(event);
  return {
    kind: 'incident',
    id: event.id,
    time: event.time,
    about: { registry, ...about },
    subject: token ?? wholeRegistry,
    facts: {
      severity: event.severity === 'critical' ? 'critical' : 'warning',
      token,
      owner: plainOrNothing(owner),
      loginServer,
      since: event.time,
      evidence: [],
      ...facts,
    },
  };
}

function toldBy(event: KeyturnEvent): Told {
  switch (event.type) {
    case 'keyturn.token.request-denied':
      return denied(event);
    case 'keyturn.token.request-failed':
      return failed('requestFailed', event.data, undefined);
    case 'keyturn.token.rotation-failed':
      return failed('rotationFailed', event.data, event.data.deadline);
    case 'keyturn.token.rotation-window-ignored': {
      const { due, opensAt, deadline } = event.data;
      const evidence = opensAt === undefined ? [] : [`The next window opens at ${opensAt}.`];
      const next = { what: 'rotate without a window' };
      return { about: { alert: 'rotationWindowIgnored' }, facts: { since: due, deadline, evidence, next } };
    }
    case 'keyturn.token.disabled':
    case 'keyturn.token.deleted':
    case 'keyturn.token.revoked':
      return stopped(event);
    case 'keyturn.token.revocation-incomplete': {
      const { missing, since, attempts } = event.data;
      const evidence = [`Not done yet: ${missing.join(', ')}; tried ${attempts} times.`];
      const next = { what: 'try on, with pauses of at most a few minutes' };
      return { about: { alert: 'revocationIncomplete' }, facts: { since, evidence, next } };
    }
    case 'keyturn.token.expiring':
    case 'keyturn.token.expired': {
      const { cause, deadline } = event.data;
      return { about: { alert: eventAlerts[event.type], cause }, facts: { deadline } };
    }
    default:
      return { about: { alert: 'unknownAlert', cause: event.type }, facts: {} };
  }
}

function denied({ data }: EventOf<'keyturn.token.request-denied'>): Told {
  const { rule, detail, entrance, command } = data;
  const evidence = [
    `The rule ${rule} of the policy${detail === undefined ? '' : ` forbids ${detail}`}.`,
    ...(command ? [`Asked for by ${command.source}, which is what the sender claims.`] : []),
  ];
  return {
    about: { alert: 'requestDenied', cause: rule, actor: entrance },
    facts: { evidence: evidence.map((text) => plainText(text)), done: 'Keyturn has changed nothing.' },
  };
}

interface Failure {
  readonly code: string;
  readonly since: Instant;
  readonly attempts: number;
  readonly nextTry?: Instant | undefined;
  readonly toDo?: string | undefined;
}

function failed(alert: AlertName, failure: Failure, deadline: Instant | undefined): Told {
  const { code, since, attempts, nextTry, toDo } = failure;
  const isOfDependency = ofDependencies.has(code);
  return {
    about: { alert: isOfDependency ? 'dependencyFailing' : alert, cause: code },
    facts: {
      since,
      deadline,
      evidence: [`It fails with ${code}; tried ${attempts} ${attempts === 1 ? 'time' : 'times'}.`],
      toDo: plainOrNothing(toDo, 400),
      ...(nextTry === undefined ? {} : { next: { what: 'try again', at: nextTry } }),
    },
  };
}

function stopped({
  type,
  data,
}: EventOf<Extract<EventType, `keyturn.token.${'disabled' | 'deleted' | 'revoked'}`>>): Told {
  const { cause, reason, at, entrance, command } = data;
  const source = command && `Asked for by ${command.source}, which is what the sender claims.`;
  const evidence = [
    ...(source === undefined ? [] : [source]),
    ...(reason === undefined ? [] : [`Reason given: ${reason}`]),
    ...('exposureUntil' in data
      ? [`Login-server tokens that were issued before may live on until ${data.exposureUntil}.`]
      : []),
  ];
  return {
    about: { alert: eventAlerts[type], cause, actor: command?.entrance ?? entrance },
    facts: { since: at, evidence: evidence.map((text) => plainText(text)) },
  };
}
