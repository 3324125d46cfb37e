import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationSchema } from '../../src/configuration/configuration-document.ts';
import { conflicts } from '../../src/configuration/cross-checks.ts';
import { ConfigurationError, parseConfiguration } from '../../src/configuration/read-configuration.ts';

const documentation = readFileSync('docs/configuration.md', 'utf8');
const written: unknown = JSON.parse(/```json\n(.*?)```/s.exec(documentation)?.[1] ?? '');
const example = configurationSchema.parse(written);

/** The example with some of its values replaced; `undefined` removes one. */
function changed(changes: Readonly<Record<string, unknown>>): string {
  const document: object = structuredClone(example);
  for (const [path, value] of Object.entries(changes)) put(document, path.split('.'), value);
  return JSON.stringify(document);
}

function put(target: object, [name = '', ...deeper]: readonly string[], value: unknown): void {
  if (deeper.length === 0) Reflect.set(target, name, value);
  else {
    if (!Object.hasOwn(target, name)) Reflect.set(target, name, {});
    put(Reflect.get(target, name), deeper, value);
  }
}

function sink(name: string): object {
  return { name, allowedHosts: ['pager.example'] };
}

function problemsOf(text: string): string[] {
  try {
    parseConfiguration(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ path, violation }) => `${path} ${violation}`);
  }
}

describe('a configuration', () => {
  const configuration = parseConfiguration(JSON.stringify(written));

  it('has filled in what follows from names and clouds', () => {
    expect(configuration.registries.get('contoso')).toEqual({
      name: 'contoso',
      resourceId: expect.stringMatching(/registries\/contoso$/),
      loginServer: 'contoso.azurecr.io',
      settleAfter: { firstPassword: 'PT300S', regenerated: 'PT300S' },
      verification: 'login',
      accepted: [],
      ignoredTokens: [],
    });
    expect(configuration.vaults.get('teams-vault')).toEqual({
      name: 'teams-vault',
      url: 'https://teams-vault.vault.azure.net',
      longestValidity: undefined,
    });
    expect(configuration.entrances.get('security')).toMatchObject({
      queue: 'security',
      urgentQueue: undefined,
    });
    expect([...configuration.profiles.keys()]).toEqual(['standard', 'live', 'device']);
    expect(configuration.messaging.eventsTopic).toBe('token-events');
  });

  it('waits for a first password only where there are replicas', () => {
    const settling = (changes: Readonly<Record<string, unknown>>) =>
      parseConfiguration(changed(changes)).registries.get('contoso')?.settleAfter;
    expect(settling({ 'registries.contoso.replicas': false })).toEqual({
      firstPassword: 'PT0S',
      regenerated: 'PT90S',
    });
    expect(settling({ 'registries.contoso.settleAfter': 'PT10S' })).toEqual({
      firstPassword: 'PT10S',
      regenerated: 'PT10S',
    });
  });

  it('can name another cloud, and addresses that follow no rule', () => {
    const elsewhere = parseConfiguration(
      changed({
        'cloud.registrySuffix': 'azurecr.us',
        'cloud.vaultSuffix': 'vault.usgovcloudapi.net',
        'vaults.partners-vault.url': 'https://localhost:6002',
      }),
    );
    expect(elsewhere.registries.get('contoso')?.loginServer).toBe('contoso.azurecr.us');
    expect(elsewhere.vaults.get('teams-vault')?.url).toBe('https://teams-vault.vault.usgovcloudapi.net');
    expect(elsewhere.vaults.get('partners-vault')?.url).toBe('https://localhost:6002');
    const local = parseConfiguration(changed({ 'registries.contoso.loginServer': 'localhost:6001' }));
    expect(local.registries.get('contoso')?.loginServer).toBe('localhost:6001');
  });

  it('has no HTTP interface unless it says so', () => {
    expect(configuration.http).toEqual({ authentication: 'off' });
  });

  it('can say who may ask over HTTP, as the documentation shows it', () => {
    const section = documentation.split('\n## `http`\n')[1] ?? '';
    const shown = JSON.parse(/```json\n(.*?)```/s.exec(section)?.[1] ?? '');
    expect(parseConfiguration(changed(shown)).http).toEqual(shown.http);
  });

  it('can have rotation schedules and windows, as the documentation shows them', () => {
    const shown = (heading: string) => {
      const section = documentation.split(`\n${heading}\n`)[1] ?? '';
      return JSON.parse(/```json\n(.*?)```/s.exec(section)?.[1] ?? '');
    };
    const schedules = shown('## `rotationSchedules`');
    const windows = shown('#### Rotation windows');
    const read = parseConfiguration(
      changed({ ...schedules, 'entrances.token-requests.policy.rotationWindows': windows }),
    );
    expect(read.rotationSchedules.get('partners-quarterly')).toEqual({
      name: 'partners-quarterly',
      ...schedules.rotationSchedules['partners-quarterly'],
    });
    expect(read.entrances.get('token-requests')?.policy.rotationWindows).toEqual(windows);
    expect(configuration.rotationSchedules.size).toBe(0);
  });

  it('can replace a standard profile and add others', () => {
    const own = { rotateEvery: 'P50D', overlap: 'P20D', minimumOverlap: 'P7D' };
    const { profiles } = parseConfiguration(changed({ 'profiles.standard': own, 'profiles.yearly': own }));
    expect(profiles.get('standard')).toEqual({ ...own, earlyRotation: 'allowed' });
    expect([...profiles.keys()]).toEqual(['standard', 'live', 'device', 'yearly']);
  });
});

const teams = 'entrances.token-requests';
const tenant = '9c1d2e3f-0000-4000-8000-00000000a001';

describe('a configuration stops the app, naming path and rule,', () => {
  const broken: Readonly<
    Record<string, [changes: Readonly<Record<string, unknown>>, ...problems: string[]]>
  > = {
    'without registries': [{ registries: undefined }, 'registries missing'],
    'with a misspelt key at the top': [{ entrence: {} }, 'entrence unknownField'],
    'with a misspelt key within': [
      { [`${teams}.policy.comands`]: [] },
      `${teams}.policy.comands unknownField`,
    ],
    'with a resource id of something else': [
      { 'registries.contoso.resourceId': '/subscriptions/x' },
      'registries.contoso.resourceId invalidRegistryId',
    ],
    'with a login server that is a URL': [
      { 'registries.contoso.loginServer': 'https://contoso.azurecr.io' },
      'registries.contoso.loginServer invalidHost',
    ],
    'with a vault that is not reached over https': [
      { 'vaults.teams-vault.url': 'http://localhost' },
      'vaults.teams-vault.url invalidUrl',
    ],
    'with a duration in months': [
      { [`${teams}.policy.staleAfter`]: 'P1M' },
      `${teams}.policy.staleAfter invalidDuration`,
    ],
    'with a command that is none': [
      { [`${teams}.policy.commands`]: ['keyturn.token.requested', 'all'] },
      `${teams}.policy.commands[1] notOneOf`,
    ],
    'with a queue in capitals': [{ [`${teams}.queue`]: 'Requests' }, `${teams}.queue invalidBusName`],
    'with a registry in capitals': [
      {
        registries: {
          Contoso: { resourceId: example.registries.contoso?.resourceId },
        },
      },
      'registries.Contoso invalidRegistryName',
    ],
    'with several mistakes, all of them': [
      { identity: { clientId: 'me' }, 'cloud.armEndpoint': 'management.azure.com' },
      'identity.clientId invalidFormat',
      'cloud.armEndpoint invalidUrl',
    ],
    'with an entrance named as Keyturn itself': [
      { 'entrances.keyturn': { policy: example.entrances.security?.policy } },
      'entrances.keyturn reservedName',
    ],
    'with an entrance named as the tokens that nobody manages': [
      { 'entrances.unmanaged': { policy: example.entrances.security?.policy } },
      'entrances.unmanaged reservedName',
    ],
    'with one registry under two names': [
      { 'registries.fabrikam': example.registries.contoso },
      'registries.fabrikam sameRegistry',
    ],
    'with two entrances on one queue': [
      { 'entrances.security.queue': 'token-requests' },
      'entrances.security.queue queueUsedTwice',
    ],
    'with an entrance on the queue of what is set aside': [
      { 'entrances.security.urgentQueue': 'token-requests-rejected' },
      'entrances.security.urgentQueue queueUsedTwice',
    ],
    'with an alert sink that bears the name of another one': [
      { alerting: { sinks: [sink('onCall'), sink('ONCALL')] } },
      'alerting.sinks[1].name sinkNamedTwice',
    ],
    'with an alert sink named as the log, which is one by itself': [
      { alerting: { sinks: [sink('log')] } },
      'alerting.sinks[0].name reservedName',
    ],
    'with an alert sink whose addresses are no range': [
      { alerting: { sinks: [{ ...sink('onCall'), privateAddresses: ['10.0.0.0'] }] } },
      'alerting.sinks[0].privateAddresses[0] invalidFormat',
    ],
    'with a policy for a registry that is not configured': [
      { [`${teams}.policy.registries`]: ['contoso', 'fabrikam'] },
      `${teams}.policy.registries[1] unknownRegistry`,
    ],
    'with a policy for a vault that is not configured': [
      { [`${teams}.policy.vault`]: 'constructor' },
      `${teams}.policy.vault unknownVault`,
    ],
    'with a policy for a profile that is not configured': [
      { [`${teams}.policy.profiles`]: ['standard', 'constructor'] },
      `${teams}.policy.profiles[1] unknownProfile`,
    ],
    'with a policy that manages an entrance that is not configured': [
      { [`${teams}.policy.manages`]: [{ entrance: 'devices' }] },
      `${teams}.policy.manages[0].entrance unknownEntrance`,
    ],
    'with a policy that manages its own entrance': [
      { [`${teams}.policy.manages`]: [{ entrance: 'token-requests' }] },
      `${teams}.policy.manages[0].entrance unknownEntrance`,
    ],
    'with a rotation schedule that never comes up': [
      { 'rotationSchedules.yearly': { schedule: '0 0 0 31 2 *', select: {} } },
      'rotationSchedules.yearly.schedule invalidCrontab',
    ],
    'with a rotation schedule of five fields in a time zone that is none': [
      { 'rotationSchedules.daily': { schedule: '0 4 * * *', timeZone: 'CEST2', select: {} } },
      'rotationSchedules.daily.schedule invalidCrontab',
      'rotationSchedules.daily.timeZone invalidTimeZone',
    ],
    'with a rotation schedule that does not say which tokens': [
      { 'rotationSchedules.daily': { schedule: '0 0 4 * * *' } },
      'rotationSchedules.daily.select missing',
    ],
    'with a rotation schedule for what is not configured': [
      {
        'rotationSchedules.daily': {
          schedule: '0 0 4 * * *',
          select: { registries: ['contoso', 'fabrikam'], entrances: ['devices'] },
        },
      },
      'rotationSchedules.daily.select.registries[1] unknownRegistry',
      'rotationSchedules.daily.select.entrances[0] unknownEntrance',
    ],
    'with a rotation window at a time that is none': [
      { [`${teams}.policy.rotationWindows`]: [{ from: '22:00', to: '24:00' }] },
      `${teams}.policy.rotationWindows[0].to invalidTimeOfDay`,
    ],
    'with an HTTP interface that nobody guards': [
      { http: { authentication: 'none' } },
      'http.authentication notOneOf',
    ],
    'with an HTTP interface whose readers see nothing': [
      { http: { authentication: 'functionKey', entrances: [] } },
      'http.entrances tooShort',
    ],
    'with HTTP readers of no tenant': [
      { http: { authentication: 'appService', readers: [{ role: 'Reader', entrances: 'all' }] } },
      'http.tenantId missing',
    ],
    'with an HTTP reader who is a role and a person': [
      {
        http: {
          authentication: 'appService',
          tenantId: tenant,
          readers: [{ role: 'Reader', principal: tenant, entrances: 'all' }],
        },
      },
      'http.readers[0] notOneOf',
    ],
    'with an HTTP reader of an entrance that is not configured': [
      {
        http: {
          authentication: 'appService',
          tenantId: tenant,
          readers: [{ role: 'Reader', entrances: ['token-requests', 'devices'] }],
        },
      },
      'http.readers[0].entrances[1] unknownEntrance',
    ],
    'with function keys for an entrance that is not configured': [
      { http: { authentication: 'functionKey', entrances: ['devices'] } },
      'http.entrances[0] unknownEntrance',
    ],
    'with bounds between which nothing lies': [
      {
        [`${teams}.policy.bounds`]: {
          minimumRotateEvery: 'P60D',
          maximumRotateEvery: 'P30D',
          minimumOverlap: 'P3D',
          maximumOverlap: 'P2D',
        },
        [`${teams}.policy.profiles`]: ['live'],
      },
      `${teams}.policy.bounds.minimumRotateEvery boundsContradict`,
      `${teams}.policy.bounds.minimumOverlap boundsContradict`,
      `${teams}.policy.profiles[0] profileOutsideBounds`,
    ],
    'with a profile whose overlap the bounds forbid': [
      { [`${teams}.policy.bounds`]: { maximumOverlap: 'P10D' } },
      `${teams}.policy.profiles[0] profileOutsideBounds`,
    ],
    'with a profile whose time between rotations the bounds forbid': [
      { [`${teams}.policy.bounds`]: { maximumRotateEvery: 'P45D' } },
      `${teams}.policy.profiles[0] profileOutsideBounds`,
    ],
    'with a vault whose secrets end before two passwords have taken turns': [
      { 'vaults.teams-vault.longestValidity': 'P90D' },
      `${teams}.policy.bounds.maximumOverlap overlapOverHalfOfValidity`,
      'entrances.security.policy.bounds.maximumOverlap overlapOverHalfOfValidity',
    ],
    'with an overlap a second over half of what its vault allows': [
      { 'entrances.token-requests-partners.policy.bounds.maximumOverlap': 'P45DT1S' },
      'entrances.token-requests-partners.policy.bounds.maximumOverlap overlapOverHalfOfValidity',
    ],
    'with a lease of which too little is left to work in': [
      { 'lease.length': 'PT59S', 'lease.margin': 'PT30S' },
      'lease.margin marginOverHalfOfLease',
    ],
    'with a lease that would hold up a token for long after a crash': [
      { 'lease.length': 'PT16M' },
      'lease.length tooLong',
    ],
    'with a profile whose overlap is too long': [
      { 'profiles.yearly': { rotateEvery: 'P10D', overlap: 'P10D', minimumOverlap: 'P1D' } },
      'profiles.yearly.overlap overlapNotBelowRotateEvery',
    ],
  };

  it.each(Object.entries(broken))('%s', (_sentence, [changes, ...problems]) => {
    expect(problemsOf(changed(changes))).toEqual(problems);
  });

  it('by every conflict in at least one of these sentences', () => {
    const shown = Object.values(broken).flatMap(([, ...problems]) =>
      problems.map((text) => text.split(' ')[1]),
    );
    expect(Object.keys(conflicts).filter((conflict) => !shown.includes(conflict))).toEqual([]);
  });

  it('that is not JSON', () => {
    expect(problemsOf('{"registries":')).toEqual(['configuration notJson']);
    expect(problemsOf('[]')).toEqual([' wrongType']);
  });

  it('in words that a person can act on', () => {
    expect(() => parseConfiguration(changed({ [`${teams}.policy.vault`]: 'no-vault' }))).toThrow(
      'The configuration of Keyturn is not valid:\n' +
        '  entrances.token-requests.policy.vault: unknownVault: is not one of `vaults`',
    );
  });
});

it('a value that is not one of a list is refused with the list', () => {
  const path = 'entrances.token-requests.policy.healing';
  const text = changed({ [path]: { publishedDead: 'restore' } });
  expect(() => parseConfiguration(text)).toThrow(
    `${path}.publishedDead: notOneOf: is not one of the values allowed here: report, rotate`,
  );
});
