import type { AccessTokens } from '../../identity/access-tokens.ts';
import { settleDelivery } from '../amqp/outcomes.ts';
import { type AmqpReceiver, amqpTypes } from '../amqp/rhea.ts';
import { proveClaim } from '../authorization/prove-claim.ts';
import type { ProvenClaim } from '../authorization/proven-claim.ts';
import { audiencePath } from '../entity-address.ts';
import { typedText } from '../messages/typed-values.ts';
import { argumentError, ServiceBusError } from '../service-bus-error.ts';
import type { ClientLink } from './client-link.ts';
import { encodeReply, type Request, readRequest } from './request.ts';

/** Requests that a client may have in flight. */
const creditWindow = 100;

export interface TokenLinkOptions {
  readonly accessTokens: AccessTokens | undefined;
  readonly reply: (address: unknown, message: Buffer) => void;
  readonly provenClaim: ProvenClaim;
}

/** Serves a client's `$cbs` link, on which it shows a token before it opens a link to an entity. */
export function openTokenLink(receiver: AmqpReceiver, link: ClientLink, options: TokenLinkOptions): void {
  receiver.on('message', (context) => {
    try {
      const request = readRequest(context);
      settleDelivery(context.delivery);
      link.inBackground(putToken(request, link, options));
    } catch (error) {
      if (!(error instanceof ServiceBusError)) throw error;
      settleDelivery(context.delivery, error);
    }
  });
  receiver.set_credit_window(creditWindow);
  receiver.add_credit(creditWindow);
}

async function putToken(request: Request, link: ClientLink, options: TokenLinkOptions): Promise<void> {
  const text = (name: string) => typedText(request.properties.get(name));
  const proof = await proveClaim(text('type'), typedText(request.body), options.accessTokens).then(
    (claim) => ({ claim }),
    (error: unknown) => ({ error }),
  );
  link.run({
    request: `put-token ${audiencePath(text('name') ?? '').slice(0, 260)}`,
    perform: () => {
      if (text('operation') !== 'put-token') throw argumentError('The operation must be put-token.');
      if ('error' in proof) throw proof.error;
      options.provenClaim.grant(proof.claim);
    },
    answer: (error) => options.reply(request.replyTo, encodeTokenReply(request, error)),
  });
}

/** Status codes are AMQP ints: .NET casts them. */
function encodeTokenReply(request: Request, error: ServiceBusError | undefined): Buffer {
  const properties = {
    'status-code': amqpTypes.wrap_int(error?.status ?? 202),
    'status-description': error?.description ?? 'Accepted',
    ...(error ? { 'error-condition': amqpTypes.wrap_symbol(error.condition) } : {}),
  };
  return encodeReply(request, properties, null);
}
