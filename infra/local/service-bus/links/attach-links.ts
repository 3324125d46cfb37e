import type { AmqpReceiver, AmqpSender } from '../amqp/rhea.ts';
import { requirePermission } from '../authorization/claim.ts';
import type { ProvenClaim } from '../authorization/proven-claim.ts';
import { type Broker, maxMessageSize } from '../broker.ts';
import { notAllowed, tokenNotRenewed, unauthorizedAccess } from '../service-bus-error.ts';
import type { ClientLink, ClientOperation } from './client-link.ts';
import { holdAttach } from './hold-attach.ts';
import type { LinkEnds } from './link-ends.ts';
import { findLinkNode, type LinkNode } from './link-node.ts';
import { openManagementLink } from './management-link.ts';
import { openReceiveLink } from './receive-link.ts';
import { refuseLink } from './refuse-link.ts';
import type { ReplyLinks } from './reply-links.ts';
import { openSendLink } from './send-link.ts';
import { openTokenLink } from './token-link.ts';

/** The connection that links are attached on. */
export interface LinkHost {
  readonly broker: Broker;
  readonly replyLinks: ReplyLinks;
  readonly linkEnds: LinkEnds;
  readonly provenClaim: ProvenClaim;
  run(operation: ClientOperation): void;
  inBackground(work: Promise<void>): void;
}

/** Attaches a link on which the client receives. */
export function attachReceiving(sender: AmqpSender, host: LinkHost): void {
  sender.on('sender_close', () => host.linkEnds.endLink(sender));
  attach('receive', sender, sender.source?.address, host, (node, link) => {
    if (node.kind !== 'entity') return () => link.onEnd(host.replyLinks.open(sender));
    requirePermission(host.provenClaim.current, 'receive');
    const { queue } = node.entity;
    if (!queue) throw notAllowed(`'${node.name}' is a topic: messages are received from its subscriptions.`);
    if (asksForSession(sender)) throw notAllowed(`'${node.name}' has no sessions that could be accepted.`);
    return () => openReceiveLink(sender, queue, link);
  });
}

/** Attaches a link on which the client sends. */
export function attachSending(receiver: AmqpReceiver, host: LinkHost): void {
  receiver.on('receiver_close', () => host.linkEnds.endLink(receiver));
  const { accessTokens } = host.broker;
  const reply = (address: unknown, message: Buffer) => host.replyLinks.send(address, message);
  attach('send', receiver, receiver.target?.address, host, (node, link) => {
    if (node.kind === 'tokens')
      return () => openTokenLink(receiver, link, { accessTokens, reply, provenClaim: host.provenClaim });
    const { entity, name } = node;
    if (node.kind === 'management')
      return () => openManagementLink(receiver, link, { entity, reply, provenClaim: host.provenClaim });
    requirePermission(host.provenClaim.current, 'send');
    const { entrance } = entity;
    if (!entrance) throw notAllowed(`Messages cannot be sent to '${name}'.`);
    return () => openSendLink(receiver, entrance, link);
  });
}

/** Answers an attach. `plan` refuses it by throwing, or returns how to open it. */
function attach(
  side: 'send' | 'receive',
  link: AmqpSender | AmqpReceiver,
  address: unknown,
  host: LinkHost,
  plan: (node: LinkNode, link: ClientLink) => () => void,
): void {
  const release = holdAttach(link);
  const found = tryFind(address, host);
  const entityName = 'node' in found ? found.node.name : shortened(address);
  let open = () => {};
  host.run({
    request: `attach ${side} ${entityName}`,
    perform: () => {
      if ('error' in found) throw found.error;
      open = plan(found.node, {
        entityName,
        run: (operation) => host.run(operation),
        onEnd: (listener) => host.linkEnds.on(link, listener),
        inBackground: (work) => host.inBackground(work),
      });
    },
    answer: (error) => {
      if (error) refuseLink(link, error);
      else {
        mirrorAttach(link);
        open();
        if ('node' in found && found.node.kind !== 'tokens') endWithToken(side, link, entityName, host);
      }
      release();
    },
  });
}

function tryFind(
  address: unknown,
  { broker, provenClaim }: LinkHost,
): { node: LinkNode } | { error: unknown } {
  try {
    const node = findLinkNode(address, broker.namespace);
    if (node.kind !== 'tokens' && !provenClaim.current)
      return { error: unauthorizedAccess('No token was put for this link.') };
    return { node };
  } catch (error) {
    return { error };
  }
}

/** Links need a token for as long as they are open: the service detaches those whose client shows no new one in time. */
function endWithToken(
  side: 'send' | 'receive',
  link: AmqpSender | AmqpReceiver,
  entityName: string,
  host: LinkHost,
): void {
  const detach = () =>
    host.run({
      request: `detach ${side} ${entityName}`,
      perform: () => {
        throw tokenNotRenewed(link.name, side === 'send' ? 'Send' : 'Listen');
      },
      answer: (error) => {
        host.linkEnds.endLink(link);
        if (error) refuseLink(link, error);
      },
    });
  host.linkEnds.on(link, host.provenClaim.onExpired(detach));
}

/** rhea's own answer leaves out all that clients look for. */
function mirrorAttach(link: AmqpSender | AmqpReceiver): void {
  const { source, target } = link;
  if (typeof source?.address === 'string') link.set_source({ address: source.address });
  else link.set_source({});
  if (typeof target?.address === 'string') link.set_target({ address: target.address });
  else link.set_target({});
  const { attach: answer } = link.local;
  answer.snd_settle_mode = link.snd_settle_mode;
  answer.rcv_settle_mode = link.rcv_settle_mode;
  answer.max_message_size = maxMessageSize;
}

/** The filter is there for "any session" too, with nothing as its value. */
function asksForSession({ source }: AmqpSender): boolean {
  const filter = source?.filter;
  return typeof filter === 'object' && filter !== null && 'com.microsoft:session-filter' in filter;
}

function shortened(address: unknown): string {
  return typeof address === 'string' ? address.slice(0, 260) : '(no address)';
}
