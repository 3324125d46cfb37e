import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCertificates } from '../../infra/local/certificates.ts';
import { HttpsWebhook, type HttpsWebhookOptions } from '../../src/adapters/https-webhook.ts';
import type { AlertSink } from '../../src/configuration/alert-sinks.ts';
import { WebhookReceiver } from '../alerting/webhook-receiver.ts';

let folder: string;
let receiver: WebhookReceiver;
let stranger: WebhookReceiver;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-webhook-'));
  const { authority } = await openCertificates(join(folder, 'trusted'));
  setDefaultCACertificates([...getCACertificates('default'), authority]);
  receiver = await WebhookReceiver.start(join(folder, 'trusted'));
  stranger = await WebhookReceiver.start(join(folder, 'strange'));
});
afterAll(async () => {
  await receiver.close();
  await stranger.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  receiver.calls.length = 0;
  receiver.answer = () => ({ status: 200 });
});

const local = ['127.0.0.0/8', '::1/128'];
const message = { contentType: 'application/json', headers: { 'keyturn-alert-id': 'a' }, body: '{"é":1}' };

function sink(url: string, changes: Partial<AlertSink> = {}): AlertSink {
  return {
    name: 'pager',
    format: 'generic',
    severities: ['critical'],
    allowedHosts: [new URL(url).host],
    privateAddresses: local,
    url: new URL(url),
    signingKey: undefined,
    ...changes,
  };
}

const post = (to: AlertSink, options: HttpsWebhookOptions = {}) =>
  new HttpsWebhook(options).post(to, message);

describe('a webhook', () => {
  it('gets the message as it is', async () => {
    expect(await post(sink(`https://${receiver.host}/hook?code=SECRET`))).toEqual({ ok: true });
    const [call] = receiver.calls;
    expect(call).toMatchObject({ path: '/hook?code=SECRET', body: message.body });
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'keyturn-alert-id': 'a',
      host: receiver.host,
    });
  });

  it('is found by its name', async () => {
    expect(await post(sink(`https://localhost:${receiver.port}/hook`))).toEqual({ ok: true });
  });

  it.each([
    [301, 'redirected'],
    [307, 'redirected'],
    [400, 'refused'],
    [401, 'denied'],
    [404, 'denied'],
    [429, 'throttled'],
    [500, 'outOfOrder'],
    [503, 'outOfOrder'],
  ] as const)('that answers %d is %s, and nothing is asked elsewhere', async (status, code) => {
    receiver.answer = () => ({ status, headers: { location: `https://${receiver.host}/elsewhere` } });
    expect(await post(sink(`https://${receiver.host}/hook`))).toEqual({ ok: false, code, status });
    expect(receiver.calls).toHaveLength(1);
  });

  it('may answer more than anybody reads', async () => {
    receiver.answer = () => ({ status: 200, body: 'x'.repeat(10_000_000) });
    expect(await post(sink(`https://${receiver.host}/hook`))).toEqual({ ok: true });
  });

  it('that does not answer is given up', async () => {
    receiver.answer = () => 'nothing';
    const to = sink(`https://${receiver.host}/hook`);
    expect(await post(to, { timeLimit: 200 })).toEqual({ ok: false, code: 'timedOut' });
  });

  it('that does not even speak TLS is given up', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const to = sink(`https://127.0.0.1:${(silent.address() as AddressInfo).port}/`);
    expect(await post(to, { timeLimit: 200 })).toEqual({ ok: false, code: 'timedOut' });
    silent.close();
  });

  it.each([
    ['cuts the connection', () => sink(`https://${receiver.host}/drop`), 'notConnected'],
    ['is not there', () => sink('https://127.0.0.1:9/'), 'notConnected'],
    ['has a certificate of strangers', () => sink(`https://${stranger.host}/`), 'notTrusted'],
    ['has a name that does not exist', () => sink('https://nowhere.invalid/'), 'nameNotResolved'],
    ['has no address yet', () => sink('https://a.example/', { url: undefined }), 'addressUnknown'],
    [
      'is on another host',
      () => sink('https://a.example/', { allowedHosts: ['b.example'] }),
      'hostNotAllowed',
    ],
    ['is not https', () => sink(`http://${receiver.host}/`), 'hostNotAllowed'],
  ] as const)('that %s gets nothing', async (_, to, code) => {
    receiver.answer = () => 'drop';
    expect(await post(to())).toEqual({ ok: false, code });
  });
});

describe('an address that is not public', () => {
  const hosts = [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '10.0.0.1',
    '169.254.169.254',
  ];

  it.each([...hosts, '127.1', '2130706433', '0x7f000001', 'LOCALHOST.'])(
    'is refused, however it is written: %s',
    async (host) => {
      const to = sink(`https://${host}:${receiver.port}/`, { privateAddresses: [] });
      const result = await post(to);
      expect(result.ok).toBe(false);
      expect(result).toMatchObject({ code: expect.stringMatching(/^(addressNotAllowed|nameNotResolved)$/) });
      expect(receiver.calls).toEqual([]);
    },
  );

  it('is refused beside the ranges that the sink may use', async () => {
    const to = sink(`https://${receiver.host}/`, { privateAddresses: ['10.0.0.0/8', '::1/128'] });
    expect(await post(to)).toEqual({ ok: false, code: 'addressNotAllowed' });
  });

  it('is refused where a public name leads to it', async () => {
    const to = sink(`https://pager.example:${receiver.port}/`, { privateAddresses: [] });
    const lookUp = resolver(['127.0.0.1']);
    expect(await post(to, { lookUp: lookUp.lookUp })).toEqual({ ok: false, code: 'addressNotAllowed' });
    expect(receiver.calls).toEqual([]);
  });

  it('is left out where a name has several, and the connection goes to the one that was checked', async () => {
    const lookUp = resolver(['169.254.169.254', '10.0.0.1', '127.0.0.1'], ['10.0.0.1']);
    const to = sink(`https://localhost:${receiver.port}/`);
    expect(await post(to, { lookUp: lookUp.lookUp })).toEqual({ ok: true });
    expect(lookUp.asked).toEqual(['localhost']);
  });

  /** Answers the first question with the first addresses, the next one with the next ones, as a rebinding name server does. */
  function resolver(...answers: readonly (readonly string[])[]) {
    const asked: string[] = [];
    const lookUp = (hostname: string, _: unknown, done: (error: null, found: object[]) => void) => {
      asked.push(hostname);
      const addresses = answers[asked.length - 1] ?? [];
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    };
    return { asked, lookUp: lookUp as unknown as NonNullable<HttpsWebhookOptions['lookUp']> };
  }
});
