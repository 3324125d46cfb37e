import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../../infra/local/control/faults.ts';
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

/** Logins of the app; consumers name their client as well. */
const ofKeyturn = /^GET \/oauth2\/token\?service=[^&]*$/;

const request = (token: string) => requester.send('keyturn.token.requested', token, teamRequest());
const rotation = (token: string) =>
  requester.send('keyturn.token.rotation-requested', token, { compromised: false });

async function provision(token: string): Promise<void> {
  const { status } = await requester.outcome(await request(token));
  expect(status).toBe('done');
}

describe('a vault that refuses for an hour', () => {
  it(
    'holds up no consumer, is reported once for each, and all is done when it is over',
    async () => {
      await provision('team-steady');
      prober.watch({ token: 'team-steady', overlap: 'P14D' });
      const refuse = (token: string, status: number, code: string) =>
        service.control.injectFault({
          part: 'key-vault',
          match: `^PUT /secrets/acr-contoso--${token}\\?`,
          effect: { kind: 'fail', status, code },
        });
      await refuse('team-steady', 403, 'Forbidden');
      await refuse('team-newcomer', 503, 'ServiceUnavailable');
      const commands = [await rotation('team-steady'), await request('team-newcomer')];
      const failed = await requester.event('keyturn.token.rotation-failed', 'team-steady');
      expect(failed).toMatchObject({ severity: 'info', data: { code: 'accessDenied', attempts: 1 } });
      await service.control.advance('PT1H');
      expect(await requester.event('keyturn.token.request-failed', 'team-newcomer')).toMatchObject({
        severity: 'warning',
        data: { code: 'unavailable', commandType: 'keyturn.token.requested' },
      });
      expect(requester.told('team-newcomer')).toEqual(['request-failed']);
      expect(requester.told('team-steady')).toEqual(['provisioned', 'rotation-failed']);
      expect((await requester.state('team-steady'))?.status).toBe('active');
      expect((await requester.state('team-newcomer'))?.status).toBe('provisioning');

      await service.control.clearFaults('key-vault');
      await service.control.advance('PT1H');
      for (const sent of commands) expect((await requester.outcome(sent)).status).toBe('done');
      await requester.event('keyturn.token.rotated', 'team-steady');
      await requester.event('keyturn.token.provisioned', 'team-newcomer');
      await prober.until(2);
      expect(prober.failures).toEqual([]);
      await expectInOrder(service, ['team-steady', 'team-newcomer']);
    },
    patience,
  );
});

describe('a policy that disables each token right after it was made', () => {
  it(
    'ends the request with what a person has to do, and enabling it then brings the password',
    async () => {
      await service.control.changeRegistrySettings({ policyDisablesTokens: true });
      const { status, code } = await requester.outcome(await request('team-forbidden'));
      expect([status, code]).toEqual(['failed', 'disabledByPolicy']);
      const failed = await requester.event('keyturn.token.request-failed', 'team-forbidden');
      expect(failed).toMatchObject({
        severity: 'critical',
        data: { code: 'disabledByPolicy', toDo: expect.stringContaining('keyturn.token.enable-requested') },
      });
      expect(await requester.event('keyturn.token.disabled', 'team-forbidden')).toMatchObject({
        severity: 'critical',
        data: { cause: 'outOfBand' },
      });
      expect((await requester.state('team-forbidden'))?.status).toBe('disabled');

      await service.control.changeRegistrySettings({ policyDisablesTokens: false });
      expect(
        await requester.ask('keyturn.token.enable-requested', 'team-forbidden', { reason: 'exempt' }),
      ).toBe('done');
      await requester.event('keyturn.token.enabled', 'team-forbidden');
      await expectInOrder(service, ['team-forbidden']);
    },
    patience,
  );
});

describe('a login server that cannot be relied on', () => {
  it(
    'does not publish a password before it was accepted three times in a row, on a connection each',
    async () => {
      await provision('team-patient');
      const before = await service.publishedPassword('team-patient');
      const { sequence: after = 0 } = (await service.control.requests()).at(-1) ?? {};
      const pass: Fault['effect'] = { kind: 'delay', milliseconds: 0 };
      const answers: Fault['effect'][] = [
        { kind: 'fail', status: 503 },
        pass,
        { kind: 'fail', status: 401 },
        pass,
        pass,
        { kind: 'drop', when: 'after' },
      ];
      for (const effect of answers)
        await service.control.injectFault({
          part: 'login-server',
          match: ofKeyturn.source,
          effect,
          times: 1,
        });
      const { status } = await requester.outcome(await rotation('team-patient'));
      expect(status).toBe('done');
      const asked = await service.control.requests({ after });
      const logins = asked.filter(({ request: line }) => ofKeyturn.test(line));
      expect(logins.map(({ outcome }) => outcome)).toEqual([
        503,
        200,
        401,
        200,
        200,
        undefined,
        200,
        200,
        200,
      ]);
      const publications = asked.filter(({ request: line }) => /^PUT \/secrets\//.test(line));
      expect(publications).toHaveLength(1);
      expect(publications[0]?.sequence).toBeGreaterThan(logins.at(-1)?.sequence ?? Infinity);
      expect(await service.publishedPassword('team-patient')).not.toBe(before);
      expect(await service.logIn('team-patient', before)).toBe(200);
      await expectInOrder(service, ['team-patient']);
    },
    patience,
  );
});
