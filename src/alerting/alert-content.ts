import { createHash } from 'node:crypto';
import { type Finding, findingNames } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import { tokenNameSchema } from '../contracts/names.ts';
import type { Alert } from './alert.ts';
import type { NotificationKind } from './alert-group.ts';
import { runbookAnchor } from './alert-names.ts';
import type { GroupAbout, IncidentFacts } from './incident.ts';
import { alertTexts } from './texts/alert-text.ts';

/** An example with how it stands. */
export interface Shown {
  readonly facts: IncidentFacts;
  readonly resolved: boolean;
}

/** Everything that an alert is made from. */
export interface AlertMaterial {
  readonly group: { readonly id: string; readonly about: GroupAbout; readonly openedAt: Instant };
  readonly number: number;
  readonly kind: NotificationKind;
  readonly now: Instant;
  readonly count: number;
  readonly open: number;
  readonly severity: IncidentFacts['severity'];
  readonly since: Instant;
  readonly deadline: Instant | undefined;
  /** The most urgent ones, at least one. */
  readonly examples: readonly [Shown, ...Shown[]];
  /** As it is known in Azure; undefined: it is not configured. */
  readonly resource: { readonly registry: string; readonly subscription: string } | undefined;
  readonly runbooks: string;
}

/** What is sent of a group of alerts. Who, evidence, and what was and will be done are those of the first example. */
export function alertContent(material: AlertMaterial): Alert {
  const { group, number, kind, now, count, open, severity, since, deadline, examples } = material;
  const { alert, registry, cause } = group.about;
  const { facts } = examples[0];
  const { impact } = alertTexts[alert];
  return {
    id: notificationId(group, number),
    group: group.id,
    number,
    kind,
    time: now,
    alert,
    severity,
    title: titleOf(material),
    registry,
    loginServer: facts.loginServer,
    sink: alert === 'alertSinkFailing' ? cause : undefined,
    count,
    open,
    examples: examples.map(exampleOf),
    listAll:
      isFinding(alert) && registry ? `GET /api/findings?registry=${registry}&finding=${alert}` : undefined,
    impact: kind === 'resolved' ? 'It is over.' : impact,
    since,
    deadline,
    who: facts.actor,
    cause: alert === 'alertSinkFailing' ? undefined : (facts.cause ?? cause),
    evidence: [...facts.evidence],
    done: facts.done,
    next: kind === 'resolved' ? undefined : facts.next,
    toDo: {
      advice: kind === 'resolved' ? undefined : facts.toDo,
      runbook: `${material.runbooks}#${runbookAnchor(alert)}`,
      command: commandOf(material),
    },
  };
}

/** The same for every copy of one notification, and for no other one. */
function notificationId({ id, openedAt }: AlertMaterial['group'], number: number): string {
  return createHash('sha256')
    .update(JSON.stringify([id, openedAt, number]))
    .digest('hex');
}

/** Such as `contoso: 12 tokens: disabled by others`, `contoso/team-web: the published password was replaced`. */
function titleOf({ group, count, open, kind, examples }: AlertMaterial): string {
  const { alert, registry, cause } = group.about;
  const { title } = alertTexts[alert];
  const state = kind === 'resolved' ? 'over: ' : '';
  if (alert === 'alertSinkFailing') return `${state}sink ${cause}: ${title}`;
  const { token } = examples[0].facts;
  const where = registry ?? 'Keyturn';
  if (token === undefined) return `${state}${where}: ${title}`;
  if (count === 1) return `${state}${where}/${token}: ${title}`;
  const ofThese = open < count && kind !== 'resolved' && isFinding(alert) ? ` (${open} still)` : '';
  return `${state}${where}: ${count} tokens${ofThese}: ${title}`;
}

function exampleOf({ facts, resolved }: Shown): Alert['examples'][number] {
  const { token, owner, severity, since, deadline } = facts;
  return { token, owner, severity, since, deadline, resolved: resolved || undefined };
}

/** Nothing, where the name of the token or registry is not certain to be one. */
function commandOf({ group, examples, resource }: AlertMaterial): string | undefined {
  const { look } = alertTexts[group.about.alert];
  const token = tokenNameSchema.safeParse(examples[0].facts.token ?? 'TOKEN').data;
  if (token === undefined) return undefined;
  if (resource) return look({ ...resource, token });
  return group.about.registry === undefined
    ? look({ registry: 'REGISTRY', subscription: 'SUBSCRIPTION', token })
    : undefined;
}

function isFinding(alert: string): alert is Finding {
  return findingNames.some((name) => name === alert);
}
