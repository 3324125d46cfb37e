import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { repetitions } from '../../counts.ts';
import { eventually } from '../../local/functions-host/sample-app/durable-api.ts';
import { type EntranceName, Requester, teamRequest } from '../commands/requester.ts';
import type { SentCommand } from '../messages.ts';
import { Prober, withProber } from '../prober.ts';
import { RunningService } from '../running-service.ts';
import { expectInOrder, messagesLeft } from './in-order.ts';

const patience = 240_000;

/** How often messages are put off before the storage is back: 20 s each, by the machine's clock. */
const rounds = repetitions({ quick: 1, soak: 6 });

let service: RunningService;
let requester: Requester;
let prober: Prober;

beforeAll(async () => {
  service = await RunningService.start({ changeCloud: withProber });
  prober = await Prober.start(service);
  requester = await Requester.open(service);
});
afterAll(async () => {
  await prober.close();
  await requester.close();
  await service.close();
});

afterEach(() => service.control.clearFaults());

const requests = {
  'token-requests': { prefix: 'team', data: teamRequest() },
  'token-requests-partners': {
    prefix: 'partner',
    data: {
      owner: 'partner-1',
      lifetime: 'P365D',
      access: { repositories: { 'shared/base': ['content/read'] } },
    },
  },
  'token-requests-devices': {
    prefix: 'device',
    data: { owner: 'devices-1', access: { repositories: { 'firmware/main': ['content/read'] } } },
  },
} as const;

/** Sends a request for a new token by each entrance, and resolves with what was sent by which. */
async function requestByAll(suffix: string): Promise<(readonly [EntranceName, string, SentCommand])[]> {
  const names = Object.keys(requests) as EntranceName[];
  return Promise.all(
    names.map(async (entrance) => {
      const { prefix, data } = requests[entrance];
      const token = `${prefix}-${suffix}`;
      return [
        entrance,
        token,
        await requester.send('keyturn.token.requested', token, data, { entrance }),
      ] as const;
    }),
  );
}

async function provision(token: string): Promise<void> {
  expect(await requester.ask('keyturn.token.requested', token, teamRequest())).toBe('done');
}

const count = async (pattern: RegExp) =>
  (await service.control.requests()).filter(
    ({ request, outcome }) => pattern.test(request) && typeof outcome === 'number' && outcome < 300,
  ).length;

it(
  'without storage, the durable store included, loses no request and does nothing twice',
  async () => {
    await Promise.all(['team-due', 'team-leaves'].map(provision));
    prober.watch({ token: 'team-due', overlap: 'P14D' });
    const { data } = await requester.event('keyturn.token.provisioned', 'team-due');
    await service.control.advanceTo(new Date(Date.parse(data.nextRotation ?? '') - 60_000));
    const passwordsBefore = (await service.control.issuedPasswords()).length;

    await service.control.setReachable('storage', false);
    await service.control.setReachable('durable-store', false);
    const sent = await requestByAll('early');
    const twice = sent[0];
    if (!twice) throw new Error('Nothing was sent.');
    await requester.messages.send(twice[0], twice[2]);
    const disable = { queue: 'token-requests-urgent' } as const;
    const leaving = await requester.send(
      'keyturn.token.disable-requested',
      'team-leaves',
      { reason: 'a laptop was lost' },
      disable,
    );
    await requester.messages.sendRaw('token-requests', {
      messageId: 'm-1',
      subject: 'note',
      body: Buffer.from('Hello!'),
    });
    const [rejected] = await requester.messages.takeRejected(1);
    expect(rejected).toMatchObject({
      subject: 'note',
      applicationProperties: { rejectionReason: 'notJson' },
    });
    for (let round = 0; round < rounds; round += 1) {
      await eventually(
        'messages that are put off',
        () => messagesLeft(service),
        (left) => left.length === 5 && left.every((line) => line.endsWith('scheduled')),
      );
      await service.control.advance(round + 1 < rounds ? 'PT15M' : 'PT25S');
    }
    sent.push(...(await requestByAll('late')));
    expect(requester.told('team-due')).toEqual(['provisioned']);

    await service.control.setReachable('storage', true);
    await service.control.setReachable('durable-store', true);
    await service.control.advance('PT1H');
    for (const [entrance, , command] of sent)
      expect((await requester.outcome(command, { entrance })).status).toBe('done');
    expect((await requester.outcome(leaving)).status).toBe('done');
    await requester.event('keyturn.token.disabled', 'team-leaves');
    await requester.event('keyturn.token.rotated', 'team-due');
    const tokens = sent.map(([, token]) => token);
    for (const token of tokens) {
      await requester.event('keyturn.token.provisioned', token);
      expect(await count(new RegExp(`^PUT /.*/tokens/${token}\\?`, 'i'))).toBe(1);
      expect(await count(new RegExp(`^PUT /secrets/acr-contoso--${token}\\?`))).toBe(1);
    }
    expect((await service.control.issuedPasswords()).length).toBe(passwordsBefore + tokens.length + 1);
    await prober.until(2);
    expect(prober.failures).toEqual([]);
    await expectInOrder(service, [...tokens, 'team-due']);
    for (const token of tokens) expect(requester.told(token)).toEqual(['provisioned']);
  },
  patience,
);

it(
  'without its topic works on, and tells everything afterwards, in order and once',
  async () => {
    await service.control.injectFault({
      part: 'service-bus',
      match: '^send token-events$',
      effect: { kind: 'fail', status: 503 },
    });
    await provision('team-silent');
    const reason = 'because';
    expect(await requester.ask('keyturn.token.disable-requested', 'team-silent', { reason })).toBe('done');
    expect(await requester.ask('keyturn.token.enable-requested', 'team-silent', { reason })).toBe('done');
    expect(await service.logIn('team-silent')).toBe(200);
    await service.control.advance('PT1M');
    expect(requester.told('team-silent')).toEqual([]);

    await service.control.clearFaults('service-bus');
    await service.control.injectFault({
      part: 'service-bus',
      match: '^send token-events$',
      effect: { kind: 'drop', when: 'after' },
      times: 1,
    });
    await service.control.advance('PT5M');
    await expectInOrder(service, ['team-silent']);
    await requester.event('keyturn.token.enabled', 'team-silent');
    expect(requester.told('team-silent')).toEqual(['provisioned', 'disabled', 'enabled']);
  },
  patience,
);

it(
  'without Service Bus between a request and its end tells of it when that is back',
  async () => {
    await service.control.injectFault({
      part: 'key-vault',
      match: '^PUT /secrets/acr-contoso--team-cut-off\\?',
      effect: { kind: 'delay', milliseconds: 2_000 },
      times: 1,
    });
    const sent = await requester.send('keyturn.token.requested', 'team-cut-off', teamRequest());
    await eventually(
      'the token',
      () => count(/^PUT \/.*\/tokens\/team-cut-off\?/i),
      (created) => created === 1,
    );
    await service.control.setReachable('service-bus', false);
    expect((await requester.outcome(sent)).status).toBe('done');
    expect(await service.logIn('team-cut-off')).toBe(200);
    await wait(1_000);
    await service.control.setReachable('service-bus', true);
    await service.control.advance('PT30M');
    await requester.event('keyturn.token.provisioned', 'team-cut-off');
    await provision('team-after');
    await expectInOrder(service, ['team-cut-off', 'team-after']);
    expect(requester.told('team-cut-off')).toEqual(['provisioned']);
  },
  patience,
);
