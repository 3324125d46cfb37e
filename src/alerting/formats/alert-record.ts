import type { AlertRecord } from '../../observability/watched-records.ts';
import type { Alert } from '../alert.ts';

/** What the log says of an alert. One that is over has a name of its own, so that no rule of Azure Monitor takes it for one. */
export type LoggedAlert =
  | (AlertRecord & AlertFacts)
  | ({
      readonly record: 'alertResolved';
      readonly severity: AlertRecord['severity'];
      readonly finding: string;
    } & AlertFacts);

type AlertFacts = Readonly<Record<string, unknown>>;

export function alertRecord(alert: Alert): LoggedAlert {
  const { id, group, number, kind, severity, alert: finding, registry, sink, title, count, open } = alert;
  const { examples, deadline, since, who, cause, done, next, toDo } = alert;
  const only = count === 1 ? examples[0] : undefined;
  return {
    record: kind === 'resolved' ? 'alertResolved' : 'alert',
    severity,
    finding,
    registry,
    sink,
    token: only?.token,
    owner: only?.owner,
    count,
    open,
    tokens: only ? undefined : examples.flatMap(({ token }) => token ?? []),
    deadline,
    since,
    cause,
    who,
    done,
    next,
    title,
    runbook: toDo.runbook,
    alertId: id,
    group,
    number,
    kind,
  };
}
