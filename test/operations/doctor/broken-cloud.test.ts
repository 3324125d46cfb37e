import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultEventGridSettings } from '../../../infra/local/event-grid/event-grid-settings.ts';
import { canaryName } from '../../../src/operations/doctor/vault/check-canary.ts';
import { checkReports, noteReports } from '../../../src/watch/heard-reports.ts';
import { DoctorUnderTest, notGreen, runCommand, unusedPort } from './doctor-under-test.ts';
import { isExplained } from './documentation.ts';
import { clientIds, withOtherRights } from './local-rights.ts';

const { reader, limited } = clientIds;
let doctor: DoctorUnderTest;

beforeAll(async () => {
  doctor = await DoctorUnderTest.start({ changeCloud: withOtherRights });
});
afterAll(() => doctor.close());
afterEach(async () => {
  await doctor.service.control.clearFaults();
  await doctor.service.control.changeEventGridSettings({ ...defaultEventGridSettings });
});

describe('the doctor says what is wrong', { timeout: 90_000 }, () => {
  it('with the command: it ends with 2', async () => {
    const { code, output, errors } = await runCommand(['--settings', 'nowhere.env']);
    expect([code, output, errors]).toEqual([2, '', 'The settings file nowhere.env cannot be read.\n']);
  });

  it('with the settings: it names each, ends with 1, and still looks at the rest', async () => {
    const configuration = JSON.parse(doctor.service.setting('KEYTURN_CONFIGURATION'));
    configuration.entrances['token-requests'].policy.vault = 'elsewhere';
    configuration.lease = { length: 'PT1M', margin: 'PT1M' };
    const { code, output } = await doctor.command([], {
      KEYTURN_CONFIGURATION: JSON.stringify(configuration),
      ServiceBus__fullyQualifiedNamespace: undefined,
    });
    expect(code).toBe(1);
    expect(output).toMatch(/^red +setting +entrances\.token-requests\.policy\.vault +unknownVault/m);
    expect(output).toMatch(/^red +setting +lease\.margin +marginOverHalfOfLease/m);
    expect(output).toMatch(/^red +setting +ServiceBus__fullyQualifiedNamespace +missing/m);
    expect(output.match(/^ {6}what to do: /gm)).toHaveLength(4);
    expect(output).toMatch(/^ok +table +KeyturnRecords/m);
  });

  it('with the identity: it is another one than the configured, and may do little', async () => {
    const lines = await doctor.examine({
      settings: doctor.settingsOf(reader),
      configuration: (changed) => Object.assign(changed.identity ?? {}, { clientId: reader }),
    });
    const found = notGreen(lines);
    expect(found).toContainEqual(
      expect.stringMatching(
        /^red identity \S+: the object id of the access token is \S+0003, and not \S+0002$/,
      ),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^red registry contoso: cannot be read: accessDenied \(403\)/),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^red registry contoso: is not allowed read, operationStatuses\/read, /),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^red vault keyturn: secrets cannot be listed: accessDenied/),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^red queue token-requests: messages cannot be received: accessDenied/),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^red topic token-events: messages cannot be sent: accessDenied/),
    );
  });

  it('with the identity: it can read passwords', async () => {
    const lines = await doctor.examine({
      configuration: (changed) => Object.assign(changed.identity ?? {}, { clientId: reader }),
    });
    expect(notGreen(lines)).toContainEqual(
      expect.stringMatching(/^warn vault keyturn: values of secrets can be read/),
    );
  });

  it('with the identity: there is none of that client id', async () => {
    const unknown = '0a0a0a0a-0000-4000-8000-00000000ffff';
    const found = notGreen(
      await doctor.examine({
        settings: doctor.settingsOf(unknown),
        configuration: (changed) => Object.assign(changed.identity ?? {}, { clientId: unknown }),
      }),
    );
    expect(found).toContain(`red identity ${unknown}: no access token (noIdentity)`);
    for (const thing of ['vault keyturn', 'queue token-requests', 'table KeyturnRecords', 'registry contoso'])
      expect(found).toContain(`red ${thing}: not looked at: no access token (noIdentity)`);
    expect(found).not.toContainEqual(expect.stringMatching(/login server|service bus|resource manager/));
  });

  it('with its rights: what is lacking is named', async () => {
    const settings = doctor.settingsOf(limited);
    const found = notGreen(
      await doctor.examine({
        settings,
        configuration: (changed) =>
          Object.assign(changed.identity ?? {}, { clientId: limited, objectId: undefined }),
        canary: true,
      }),
    );
    expect(found).toContain(
      'red registry contoso: is not allowed tokens/operationStatuses/read, generateCredentials/action',
    );
    expect(found).toContain('red vault keyturn: is not allowed secrets/setSecret/action');
    expect(found).toContainEqual(
      expect.stringMatching(/^red canary keyturn: a secret valid for 240 days, until \S+ is refused$/),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^red queue token-requests: messages cannot be received/),
    );
    expect(found).not.toContainEqual(expect.stringMatching(/messages cannot be sent/));
    expect(found).toContainEqual(
      expect.stringMatching(
        /^warn events contoso: no report has come yet, .* cannot be seen \(accessDenied\)$/,
      ),
    );
    expect(found).toContainEqual(expect.stringMatching(/^warn identity /));
  });

  it('with queues and topics: there is none of that name, and the others are well', async () => {
    const found = notGreen(
      await doctor.examine({
        configuration: (changed) => {
          const { 'token-requests': entrance } = changed.entrances;
          Object.assign(entrance ?? {}, { queue: 'no-such-queue' });
          Object.assign(changed, { messaging: { eventsTopic: 'no-such-topic' } });
        },
      }),
    );
    expect(found).toEqual([
      'red queue no-such-queue: there is no such queue',
      'red topic no-such-topic: there is no such topic',
      'red subscription no-such-topic/alerts: there is no such subscription',
    ]);
  });

  it('with a registry: there is none of that id', async () => {
    const found = notGreen(
      await doctor.examine({
        configuration: ({ registries: { contoso } }) => {
          if (contoso) contoso.resourceId = contoso.resourceId.replace(/contoso$/, 'nowhere');
        },
      }),
    );
    expect(found).toEqual([
      'red registry contoso: there is no such registry, resource group or subscription',
    ]);
  });

  it('with a login server: nothing is there, or something else', async () => {
    const at = (loginServer: string) =>
      doctor.examine({
        configuration: ({ registries: { contoso } }) => Object.assign(contoso ?? {}, { loginServer }),
      });
    const nowhere = `localhost:${await unusedPort()}`;
    const nothing = notGreen(await at(nowhere));
    expect(nothing).toContain(
      `red login server ${nowhere}: cannot be reached: nothing listens there (ECONNREFUSED)`,
    );
    expect(nothing).toContain(
      `red registry contoso: its login server is ${doctor.service.loginServer()}, and not ${nowhere}`,
    );
    const unresolved = notGreen(await at('contoso.invalid'));
    expect(unresolved).toContainEqual(
      expect.stringMatching(
        /^red login server contoso\.invalid: cannot be reached: its name does not resolve/,
      ),
    );
    const { host } = new URL(doctor.service.setting('KEY_VAULT_URL'));
    expect(notGreen(await at(host))).toContainEqual(
      expect.stringMatching(/^red login server \S+: does not answer as a registry does/),
    );
  });

  it.each([
    ['service-bus', 'service bus', 'queue token-requests'],
    ['storage', 'table service', 'table KeyturnRecords'],
    ['resource-manager', 'resource manager', 'registry contoso'],
    ['login-server', 'login server', undefined],
    ['key-vault', 'vault keyturn', undefined],
  ] as const)('with %s: it cannot be reached', async (part, thing, dependent) => {
    await doctor.service.control.setReachable(part, false);
    const found = notGreen(await doctor.examine());
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^red ${thing}.* cannot be reached: `)));
    if (dependent)
      expect(found).toContainEqual(expect.stringMatching(new RegExp(`^red ${dependent}: .*unavailable`)));
    const things = found.map((line) => line.split(' ').slice(1, 3).join(' '));
    expect(things).not.toContain('setting KEYTURN_CONFIGURATION');
  });

  it('with the reports of a registry: they are switched off, or filtered', async () => {
    await doctor.service.control.changeEventGridSettings({
      operationNames: ['Microsoft.ContainerRegistry/registries/tokens/write'],
    });
    expect(notGreen(await doctor.examine())).toEqual([
      expect.stringMatching(
        /^warn events contoso: the event subscription registry-activity leaves out registries\/tokens\/delete, /,
      ),
    ]);
    await doctor.service.control.changeEventGridSettings({ enabled: false });
    expect(notGreen(await doctor.examine())).toEqual([
      'red events contoso: no event subscription leads from its resource group to queue registry-activity',
    ]);
  });

  it('with the reports of a registry: Keyturn itself misses one, until they come', async () => {
    const ports = doctor.connect();
    const now = new Date().toISOString();
    const registry = ports.configuration.registries.get('contoso');
    if (!registry) throw new Error('There is no registry contoso.');
    const asLimited = async () => {
      const lines = await doctor.examine({
        configuration: (changed) => Object.assign(changed.identity ?? {}, { clientId: limited }),
      });
      return lines.filter(({ kind }) => kind === 'events').map(({ verdict, says }) => `${verdict} ${says}`);
    };
    const missed = 'red Keyturn did something that Azure has not reported (finding `eventsMissing`)';
    await checkReports(
      registry,
      '2026-01-01T00:00:00.000Z',
      { now, noticedBy: 'reconcile', reports: [] },
      ports,
    );
    expect(await asLimited()).toEqual([missed]);
    expect(notGreen(await doctor.examine())).toEqual([missed.replace('red ', 'red events contoso: ')]);
    await noteReports(registry, now, now, ports);
    expect(await asLimited()).toEqual([
      `ok reports arrive, the last one of ${now}; Event Grid itself cannot be seen (accessDenied)`,
    ]);
    await ports.close();
  });

  it('with a vault: a policy refuses a secret that is valid for so long', async () => {
    await doctor.service.control.injectFault({
      part: 'key-vault',
      match: `^PUT /secrets/${canaryName}`,
      effect: { kind: 'fail', status: 403, code: 'Forbidden' },
    });
    const lines = await doctor.examine({ canary: true });
    expect(notGreen(lines)).toEqual([
      expect.stringMatching(
        /^red canary keyturn: a secret valid for 240 days, until \d{4}-\d\d-\d\d, is refused$/,
      ),
    ]);
    expect(lines.find(({ kind }) => kind === 'canary')?.remedy).toContain('`vaults.keyturn.longestValidity`');
  });

  it('with a vault: the name of the canary is taken, and nothing is done to what is there', async () => {
    const secrets = await doctor.service.secrets();
    await doctor.examine({ canary: true });
    const recovering = await secrets.beginRecoverDeletedSecret(canaryName);
    await recovering.pollUntilDone();
    await secrets.setSecret(canaryName, 'of somebody else');
    expect(notGreen(await doctor.examine({ canary: true }))).toEqual([
      `red canary keyturn: there is a secret ${canaryName} that the doctor did not write`,
    ]);
    expect((await secrets.getSecret(canaryName)).value).toBe('of somebody else');
  });

  it('in words that the documentation explains, all of them', () => {
    const unexplained = doctor.said.filter((line) => line.verdict !== 'ok' && !isExplained(line));
    expect(new Set(unexplained.map(({ kind, says }) => `${kind}: ${says}`))).toEqual(new Set());
  });

  it('with the clocks, when all else is as it was', async () => {
    await doctor.service.control.advance('PT1M');
    const warned = notGreen(await doctor.examine());
    expect(warned).toHaveLength(2);
    expect(warned).toContainEqual(
      expect.stringMatching(/^warn clock resource manager: is (59|6\d) s ahead of this machine's$/),
    );
    await doctor.service.control.advance('PT1H');
    expect(notGreen(await doctor.examine())).toContainEqual(
      expect.stringMatching(/^red clock vault keyturn: is 6[12] min ahead of this machine's$/),
    );
  });
});
