import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../../infra/local/control/request-history.ts';
import { Requester } from '../commands/requester.ts';
import { RunningService } from '../running-service.ts';
import { everythingPersisted, type Place } from './everything-persisted.ts';
import { type Planted, plantedKinds, plantSecrets } from './plant-secrets.ts';
import { RequestTap } from './request-tap.ts';
import { runEverything } from './run-everything.ts';
import { SecretSearch } from './search-bytes.ts';
import { sentRequests } from './sent-requests.ts';

let service: RunningService;
let requester: Requester;
let tap: RequestTap;

/** What is searched for. Of an access token, the part that no other one has. */
let passwords: string[];
let loginTokens: string[];
let planted: Planted[];
let requests: RequestRecord[];
/** Where what was found, by secret; and how many bytes were looked at, by kind of place. */
const found = new Map<string, { readonly kind: string; readonly place: string; readonly how: string }[]>();
const searched = new Map<string, number>();

beforeAll(async () => {
  tap = new RequestTap();
  service = await RunningService.start({
    redeliveryDelay: 'PT3S',
    changeConfiguration: (configuration) => {
      configuration.lease = { length: 'PT6S', margin: 'PT2S' };
    },
  });
  requester = await Requester.open(service);
  await runEverything(service, requester);
  planted = await plantSecrets(service, requester.messages);
  passwords = await service.control.issuedPasswords();
  loginTokens = (await service.control.issuedLoginTokens()).map((token) => token.slice(-60));
  const secrets = [...passwords, ...loginTokens, ...planted.map(({ secret }) => secret)];
  requests = await service.control.requests();
  searchAll(await collect(), new SecretSearch(secrets));
}, 300_000);

afterAll(async () => {
  tap.close();
  await requester.close();
  await service.close();
});

/** All places are collected first: the search lets nothing else run for seconds. */
async function collect(): Promise<Place[]> {
  const places: Place[] = sentRequests(tap.requests(), service.cloud).map(({ endpoint, bytes }) => ({
    kind: 'sent',
    name: endpoint,
    bytes,
  }));
  for (const event of requester.messages.events)
    places.push({ kind: 'event', name: event.type, bytes: Buffer.from(JSON.stringify(event)) });
  for await (const place of everythingPersisted(service)) places.push(place);
  return places;
}

function searchAll(places: readonly Place[], search: SecretSearch): void {
  for (const { kind, name, bytes } of places) {
    searched.set(kind, (searched.get(kind) ?? 0) + bytes.length);
    for (const { secret, how } of search.find(bytes))
      found.set(secret, [...(found.get(secret) ?? []), { kind, place: name, how }]);
  }
}

const findings = (secrets: readonly string[]) => secrets.flatMap((secret) => found.get(secret) ?? []);

describe('everything that is persisted, logged or sent', () => {
  it('holds no password that the registry ever issued, in no encoding', () => {
    expect(passwords.length).toBeGreaterThan(40);
    expect(findings(passwords)).toEqual([]);
  });

  it('holds no access token that the login server gave for a password', () => {
    expect(loginTokens.length).toBeGreaterThan(60);
    expect(findings(loginTokens)).toEqual([]);
  });

  it('was searched in every kind of place', () => {
    const kinds = [
      'log',
      'environment',
      'request history',
      'message',
      'row',
      'file',
      'history',
      'sent',
      'event',
    ];
    for (const kind of kinds) expect([kind, searched.get(kind)]).toEqual([kind, expect.any(Number)]);
  });
});

describe('a secret that is planted', () => {
  it.each(plantedKinds)('in a %s is found in every encoding', (kind) => {
    const missed = planted.filter(
      (plant) => plant.kind === kind && !found.get(plant.secret)?.some((place) => place.kind === kind),
    );
    expect(missed.map(({ encoding }) => encoding)).toEqual([]);
  });
});

it('met damage in every answer that holds a password or a login token', () => {
  const met = (part: string, request: RegExp) =>
    new Set(
      requests
        .filter((record) => record.part === part && request.test(record.request) && record.fault)
        .map(({ fault }) => fault),
    );
  for (const [part, request] of [
    ['resource-manager', /generateCredentials/],
    ['resource-manager', /registries\/contoso\/operationStatuses/],
    ['login-server', /oauth2\/token/],
    ['key-vault', /^PUT/],
  ] as const)
    expect([...met(part, request)].sort()).toEqual(['damage', 'drop', 'fail']);
});
