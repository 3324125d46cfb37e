import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../../infra/local/control/faults.ts';
import { eventually } from '../../local/functions-host/sample-app/durable-api.ts';
import { type Requester, teamRequest } from '../commands/requester.ts';
import type { Prober } from '../prober.ts';
import type { RunningService } from '../running-service.ts';
import { expectInOrder } from './in-order.ts';
import { type ProbedService, startProbedService } from './start-probed-service.ts';

const patience = 90_000;

let probed: ProbedService;
let service: RunningService;
let requester: Requester;
let prober: Prober;

beforeAll(async () => {
  probed = await startProbedService();
  ({ service, requester, prober } = probed);
});
afterAll(() => probed.close());

const requests = async (pattern: RegExp) =>
  (await service.control.requests()).filter(({ request }) => pattern.test(request));

const versionsOf = async (token: string) => {
  const secrets = await service.secrets();
  let count = 0;
  for await (const _ of secrets.listPropertiesOfSecretVersions(`acr-contoso--${token}`)) count += 1;
  return count;
};

/** Resolves when something about a token has failed, with its code. */
async function failure(token: string): Promise<string> {
  const failures = await eventually(
    `a failure of ${token}`,
    async () => Object.values((await requester.state(token))?.failures ?? {}),
    ({ length }) => length > 0,
  );
  return failures.map(({ code }) => code).join();
}

const creation = { part: 'resource-manager', match: '^PUT /.*/tokens/TOKEN\\?' } as const;
const publication = { part: 'key-vault', match: '^PUT /secrets/acr-contoso--TOKEN\\?' } as const;

interface Refusal {
  readonly where: Pick<Fault, 'part'> & { readonly match: string };
  readonly effect: Fault['effect'];
  readonly code: string;
  /** How often that write is sent until it is done. */
  readonly writes: number;
}

const fail = { kind: 'fail', status: 500 } as const;
const tenMinutes = 600;

/** By the token that meets it. After an effect whose answer got lost nothing is done again. */
const refusals: Readonly<Record<string, Refusal>> = {
  'team-arm-429': { where: creation, effect: { kind: 'throttle' }, code: 'throttled', writes: 2 },
  'team-arm-429-later': {
    where: creation,
    effect: { kind: 'throttle', retryAfterSeconds: tenMinutes },
    code: 'throttled',
    writes: 2,
  },
  'team-arm-500': { where: creation, effect: fail, code: 'unavailable', writes: 2 },
  'team-arm-500-after': {
    where: creation,
    effect: { ...fail, when: 'after' },
    code: 'unavailable',
    writes: 1,
  },
  'team-arm-drop': {
    where: creation,
    effect: { kind: 'drop', when: 'before' },
    code: 'unavailable',
    writes: 2,
  },
  'team-arm-drop-after': {
    where: creation,
    effect: { kind: 'drop', when: 'after' },
    code: 'unavailable',
    writes: 1,
  },
  'team-vault-429-later': {
    where: publication,
    effect: { kind: 'throttle', retryAfterSeconds: tenMinutes },
    code: 'throttled',
    writes: 2,
  },
  'team-vault-500-after': {
    where: publication,
    effect: { ...fail, when: 'after' },
    code: 'unavailable',
    writes: 1,
  },
  'team-vault-drop': {
    where: publication,
    effect: { kind: 'drop', when: 'before' },
    code: 'unavailable',
    writes: 2,
  },
  'team-vault-cut': {
    where: publication,
    effect: { kind: 'damage', how: 'cut' },
    code: 'unavailable',
    writes: 1,
  },
};
const tokens = Object.keys(refusals);
const later = tokens.filter((token) => token.endsWith('-later'));
const patternOf = (token: string) => (refusals[token]?.where.match ?? '').replace('TOKEN', token);

describe('a write that is refused once', () => {
  it(
    'is tried again when it may be, has one effect and one event, whatever refused it',
    async () => {
      for (const [token, { where, effect }] of Object.entries(refusals))
        await service.control.injectFault({ part: where.part, effect, match: patternOf(token), times: 1 });
      const commands = await Promise.all(
        tokens.map((token) => requester.send('keyturn.token.requested', token, teamRequest())),
      );
      const codes = await Promise.all(tokens.map(failure));
      expect(Object.fromEntries(tokens.map((token, index) => [token, codes[index]]))).toEqual(
        Object.fromEntries(Object.entries(refusals).map(([token, { code }]) => [token, code])),
      );

      await service.control.advance('PT2M');
      const sooner = tokens.filter((token) => !later.includes(token));
      await Promise.all(sooner.map((token) => requester.event('keyturn.token.provisioned', token)));
      await service.control.advance('PT6M');
      for (const token of later) {
        expect(await requests(new RegExp(patternOf(token), 'i'))).toHaveLength(1);
        expect(requester.told(token)).toEqual([]);
      }
      await service.control.advance('PT3M');
      for (const sent of commands) expect((await requester.outcome(sent)).status).toBe('done');
      await Promise.all(later.map((token) => requester.event('keyturn.token.provisioned', token)));

      for (const [token, { writes }] of Object.entries(refusals)) {
        const sent = await requests(new RegExp(patternOf(token), 'i'));
        expect({ token, writes: sent.length }).toEqual({ token, writes });
        expect({ token, versions: await versionsOf(token) }).toEqual({ token, versions: 1 });
        expect(requester.told(token)).toEqual(['provisioned']);
      }
      await expectInOrder(service, tokens);
    },
    patience,
  );

  it(
    'costs a rotation a try, and consumers nothing, where it is the making of the password',
    async () => {
      const effects: readonly Fault['effect'][] = [
        { kind: 'throttle' },
        fail,
        { ...fail, when: 'after' },
        { kind: 'drop', when: 'before' },
        { kind: 'drop', when: 'after' },
        { kind: 'damage', how: 'garble' },
      ];
      const rotating = tokens.slice(0, effects.length);
      for (const token of rotating) prober.watch({ token, overlap: 'P14D' });
      for (const effect of effects)
        await service.control.injectFault({
          part: 'resource-manager',
          effect,
          match: '^POST /.*/generateCredentials\\?',
          times: 1,
        });
      const before = (await requests(/^POST .*\/generateCredentials\?/i)).length;
      const commands = await Promise.all(
        rotating.map((token) =>
          requester.send('keyturn.token.rotation-requested', token, { compromised: false }),
        ),
      );
      await Promise.all(rotating.map(failure));
      await service.control.advance('PT2M');
      for (const sent of commands) expect((await requester.outcome(sent)).status).toBe('done');
      for (const token of rotating) {
        expect(await versionsOf(token)).toBe(2);
        await requester.event('keyturn.token.rotated', token);
      }
      expect(await requests(/^POST .*\/generateCredentials\?/i)).toHaveLength(before + 2 * effects.length);
      await prober.until(2);
      expect(prober.failures).toEqual([]);
      await expectInOrder(service, tokens);
    },
    patience,
  );
});
