import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Drift } from '../../../src/contracts/event-data.ts';
import { type TokenFinding, tokenFindings } from '../../../src/contracts/findings.ts';
import { withQuickVault } from '../commands/quick-vault.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { RunningService } from '../running-service.ts';
import { driftsOf } from './findings-of.ts';
import { Intruder } from './intruder.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let service: RunningService;
let requester: Requester;
let person: Intruder;

const all = Object.keys(tokenFindings) as TokenFinding[];
/** Azure reports nothing of what happens in a vault. */
const inVault: readonly TokenFinding[] = ['secretMissing', 'secretDisabled', 'secretForeign'];
const inRegistry = all.filter((finding) => !inVault.includes(finding));

beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withQuickVault,
    changeConfiguration: (configuration) => {
      configuration.reconcile = { schedule: '0 */5 * * * *' };
    },
  });
  requester = await Requester.open(service);
  person = await Intruder.enter(service, 'administrator');
});
afterAll(async () => {
  await requester?.messages.close();
  await service?.close();
});

/** One token for each finding, ready for it to be brought about. */
async function provision(
  kind: string,
  findings: readonly TokenFinding[],
): Promise<Map<TokenFinding, string>> {
  const tokens = new Map(findings.map((finding) => [finding, `team-${kind}-${finding.toLowerCase()}`]));
  await Promise.all(
    [...tokens.values()].map((token) =>
      requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', token, teamRequest()),
    ),
  );
  const disabled = tokens.get('reEnabledOutOfBand');
  if (disabled) await requester.ask('keyturn.token.disable-requested', disabled, { reason: 'audit' });
  return tokens;
}

async function told(
  finding: TokenFinding,
  token: string,
  isWanted: (drift: Drift) => boolean = () => true,
): Promise<Drift> {
  const found = () =>
    driftsOf(requester.messages.events, token).find((drift) => drift.finding === finding && isWanted(drift));
  await requester.messages.until(`${finding} of ${token}`, () => found() !== undefined, 30_000);
  const drift = found();
  if (!drift) throw new Error('The event is gone.');
  return drift;
}

describe('what somebody does to a token behind our back', () => {
  let tokens: Map<TokenFinding, string>;
  beforeAll(async () => {
    tokens = await provision('event', inRegistry);
  });

  it.each(inRegistry)('(%s) is noticed when Azure reports it', async (finding) => {
    const token = tokens.get(finding) ?? '';
    await person.bringAbout(finding, token);
    const since = performance.now();
    const drift = await told(finding, token, ({ actor }) => actor !== undefined);
    process.stdout.write(`${finding} noticed after ${Math.round(performance.now() - since)} ms\n`);
    expect(drift).toMatchObject({
      noticedBy: 'report',
      done: 'nothing',
      cause: finding === 'passwordVanished' ? 'redeployment' : 'person',
      actor: { kind: 'user', name: 'ada.bauer@contoso.example', correlationId: expect.any(String) },
    });
    expect(drift.evidence.join(' ')).toContain('ada.bauer@contoso.example');
  });

  it('and then mends is told to be over', async () => {
    const token = tokens.get('disabledOutOfBand') ?? '';
    await person.setStatus(token, 'enabled');
    await requester.messages.event('keyturn.token.drift-resolved', token);
    expect(await service.logIn(token)).toBe(200);
  });
});

it('is noticed within the hour where no report comes, and where Azure reports nothing', async () => {
  await service.control.changeEventGridSettings({ enabled: false });
  const tokens = await provision('hour', all);
  for (const [finding, token] of tokens) await person.bringAbout(finding, token);
  await service.control.advance('PT1H');
  await Promise.all([...tokens].map(([finding, token]) => told(finding, token)));
  for (const [finding, token] of tokens) {
    const drifts = driftsOf(requester.messages.events, token);
    expect(drifts.find((each) => each.finding === finding)).toMatchObject({ noticedBy: 'reconcile' });
  }
});
