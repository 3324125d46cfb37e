import type { Alert } from '../alert.ts';
import { alertLines } from './alert-lines.ts';

const longestHeader = 150;
const longestText = 3_000;

/**
 * A message for Slack's incoming webhooks. All text is of the kind that Slack does not format, and escaped all the same, so
 * that nobody is mentioned and no link is made by what somebody called a token, an owner or himself.
 * Source: Slack's reference of Block Kit and of formatting text.
 */
export function slackMessage(alert: Alert): object {
  const { title, lines, impact, runbook, isLink } = alertLines(alert);
  const facts = lines.map(([label, value]) => `${label}: ${value}`).join('\n');
  return {
    text: escaped(title, longestText),
    mrkdwn: false,
    blocks: [
      { type: 'header', text: plain(title, longestHeader) },
      { type: 'section', text: plain(impact, longestText) },
      { type: 'section', text: plain(facts, longestText) },
      {
        type: 'section',
        text: isLink
          ? { type: 'mrkdwn', text: `<${escaped(runbook, 500)}|Runbook>`, verbatim: true }
          : plain(`Runbook: ${runbook}`, longestText),
      },
    ],
  };
}

function plain(text: string, most: number): object {
  return { type: 'plain_text', text: escaped(text, most), emoji: false };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** At most so many characters as Slack counts them, which is after escaping; no entity is torn apart. */
function escaped(text: string, most: number): string {
  let result = '';
  for (const character of text) {
    const next = entities[character] ?? character;
    if (result.length + next.length > most) break;
    result += next;
  }
  return result;
}
