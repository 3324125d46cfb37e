import type { Alert } from '../alert.ts';
import { alertLines } from './alert-lines.ts';

/**
 * An Adaptive Card for the webhook of a Teams workflow. All text is in text runs, which know no Markdown, no mentions and
 * no functions: what somebody called a token, an owner or himself is shown as it is.
 * Sources: the schema of Adaptive Cards (RichTextBlock, TextRun); Teams' documentation of workflows with webhooks.
 */
export function teamsMessage(alert: Alert): object {
  const { title, lines, impact, runbook, isLink } = alertLines(alert);
  const color = alert.kind === 'resolved' ? 'good' : alert.severity === 'critical' ? 'attention' : 'warning';
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      paragraph([{ text: title, weight: 'bolder', size: 'large', color }]),
      paragraph([{ text: impact }]),
      ...lines.map(([label, value]) =>
        paragraph([{ text: `${label}: `, weight: 'bolder' }, { text: value }]),
      ),
      ...(isLink ? [] : [paragraph([{ text: 'Runbook: ', weight: 'bolder' }, { text: runbook }])]),
    ],
    actions: isLink ? [{ type: 'Action.OpenUrl', title: 'Runbook', url: runbook }] : [],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

interface Run {
  readonly text: string;
  readonly weight?: 'bolder';
  readonly size?: 'large';
  readonly color?: string;
}

function paragraph(runs: readonly Run[]): object {
  return { type: 'RichTextBlock', inlines: runs.map((run) => ({ type: 'TextRun', ...run })) };
}
