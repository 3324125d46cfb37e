import { once } from 'node:events';
import { ServiceBusClient } from '@azure/service-bus';
import type { EventContext } from 'rhea';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import { ProvenClaim } from '../../../infra/local/service-bus/authorization/proven-claim.ts';
import {
  type IdentityBus,
  type IdentityGround,
  openIdentityGround,
  startIdentityBus,
} from './identity-bus.ts';
import { attachReceiver, attachSender, connectRaw, nextMessage, tokenProperties } from './raw-amqp-client.ts';
import { until } from './start-test-bus.ts';

const app: Identity = {
  name: 'app',
  clientId: '11111111-1111-4111-8111-111111111111',
  objectId: '11111111-1111-4111-8111-111111111112',
  permissions: ['Microsoft.ServiceBus/*'],
};
const day = 24 * 60 * 60 * 1000;

let ground: IdentityGround;
beforeAll(async () => {
  ground = await openIdentityGround([app]);
});
afterAll(() => ground.close());
afterEach(() => vi.useRealTimers());

interface Tokens {
  /** Seconds for which the first ones are good; later ones are good for an hour. */
  readonly good: number[];
  /** Seconds for which the client is told that they are good: it renews two minutes before that. */
  readonly said: number;
  readonly maxRetries?: number;
}

function clientWithTokens({ namespace }: IdentityBus, { good, said, maxRetries = 0 }: Tokens) {
  const getToken = async () => ({
    token: await ground.tokenFor(app, good.shift() ?? 3600),
    expiresOnTimestamp: Date.now() + said * 1000,
  });
  const retryOptions = { maxRetries, retryDelayInMs: 100, timeoutInMs: 10_000 };
  const client = new ServiceBusClient(namespace, { getToken }, { retryOptions });
  onTestFinished(() => client.close());
  return client;
}

function requests({ history }: IdentityBus, pattern: RegExp): string[] {
  return history.list().flatMap(({ request }) => (pattern.test(request) ? [request] : []));
}

describe('an access token', () => {
  test('that has expired is refused, in the words of the service', async () => {
    const client = clientWithTokens(await startIdentityBus(ground), { good: [-5], said: 3600 });
    await expect(client.createSender('orders').sendMessages({ body: 'x' })).rejects.toMatchObject({
      code: 'UnauthorizedAccess',
      message: expect.stringContaining('ExpiredToken: The token is expired.'),
    });
  });

  test('that is about to expire is renewed by the client, whose links stay', async () => {
    const bus = await startIdentityBus(ground);
    const client = clientWithTokens(bus, { good: [], said: 121 });
    const received: unknown[] = [];
    client.createReceiver('orders').subscribe({
      processMessage: async ({ body }) => {
        received.push(body);
      },
      processError: async () => {},
    });
    await until(() => requests(bus, /^put-token orders$/).length >= 3, 'three tokens of one link');
    await bus.createClient().createSender('orders').sendMessages({ body: 'x' });
    await until(() => received.length === 1, 'a message on the old link');
    expect(requests(bus, /^attach receive orders$/)).toHaveLength(1);
    expect(requests(bus, /^detach /)).toEqual([]);
  });

  test('that was not renewed costs a subscriber its link, and it comes back with a new one by itself', async () => {
    const bus = await startIdentityBus(ground);
    const client = clientWithTokens(bus, { good: [3], said: 3600 });
    const received: unknown[] = [];
    const errors: string[] = [];
    client.createReceiver('orders').subscribe({
      processMessage: async ({ body }) => {
        received.push(body);
      },
      processError: async ({ error }) => {
        errors.push(error.message);
      },
    });
    await until(() => requests(bus, /^detach receive orders$/).length === 1, 'the link is detached');
    await bus.createClient().createSender('orders').sendMessages({ body: 'x' });
    await until(() => received.length === 1, 'the message comes by a new link');
    expect(requests(bus, /^put-token orders$/).length).toBeGreaterThanOrEqual(2);
    expect(errors.join()).toContain("Code: RenewToken. Details: Unauthorized access. 'Listen' claim(s)");
  });

  test('that was not renewed costs a sender its link, and the next message opens a new one', async () => {
    const bus = await startIdentityBus(ground);
    const sender = clientWithTokens(bus, { good: [3], said: 3600, maxRetries: 3 }).createSender('orders');
    await sender.sendMessages({ body: 'one' });
    await until(() => requests(bus, /^detach send orders$/).length === 1, 'the link is detached');
    await sender.sendMessages({ body: 'two' });
    // The client may have to try twice: its closing of the old link can meet the opening of the new one.
    expect(requests(bus, /^attach send orders$/).length).toBeGreaterThan(1);
    expect(bus.bus.heldMessages()).toHaveLength(2);
  });
});

describe('on one connection', () => {
  async function open(seconds: number) {
    const bus = await startIdentityBus(ground);
    const { connection, request } = await connectRaw(bus.port);
    const putToken = async (validFor: number) => {
      const reply = await request('$cbs', {
        body: await ground.tokenFor(app, validFor),
        application_properties: tokenProperties('sb://localhost/orders', 'jwt'),
      });
      return reply.applicationProperties.get('status-code');
    };
    await putToken(seconds);
    return { bus, connection, putToken };
  }

  test('all links but the one for tokens are detached when the token expires, and open again after a new one', async () => {
    const { bus, connection, putToken } = await open(3);
    const receiver = await attachReceiver(connection, { source: 'orders' });
    const sender = await attachSender(connection, { target: 'orders' });
    const management = await attachSender(connection, { target: 'orders/$management' });
    const ends = [
      once(receiver, 'receiver_error'),
      once(sender, 'sender_error'),
      once(management, 'sender_error'),
    ];
    await Promise.all(ends);
    expect(receiver.error).toMatchObject({
      condition: 'amqp:link:detach-forced',
      description: expect.stringContaining("'Listen' claim(s) are required"),
    });
    for (const link of [sender, management])
      expect(link.error).toMatchObject({
        condition: 'amqp:link:detach-forced',
        description: expect.stringContaining("'Send' claim(s) are required"),
      });
    await expect(attachSender(connection, { target: 'orders' })).rejects.toMatchObject({
      condition: 'amqp:unauthorized-access',
    });
    expect(await putToken(3600)).toEqual({ type: 'int', value: 202 });
    const again = await attachSender(connection, { target: 'orders' });
    again.send({ body: 'x' } as never);
    await until(() => bus.bus.heldMessages().length === 1, 'the message is held');
  });

  test('what a client sends on a link that is being detached is refused and not kept', async () => {
    const { bus, connection } = await open(3);
    const sender = await attachSender(connection, { target: 'orders' });
    const outcome = new Promise<EventContext>((resolve) => sender.once('rejected', resolve));
    sender.once('sender_error', () => sender.send({ body: 'late' } as never));
    const { delivery } = await outcome;
    expect(delivery?.remote_state).toMatchObject({ error: { condition: 'amqp:link:detach-forced' } });
    expect(bus.bus.heldMessages()).toEqual([]);
  });

  test('a newer token keeps the links, however long the first one was good for', async () => {
    const { bus, connection, putToken } = await open(3);
    const firstEnds = Date.now() + 3000;
    const receiver = await attachReceiver(connection, { source: 'orders' });
    const arriving = nextMessage(receiver);
    await putToken(3600);
    await until(() => Date.now() > firstEnds + 200, 'the first token has expired');
    receiver.add_credit(1);
    await bus.createClient().createSender('orders').sendMessages({ body: 'x' });
    await arriving;
    expect(requests(bus, /^detach /)).toEqual([]);
  });
});

describe('what was proven', () => {
  test('lasts longer than a timer can wait, and not a millisecond too long', () => {
    vi.useFakeTimers();
    const proven = new ProvenClaim();
    let expiries = 0;
    proven.onExpired(() => {
      expiries += 1;
    });
    proven.grant({ kind: 'key', expiresAt: Date.now() + 60 * day });
    vi.advanceTimersByTime(60 * day - 1);
    expect([proven.current?.kind, expiries]).toEqual(['key', 0]);
    vi.advanceTimersByTime(1);
    expect([proven.current, expiries]).toEqual([undefined, 1]);
  });

  test('tells nobody when the connection is over, or the listener was taken off', () => {
    vi.useFakeTimers();
    const [open, closed] = [new ProvenClaim(), new ProvenClaim()];
    let expiries = 0;
    const count = () => {
      expiries += 1;
    };
    open.onExpired(count)();
    closed.onExpired(count);
    for (const proven of [open, closed]) proven.grant({ kind: 'key', expiresAt: Date.now() + 1000 });
    closed.end();
    vi.advanceTimersByTime(2000);
    expect(expiries).toBe(0);
  });
});
