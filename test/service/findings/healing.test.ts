import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Drift } from '../../../src/contracts/event-data.ts';
import type { TokenFinding } from '../../../src/contracts/findings.ts';
import { withQuickVault } from '../commands/quick-vault.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { RunningService } from '../running-service.ts';
import { driftsOf } from './findings-of.ts';
import { Intruder } from './intruder.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const healing = {
  disabledOutOfBand: 'restore',
  deletedOutOfBand: 'restore',
  reEnabledOutOfBand: 'restore',
  scopeMapChanged: 'restore',
  scopeMapContentChanged: 'restore',
  passwordVanished: 'rotate',
  publishedDead: 'rotate',
  unpublishedSlotRegenerated: 'restore',
} as const satisfies Partial<Record<TokenFinding, string>>;

let service: RunningService;
let requester: Requester;
let template: Intruder;
let person: Intruder;

beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withQuickVault,
    changeConfiguration: ({ entrances }) => {
      for (const { policy } of Object.values(entrances)) policy.healing = healing;
    },
  });
  requester = await Requester.open(service);
  template = await Intruder.enter(service, 'operator');
  person = await Intruder.enter(service, 'administrator');
});
afterAll(async () => {
  await requester?.messages.close();
  await service?.close();
});

async function provision(token: string): Promise<void> {
  await requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', token, teamRequest());
}

async function over(token: string): Promise<void> {
  await requester.messages.event('keyturn.token.drift-resolved', token);
}

/** What was told of one finding of a token, each once: who did it may be heard of later than what was done. */
function doneTo(token: string, about: TokenFinding): string[] {
  const drifts = driftsOf(requester.messages.events, token).filter(({ finding }) => finding === about);
  return [...new Set(drifts.map(({ done }) => done))];
}

it.each<[TokenFinding, done: string]>([
  ['disabledOutOfBand', 'restored'],
  ['deletedOutOfBand', 'restored'],
  ['scopeMapChanged', 'restored'],
  ['scopeMapContentChanged', 'restored'],
  ['passwordVanished', 'rotated'],
  ['publishedDead', 'rotated'],
])('mends what a template did (%s), and the published password works again', async (finding, done) => {
  const token = `team-heal-${finding.toLowerCase()}`;
  await provision(token);
  await template.bringAbout(finding, token);
  await over(token);
  expect(doneTo(token, finding)).toEqual(['nothing', done]);
  expect(await service.logIn(token)).toBe(200);
  const { status, scopeMapId } = await template.registry.tokens.get('registries', 'contoso', token);
  expect([status, scopeMapId?.split('/').at(-1)]).toEqual(['enabled', `${token}-scope-map`]);
});

it('ends a password that somebody made in the slot that nobody uses', async () => {
  const token = 'team-heal-theft';
  await provision(token);
  const stolen = await person.generate(token, 'password2');
  await over(token);
  expect(doneTo(token, 'unpublishedSlotRegenerated')).toEqual(['nothing', 'restored']);
  await expect.poll(() => service.logIn(token, stolen), { timeout: 10_000 }).toBe(401);
  expect(await service.logIn(token)).toBe(200);
});

it('disables again what somebody enabled after it was revoked, whoever that was', async () => {
  const token = 'team-heal-revoked';
  await provision(token);
  await requester.ask('keyturn.token.revocation-requested', token, { reason: 'laptop stolen' });
  await person.setStatus(token, 'enabled');
  await over(token);
  expect(doneTo(token, 'reEnabledOutOfBand')).toEqual(['nothing', 'disabled']);
  expect((await person.registry.tokens.get('registries', 'contoso', token)).status).toBe('disabled');
});

it('leaves disabled what a person disabled, and says so', async () => {
  const token = 'team-heal-person';
  await provision(token);
  await person.setStatus(token, 'disabled');
  await lastly(token, ({ cause }) => cause === 'person');
  expect(driftsOf(requester.messages.events, token).at(-1)).toMatchObject({
    finding: 'disabledOutOfBand',
    code: 'actorIsPerson',
    done: 'nothing',
  });
  expect((await person.registry.tokens.get('registries', 'contoso', token)).status).toBe('disabled');
});

it('gives up against a policy of Azure that disables the token each time, and names it', async () => {
  const token = 'team-heal-policy';
  await provision(token);
  await service.control.changeRegistrySettings({ policyDisablesTokens: true });
  try {
    await template.setStatus(token, 'enabled');
    await lastly(token, ({ done }) => done === 'failed');
    await service.control.advance('PT2H');
    await lastly(token, ({ done }) => done === 'parked');
  } finally {
    await service.control.changeRegistrySettings({ policyDisablesTokens: false });
  }
  expect(driftsOf(requester.messages.events, token).at(-1)).toMatchObject({
    finding: 'disabledOutOfBand',
    cause: 'azurePolicy',
    code: 'disabledByPolicy',
    evidence: expect.arrayContaining(['The registry answered `disabled` when Keyturn enabled the token.']),
  });
});

async function lastly(token: string, isWanted: (drift: Drift) => boolean): Promise<void> {
  await requester.messages.until(`findings of ${token}`, () => {
    const last = driftsOf(requester.messages.events, token).at(-1);
    return last !== undefined && isWanted(last);
  });
}
