import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../../src/operations/doctor/diagnosis.ts';
import { canaryName } from '../../../src/operations/doctor/vault/check-canary.ts';
import { DoctorUnderTest, logInWithAz, notGreen, unusedPort } from './doctor-under-test.ts';
import { comparable, documentedSample } from './documentation.ts';
import { clientIds, withOtherRights } from './local-rights.ts';

let doctor: DoctorUnderTest;

beforeAll(async () => {
  doctor = await DoctorUnderTest.start({ changeCloud: withOtherRights });
});
afterAll(() => doctor.close());

describe('the doctor, where all is well', { timeout: 90_000 }, () => {
  it('is green, in a line for each thing that is configured', async () => {
    const { code, output, errors } = await doctor.command([]);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/\n\d+ ok, 0 warn, 0 red\n$/);
    expect(comparable(output)).toEqual(expect.arrayContaining(documentedSample()));
    for (const thing of [
      'setting +KEYTURN_CONFIGURATION',
      `identity +${clientIds.keyturn}`,
      'queue +token-requests-urgent',
      'queue +token-requests-rejected',
      'queue +registry-activity',
      'topic +token-events',
      'table +KeyturnRecords',
      'registry +contoso +all 11 actions',
      'events +contoso',
      `login server +${doctor.service.loginServer()}`,
      'vault +keyturn +values of secrets cannot be read',
      'clock +vault keyturn',
      'canary +keyturn +a secret valid for 240 days',
      'version +durable-functions',
    ])
      expect(output).toMatch(new RegExp(`^ok +${thing}`, 'm'));
  });

  it('says the same as JSON, leaves nothing but a deleted secret, and shows no access token', async () => {
    await doctor.service.control.clearRequests();
    const { output } = await doctor.command(['--json']);
    expect(output).not.toMatch(/eyJ[\w-]{10}/);
    expect(await doctor.service.control.heldMessages()).toEqual([]);
    expect(await doctor.service.control.issuedPasswords()).toEqual([]);
    const changes = (await doctor.service.control.requests({ part: 'resource-manager' })).filter(
      ({ request }) => !request.startsWith('GET '),
    );
    expect(changes.map(({ outcome }) => outcome)).toEqual([404, 404, 404, 404, 404]);
    const secrets = await doctor.service.secrets();
    const left: string[] = [];
    for await (const { name } of secrets.listPropertiesOfSecrets()) left.push(name);
    for await (const { name } of secrets.listDeletedSecrets()) left.push(`deleted ${name}`);
    expect(left).toEqual([`deleted ${canaryName}`]);
    const lines: Diagnosis[] = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const withoutClocks = (each: readonly Diagnosis[]) => each.filter(({ kind }) => kind !== 'clock');
    expect(withoutClocks(lines)).toEqual(withoutClocks(await doctor.examine({ canary: true })));
  });

  it('writes no secret when it is told not to', async () => {
    expect((await doctor.examine()).map(({ kind }) => kind)).not.toContain('canary');
  });
});

describe('the doctor, where more or something else is set', { timeout: 90_000 }, () => {
  it('looks at the archive and its subscription, if there is one', async () => {
    const settings = {
      Archive__blobServiceUri: doctor.service.setting('STORAGE_BLOB_ENDPOINT'),
      Archive__clientId: clientIds.keyturn,
    };
    const lines = await doctor.examine({ settings });
    expect(notGreen(lines)).toEqual([]);
    const said = lines.map(({ kind, name }) => `${kind} ${name}`);
    expect(said).toContain(`archive ${new URL(settings.Archive__blobServiceUri).host}`);
    expect(said).toContain('subscription token-events/archive');
  });

  it('looks whether sinks of alerts can be reached, and shows nothing of their addresses', async () => {
    const reachable = new URL(doctor.service.setting('KEY_VAULT_URL')).host;
    const unreachable = `localhost:${await unusedPort()}`;
    const lines = await doctor.examine({
      settings: {
        AlertSinks__oncall__url: `https://${reachable}/very-secret`,
        AlertSinks__chat__url: `https://${unreachable}/very-secret`,
      },
      configuration: (changed) =>
        Object.assign(changed, {
          alerting: {
            sinks: [
              { name: 'oncall', allowedHosts: [reachable] },
              { name: 'chat', allowedHosts: [unreachable] },
            ],
          },
        }),
    });
    expect(notGreen(lines)).toEqual([
      'red alert sink chat: cannot be reached: nothing listens there (ECONNREFUSED)',
    ]);
    expect(JSON.stringify(lines)).not.toContain('very-secret');
  });

  it('looks at an emulator, which it warns of', async () => {
    const settings = { ServiceBus: doctor.service.setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING') };
    const lines = await doctor.examine({ settings });
    expect(notGreen(lines)).toEqual(['warn setting ServiceBus: is a connection string']);
    const said = lines.map(({ kind, name, says }) => `${kind} ${name} ${says}`);
    expect(said).toContain('queue token-requests messages can be received and sent');
    expect(said).toContainEqual(expect.stringMatching(/^service bus 127\.0\.0\.1:\d+ can be reached$/));
  });
});

describe('the doctor, where there is no managed identity', { timeout: 90_000 }, () => {
  const nowhere = { IDENTITY_ENDPOINT: undefined, IDENTITY_HEADER: undefined };

  it('asks as whoever has logged in, and says that it is not Keyturn', async () => {
    const path = await logInWithAz(doctor.service, 'operator');
    const { code, output } = await doctor.command(['--json', '--no-canary'], nowhere, path);
    const lines: Diagnosis[] = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(notGreen(lines)).toEqual([
      expect.stringMatching(
        /^warn identity logged in: there is no managed identity here, so all is asked as object id 0b0b0b0b-\S+0001/,
      ),
      expect.stringMatching(/^warn vault keyturn: values of secrets can be read/),
    ]);
  });

  it('says that nobody has logged in', async () => {
    const { code, output } = await doctor.command(['--no-canary'], nowhere, doctor.service.folder);
    expect(code).toBe(1);
    expect(output).toMatch(
      /^red +identity +logged in +no access token \(noIdentity\)\n +what to do: .*`az login`/m,
    );
    expect(output).toMatch(/^ok +login server /m);
  });
});
