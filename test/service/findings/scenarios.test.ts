import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { ControlClient } from '../../../infra/local/control/control-client.ts';
import type { Alert } from '../../../src/alerting/alert.ts';
import type { TokenFinding } from '../../../src/contracts/findings.ts';
import { repetitions } from '../../counts.ts';
import { AlertedService } from '../alerts/alerted-service.ts';
import { withQuickVault } from '../commands/quick-vault.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { driftOf, driftsOf } from './findings-of.ts';
import { Intruder } from './intruder.ts';

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

const many = repetitions({ quick: 24, soak: 5_000 });

let alerted: AlertedService;
let requester: Requester;
let template: Intruder;
let person: Intruder;

beforeAll(async () => {
  alerted = await AlertedService.start([{ name: 'pager' }], withQuickVault, {
    registrySettings: {
      writeLimit: { capacity: 20_000, refillPerSecond: 1_000 },
      readLimit: { capacity: 20_000, refillPerSecond: 1_000 },
    },
    changeConfiguration: ({ entrances }) => {
      for (const { policy } of Object.values(entrances))
        Object.assign(policy, {
          healing: { disabledOutOfBand: 'restore', passwordVanished: 'rotate' },
          quotas: { tokens: 10_000, commandsPerHour: 100_000 },
        });
    },
  });
  requester = await Requester.open(alerted.service);
  template = await Intruder.enter(alerted.service, 'operator');
  person = await Intruder.enter(alerted.service, 'administrator');
});
afterAll(async () => {
  await requester?.messages.close();
  await alerted?.close();
});
beforeEach(() => {
  alerted.receiver.calls.length = 0;
});

async function provision(...tokens: readonly string[]): Promise<void> {
  for (let from = 0; from < tokens.length; from += 50)
    await Promise.all(
      tokens
        .slice(from, from + 50)
        .map((token) =>
          requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', token, teamRequest()),
        ),
    );
}

/** What a person on call reads, without what differs from run to run. */
function text({ title, severity, impact, cause, evidence, done, next, toDo }: Alert) {
  return {
    title,
    severity,
    impact,
    cause,
    evidence: evidence.map((each) => each.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'THEN')),
    done,
    next: next?.what,
    command: toDo.command,
    runbook: toDo.runbook.split('#')[1],
  };
}

it('a template that wipes both passwords is told, named as such, and mended by a new password', async () => {
  await provision('team-wiped');
  await template.redeploy('team-wiped');
  const alert = await alerted.alert('pager', ({ alert: name }) => name === 'passwordVanished');
  // Whether that is told before or after it is mended, depends on who is faster.
  const { done: _done, next: _next, ...rest } = text(alert);
  expect(rest).toMatchInlineSnapshot(`
    {
      "cause": "redeployment",
      "command": "az acr token show --name team-wiped --registry contoso --subscription 00000000-0000-4000-8000-000000000001 --query "{status:status, scopeMap:scopeMapId, passwords:credentials.passwords}"",
      "evidence": [
        "Azure reports that application 0b0b0b0b-0000-4000-8000-000000000001 wrote the token at THEN.",
        "The token has no password left, as when a template writes a token without its passwords.",
        "password1: expected THEN, found absent.",
        "passwords: expected nothing, found none.",
      ],
      "impact": "A password that was promised to work no longer does. If it is the published one, logins fail already; if it is the one before, consumers that have not fetched the new one fail.",
      "runbook": "password-vanished",
      "severity": "critical",
      "title": "contoso/team-wiped: a password is gone",
    }
  `);
  await requester.messages.event('keyturn.token.drift-resolved', 'team-wiped');
  expect(driftsOf(requester.messages.events, 'team-wiped').at(-1)).toMatchObject({ done: 'rotated' });
  expect(await alerted.service.logIn('team-wiped')).toBe(200);
});

it('a password that somebody makes in the slot that nobody uses is told with who it was', async () => {
  await provision('team-quiet');
  const stolen = await person.generate('team-quiet', 'password2');
  const alert = await alerted.alert(
    'pager',
    ({ alert: name, who }) => name === 'unpublishedSlotRegenerated' && who !== undefined,
  );
  expect(text(alert)).toMatchInlineSnapshot(`
    {
      "cause": "person",
      "command": "az acr token show --name team-quiet --registry contoso --subscription 00000000-0000-4000-8000-000000000001 --query "{status:status, scopeMap:scopeMapId, passwords:credentials.passwords}"",
      "done": "Keyturn has changed nothing.",
      "evidence": [
        "Azure reports that user ada.bauer@contoso.example generated passwords in the registry at THEN.",
        "password2: expected nothing, found THEN.",
      ],
      "impact": "Nothing is broken, but somebody can log in as this token with a password that is not in the vault, and will keep that until the slot is rotated.",
      "next": undefined,
      "runbook": "unpublished-slot-regenerated",
      "severity": "critical",
      "title": "contoso/team-quiet: somebody made a second password",
    }
  `);
  expect(alert.who).toMatchObject({ name: 'ada.bauer@contoso.example', address: expect.any(String) });
  expect(JSON.stringify(alerted.receiver.calls)).not.toContain(stolen);
});

it('a policy of Azure that disables what is enabled is told, and given up against', async () => {
  await provision('team-policy');
  await alerted.service.control.changeRegistrySettings({ policyDisablesTokens: true });
  try {
    await template.setStatus('team-policy', 'enabled');
    const parked = () => driftsOf(requester.messages.events, 'team-policy').at(-1)?.done === 'parked';
    await requester.messages.until('the first try', () =>
      driftsOf(requester.messages.events, 'team-policy').some(({ done }) => done === 'failed'),
    );
    await alerted.service.control.advance('PT2H');
    await requester.messages.until('parked', parked);
    await alerted.service.control.advance('PT1H');
  } finally {
    await alerted.service.control.changeRegistrySettings({ policyDisablesTokens: false });
  }
  const alert = await alerted.alert(
    'pager',
    ({ alert: name, done = '' }) => name === 'disabledOutOfBand' && done.includes('given up'),
  );
  expect(text(alert)).toMatchInlineSnapshot(`
    {
      "cause": "azurePolicy",
      "command": "az acr token show --name team-policy --registry contoso --subscription 00000000-0000-4000-8000-000000000001 --query "{status:status, scopeMap:scopeMapId, passwords:credentials.passwords}"",
      "done": "Keyturn has given up mending it by itself: disabledByPolicy.",
      "evidence": [
        "Azure reports that application 0b0b0b0b-0000-4000-8000-000000000001 wrote the token at THEN.",
        "The registry answered \`disabled\` when Keyturn enabled the token.",
        "status: expected enabled, found disabled.",
      ],
      "impact": "Nobody can log in with the token any more: pulls, pushes and deployments that use it fail. Registry access tokens that were issued before work for up to 3 hours.",
      "next": undefined,
      "runbook": "disabled-out-of-band",
      "severity": "critical",
      "title": "contoso/team-policy: disabled by others",
    }
  `);
});

it("the registry's admin user, and its passwords when somebody takes them, are told", async () => {
  await person.registry.registries.update('registries', 'contoso', { adminUserEnabled: true });
  const alert = await alerted.alert('pager', ({ alert: name }) => name === 'registryBackDoor');
  expect(text(alert)).toMatchInlineSnapshot(`
    {
      "cause": "person",
      "command": "az acr show --name contoso --subscription 00000000-0000-4000-8000-000000000001 --query "{created:creationDate, adminUser:adminUserEnabled, anonymousPull:anonymousPullEnabled, network:publicNetworkAccess}"",
      "done": "Keyturn has changed nothing.",
      "evidence": [
        "Azure reports that the user ada.bauer@contoso.example wrote the registry at THEN.",
        "adminUser: expected off, found on.",
      ],
      "impact": "Images can be read, and with the admin user written, past every token: revoking tokens does not keep anybody out.",
      "next": undefined,
      "runbook": "registry-back-door",
      "severity": "critical",
      "title": "contoso: the registry can be used without a token",
    }
  `);
  await person.registry.registries.listCredentials('registries', 'contoso');
  await requester.messages.until('that the passwords were listed', () =>
    requester.messages.events.some((event) =>
      driftOf(event)?.differences.some(({ what, found }) => what === 'adminPasswords' && found === 'listed'),
    ),
  );
  await person.registry.registries.update('registries', 'contoso', { adminUserEnabled: false });
});

it(`${many} tokens disabled at once are few calls, every one on record, and no storm of healing`, async () => {
  const tokens = Array.from({ length: many }, (_, index) => `team-storm-${index}`);
  await provision(...tokens);
  alerted.receiver.calls.length = 0;
  await alerted.service.control.changeRegistrySettings({ policyDisablesTokens: true });
  const tries = await TriesToHeal.from(alerted.service.control);
  for (let from = 0; from < many; from += 50)
    await Promise.all(tokens.slice(from, from + 50).map((token) => template.setStatus(token, 'enabled')));
  /** In one pass: the local cloud lives in this process, and waits while this is worked out for each event. */
  const told = () => {
    const drifting = requester.messages.events.filter((event) => driftOf(event));
    return new Set(drifting.map(({ data }) => data.token)).intersection(new Set(tokens)).size;
  };
  const since = performance.now();
  for (let tenth = 1; tenth <= 10; tenth++) {
    await requester.messages.until(`${tenth} tenths told`, () => told() >= (many * tenth) / 10, 600_000);
    await tries.count();
  }
  const seconds = Math.round((performance.now() - since) / 1_000);
  await alerted.alert('pager', ({ alert: name }) => name === 'massDrift');
  // Longer than the time from one message about a group to the next, and until it is asked again whether to heal.
  for (let minutes = 0; minutes < 75; minutes += 5) {
    await alerted.service.control.advance('PT5M');
    await tries.count();
  }
  await alerted.alert(
    'pager',
    ({ alert: name, count }) => name === 'disabledOutOfBand' && count >= many,
    60_000,
  );
  await expect
    .poll(async () => (await listed('disabledOutOfBand')).size, { timeout: 600_000, interval: 2_000 })
    .toBeGreaterThanOrEqual(many);
  const all = await listed('disabledOutOfBand');
  expect(tokens.filter((token) => !all.has(token))).toEqual([]);
  const calls = alerted.receiver.calls.length;
  process.stdout.write(
    `${many} disabled: told in ${seconds} s, ${calls} webhook calls, ${tries.found} tries to heal\n`,
  );
  expect(tries.found).toBeLessThanOrEqual(Math.max(10, many / 50) + 64);
  expect(calls).toBeLessThanOrEqual(5);
});

/** Keyturn's attempts to enable tokens. The cloud forgets the oldest requests: they have to be counted now and then. */
class TriesToHeal {
  readonly #control: ControlClient;
  #last: number;
  found = 0;

  private constructor(control: ControlClient, last: number) {
    this.#control = control;
    this.#last = last;
  }

  static async from(control: ControlClient): Promise<TriesToHeal> {
    return new TriesToHeal(control, (await control.requests()).at(-1)?.sequence ?? 0);
  }

  async count(): Promise<void> {
    const requests = await this.#control.requests({ after: this.#last });
    if (requests.length === 0) return;
    expect(requests[0]?.sequence, 'no request was forgotten before it was counted').toBe(this.#last + 1);
    this.#last += requests.length;
    this.found += requests.filter(
      ({ part, identity, request }) =>
        part === 'resource-manager' && identity === 'keyturn' && request.startsWith('PATCH'),
    ).length;
  }
}

/** The tokens with a finding, as `GET /api/findings` lists them, page by page. */
async function listed(finding: TokenFinding): Promise<Set<string>> {
  const { service } = alerted;
  const keys = await readFile(join(service.folder, 'host', 'keys.json'), 'utf8');
  const found = new Set<string>();
  let continuation: string | undefined;
  do {
    const query = new URLSearchParams({
      registry: 'contoso',
      finding,
      ...(continuation ? { continuation } : {}),
    });
    const answer = await fetch(`${service.hosts[0]?.origin}/api/findings?${query}`, {
      headers: { 'x-functions-key': JSON.parse(keys).function },
    });
    expect(answer.status).toBe(200);
    const page = (await answer.json()) as { findings: { token: string }[]; continuation?: string };
    for (const { token } of page.findings) found.add(token);
    continuation = page.continuation;
  } while (continuation !== undefined);
  return found;
}
