import type { AlertSink } from '../configuration/alert-sinks.ts';

/** Why a webhook did not take a message: a closed list, with what each means. No text of the other side is among it. */
export const webhookFailures = {
  addressUnknown: 'Azure has not resolved the setting with the address or the key',
  hostNotAllowed: 'the address names a host that is not allowed',
  addressNotAllowed: 'the host has no address but private or reserved ones that are not allowed',
  nameNotResolved: 'the host has no address, or the name service does not answer',
  notConnected: 'no connection was made, or it broke',
  notTrusted: 'the certificate of the host is not valid',
  timedOut: 'there was no answer within 10 seconds',
  redirected: 'the answer leads elsewhere, which is not followed',
  denied: 'the answer says that the address is not valid (any more)',
  throttled: 'the answer says that too much was sent',
  refused: 'the answer refuses the message',
  outOfOrder: 'the answer says that the other side is out of order',
} as const;

export type WebhookFailure = keyof typeof webhookFailures;

export type WebhookResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: WebhookFailure; readonly status?: number | undefined };

export interface WebhookMessage {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Takes messages to the outside; never throws, and never tells an address. */
export interface Webhook {
  post(sink: AlertSink, message: WebhookMessage): Promise<WebhookResult>;
}
