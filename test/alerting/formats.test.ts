import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/alerting/alert.ts';
import { alertRecord } from '../../src/alerting/formats/alert-record.ts';
import { slackMessage } from '../../src/alerting/formats/slack-message.ts';
import { teamsMessage } from '../../src/alerting/formats/teams-message.ts';
import { webhookMessage } from '../../src/alerting/formats/webhook-message.ts';
import { start } from '../lifecycle/build.ts';
import { alertOf, incidentOf } from './build-alerts.ts';
import { documentedEvents } from './documented-events.ts';

const event = documentedEvents.get('keyturn.token.disabled');
if (!event) throw new Error('There is no example.');
const example = alertOf(incidentOf(event));
const clock = { now: () => new Date(start) };

/** The example with hostile text wherever text of others is shown. */
function told(text: string): Alert {
  return {
    ...example,
    title: `contoso: ${text}`,
    who: { kind: 'user', name: text, address: text },
    evidence: [text],
    toDo: { ...example.toDo, advice: text },
    examples: [{ ...example.examples[0], severity: 'critical', since: start, owner: text }],
  };
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3_000 }),
  fc.constantFrom(
    '<!channel> <@U123> <https://evil.example|click>',
    '[click](https://evil.example) **bold** <at>everyone</at>',
    '{{DATE(2017-02-14T06:08:39Z,SHORT)}} $' + '{title}',
    '&lt;!here&gt;',
    '\u202e\u0000\r\nSeverity: info',
  ),
);

describe('a Slack message', () => {
  type Text = { type: string; text: string; verbatim?: boolean };
  const blocksOf = (alert: Alert) =>
    (slackMessage(alert) as { blocks: { type: string; text: Text }[] }).blocks;

  it('mentions nobody and links nowhere, whatever somebody wrote, and fits what Slack takes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const message = slackMessage(told(text)) as { text: string; mrkdwn: boolean };
        expect(message.mrkdwn).toBe(false);
        expect(message.text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
        for (const { type, text: shown } of blocksOf(told(text))) {
          expect(shown.type).toBe('plain_text');
          expect(shown.text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
          expect(shown.text.length).toBeLessThanOrEqual(type === 'header' ? 150 : 3_000);
          expect(shown.text.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('shows no line that somebody wrote into another one', () => {
    const [, , facts] = blocksOf(told('x\nSeverity: info'));
    expect(facts?.text.text.match(/^Severity:/gm)).toHaveLength(1);
  });

  it('links to the runbook, if it has an address', () => {
    const runbook = 'https://wiki.example/runbooks#disabled-out-of-band';
    const block = blocksOf({ ...example, toDo: { ...example.toDo, runbook } }).at(-1);
    expect(block?.text).toEqual({ type: 'mrkdwn', text: `<${runbook}|Runbook>`, verbatim: true });
    expect(blocksOf(example).at(-1)?.text.text).toBe('Runbook: docs/runbooks.md#disabled-out-of-band');
  });
});

describe('a Teams message', () => {
  interface Card {
    attachments: { content: { body: { type: string; inlines: { type: string; text: string }[] }[] } }[];
  }

  it('holds text in runs only, which are shown as they are', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [attachment] = (teamsMessage(told(text)) as Card).attachments;
        for (const { type, inlines } of attachment?.content.body ?? []) {
          expect(type).toBe('RichTextBlock');
          for (const run of inlines) {
            expect(run.type).toBe('TextRun');
            expect(run.text.length).toBeLessThanOrEqual(1_300);
            expect(run.text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
          }
        }
        expect(JSON.stringify(teamsMessage(told(text))).length).toBeLessThan(28_000);
      }),
    );
  });

  it('shows everything that is known', () => {
    const text = JSON.stringify(teamsMessage(example));
    for (const known of [
      'disabled by others',
      'sam@contoso.example',
      '203.0.113.7',
      'az acr token show',
      'person',
    ])
      expect(text).toContain(known);
  });
});

describe('a generic message', () => {
  it('is signed, as anybody can verify', () => {
    fc.assert(
      fc.property(hostile, fc.string({ minLength: 1, unit: 'grapheme' }), (text, signingKey) => {
        const { body, headers } = webhookMessage(told(text), { format: 'generic', signingKey }, clock);
        const timestamp = String(Date.parse(start) / 1_000);
        expect(headers['keyturn-timestamp']).toBe(timestamp);
        const hexKey = Buffer.from(signingKey).toString('hex');
        const openssl = spawnSync(
          'openssl',
          ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${hexKey}`, '-r'],
          { input: `${timestamp}.${body}`, encoding: 'utf8' },
        );
        expect(headers['keyturn-signature']).toBe(`sha256=${openssl.stdout.split(' ')[0]}`);
      }),
      { numRuns: 10 },
    );
  });

  it('is verified by the function in docs/alerts.md, and by it only as it was sent and while it is new', async () => {
    const documentation = readFileSync('docs/alerts.md', 'utf8');
    const source = /```js\n(.*?)```/s.exec(documentation)?.[1] ?? '';
    const module = `data:text/javascript,${encodeURIComponent(source)}`;
    const { isFromKeyturn } = (await import(module)) as {
      isFromKeyturn: (headers: Headers, body: Uint8Array, key: string, now: number) => Promise<boolean>;
    };
    const { body, headers } = webhookMessage(example, { format: 'generic', signingKey: 'kéy' }, clock);
    const now = Date.parse(start);
    const verify = (sent: Record<string, string>, text: string, key: string, at: number) =>
      isFromKeyturn(new Headers(sent), Buffer.from(text), key, at);
    expect(await verify(headers, body, 'kéy', now + 60_000)).toBe(true);
    expect(await verify(headers, `${body} `, 'kéy', now)).toBe(false);
    expect(await verify(headers, body, 'key', now)).toBe(false);
    expect(await verify(headers, body, 'kéy', now + 600_000)).toBe(false);
    expect(await verify({}, body, 'kéy', now)).toBe(false);
    const later = { ...headers, 'keyturn-timestamp': String(now / 1_000 + 600) };
    expect(await verify(later, body, 'kéy', now + 600_000)).toBe(false);
  });

  it('is not signed without a key', () => {
    const { headers } = webhookMessage(example, { format: 'generic', signingKey: undefined }, clock);
    expect(Object.keys(headers)).toEqual(['keyturn-alert-id']);
  });
});

describe('the record in the log', () => {
  it('is what the rules of Azure Monitor look for', () => {
    expect(alertRecord(example)).toMatchObject({
      record: 'alert',
      severity: 'critical',
      finding: 'disabledOutOfBand',
      registry: 'contoso',
      token: 'team-web',
      count: 1,
      deadline: '2026-03-01T12:01:31.000Z',
    });
  });

  it('is another one when it is over', () => {
    expect(alertRecord({ ...example, kind: 'resolved' }).record).toBe('alertResolved');
  });
});
