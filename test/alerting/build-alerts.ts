import type { Alert } from '../../src/alerting/alert.ts';
import { type AlertMaterial, alertContent } from '../../src/alerting/alert-content.ts';
import { groupId, type Incident } from '../../src/alerting/incident.ts';
import { readReport } from '../../src/alerting/read-report.ts';
import type { KeyturnEvent } from '../../src/contracts/events.ts';
import { at } from '../lifecycle/build.ts';

export const resource = { registry: 'contoso', subscription: '4d1cf5cb-0000-4000-8000-00000000c10d' };

/** What an event tells alerting. @throws Error if that is no incident */
export function incidentOf(event: KeyturnEvent): Incident {
  const report = readReport(Buffer.from(JSON.stringify(event)));
  if (typeof report !== 'object' || report.kind !== 'incident') throw new Error('The event is no alert.');
  return report;
}

/** The first alert of an incident, as it is sent. */
export function alertOf(incident: Incident, changes: Partial<AlertMaterial> = {}): Alert {
  const { about, facts } = incident;
  const { severity, since, deadline } = facts;
  const alert = alertContent({
    group: { id: groupId(about), about, openedAt: at(0) },
    number: 1,
    kind: 'first',
    now: at(101_000),
    count: 1,
    open: 1,
    severity,
    since,
    deadline,
    examples: [{ facts, resolved: false }],
    resource,
    runbooks: 'docs/runbooks.md',
    ...changes,
  });
  return JSON.parse(JSON.stringify(alert));
}
