import type { AlertSink } from '../../configuration/alert-sinks.ts';
import type { Clock } from '../../ports/clock.ts';
import type { WebhookMessage } from '../../ports/webhook.ts';
import type { Alert } from '../alert.ts';
import { signatureHeaders } from './signature.ts';
import { slackMessage } from './slack-message.ts';
import { teamsMessage } from './teams-message.ts';

/** An alert as a sink of its format wants it. */
export function webhookMessage(
  alert: Alert,
  { format, signingKey }: Pick<AlertSink, 'format' | 'signingKey'>,
  clock: Clock,
): WebhookMessage {
  const contentType = 'application/json';
  const headers = { 'keyturn-alert-id': alert.id };
  switch (format) {
    case 'generic': {
      const body = JSON.stringify(alert);
      const signature = signingKey === undefined ? {} : signatureHeaders(body, signingKey, clock.now());
      return { contentType, body, headers: { ...headers, ...signature } };
    }
    case 'teams':
      return { contentType, headers, body: JSON.stringify(teamsMessage(alert)) };
    case 'slack':
      return { contentType, headers, body: JSON.stringify(slackMessage(alert)) };
  }
}
