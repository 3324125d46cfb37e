import type { Alert } from '../alert.ts';
import { plainText } from '../plain-text.ts';

/** What people read of an alert, for formats that show it as a message. */
export interface AlertLines {
  readonly title: string;
  /** Label and value. */
  readonly lines: readonly (readonly [string, string])[];
  readonly impact: string;
  /** The runbook's address, if it is one that can be opened. */
  readonly runbook: string;
  readonly isLink: boolean;
}

const longestLine = 600;

const kinds: Readonly<Record<Alert['kind'], string>> = {
  first: '',
  summary: 'more since the first alert',
  rise: 'has become critical',
  growth: 'has spread',
  hourly: 'has changed',
  resolved: 'over for 15 minutes',
};

export function alertLines(alert: Alert): AlertLines {
  const { severity, kind, count, open, registry, deadline, since, cause, evidence, done, next, toDo } = alert;
  const values: readonly (readonly [string, string | undefined])[] = [
    ['Severity', kind === 'first' ? severity : `${severity}, ${kinds[kind]}`],
    ['Registry', registry],
    ['Affected', count === 1 ? undefined : `${count} (${open} not mended)`],
    [count === 1 ? 'Owner' : 'Examples', examplesText(alert)],
    ['Deadline', deadline],
    ['Since', since],
    ['Who', whoText(alert)],
    ['Likely cause', cause],
    ['Evidence', evidence.join(' ') || undefined],
    ['Done', done],
    ['Next', next && (next.at === undefined ? next.what : `${next.what}, at ${next.at}`)],
    ['To do', toDo.advice],
    ['Look', toDo.command],
    ['List all', count === 1 ? undefined : alert.listAll],
    ['Alert', alert.id.slice(0, 12)],
  ];
  return {
    title: plainText(alert.title, 150),
    lines: values.flatMap(([label, value]) =>
      value === undefined ? [] : [[label, plainText(value, longestLine)] as const],
    ),
    impact: plainText(alert.impact, longestLine),
    runbook: toDo.runbook,
    isLink: toDo.runbook.startsWith('https://'),
  };
}

function examplesText({ examples, count }: Alert): string | undefined {
  if (count === 1) return examples[0]?.owner;
  const names = examples.map(({ token = '', owner, resolved }) => {
    const ownerText = owner === undefined || owner === token ? '' : ` (${owner})`;
    return `${token}${ownerText}${resolved ? ' (mended)' : ''}`;
  });
  return names.filter((name) => name !== '').join(', ') || undefined;
}

function whoText({ who }: Alert): string | undefined {
  if (!who) return undefined;
  const { kind, name, objectId, applicationId, address, correlationId } = who;
  const parts = [
    kind,
    name,
    name === undefined ? (objectId ?? applicationId) : undefined,
    address && `from ${address}`,
    correlationId && `correlation id ${correlationId}`,
  ];
  return parts.filter(Boolean).join(', ');
}
