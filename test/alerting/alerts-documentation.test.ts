import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alertSchema } from '../../src/alerting/alert.ts';
import { alertRecord } from '../../src/alerting/formats/alert-record.ts';
import { slackMessage } from '../../src/alerting/formats/slack-message.ts';
import { teamsMessage } from '../../src/alerting/formats/teams-message.ts';
import { fieldNames } from '../../src/contracts/field-names.ts';
import { webhookFailures } from '../../src/ports/webhook.ts';
import { alertOf, incidentOf } from './build-alerts.ts';
import { documentedEvents } from './documented-events.ts';

const documentation = readFileSync('docs/alerts.md', 'utf8');

/** What the first JSON under a heading says. */
function shownUnder(heading: string): unknown {
  const section = documentation.split(`\n## ${heading}\n`)[1] ?? '';
  return JSON.parse(/```json\n(.*?)```/s.exec(section)?.[1] ?? '');
}

const event = documentedEvents.get('keyturn.token.disabled');
if (!event) throw new Error('There is no example.');
const alert = alertOf(incidentOf(event));
const asSent = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('docs/alerts.md', () => {
  it.each([
    ['Generic', alert],
    ['Teams', teamsMessage(alert)],
    ['Slack', slackMessage(alert)],
    ['In the log', alertRecord(alert)],
  ])('shows under %s what is really sent', (heading, sent) => {
    expect(shownUnder(heading)).toEqual(asSent(sent));
  });

  it.each([...fieldNames(alertSchema)])('explains the field `%s`', (name) => {
    expect(documentation).toMatch(new RegExp(`\`${name}\``));
  });

  it.each(Object.entries(webhookFailures))('says why a sink fails: %s', (code, meaning) => {
    expect(documentation.replace(/ +\|/g, ' |')).toContain(`| \`${code}\` | ${meaning} |`);
    expect(readFileSync('docs/runbooks.md', 'utf8')).toContain(`| \`${code}\` |`);
  });
});
