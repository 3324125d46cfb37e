import { inventoryRow } from '../../src/activities/inventory-row.ts';
import { contentDigest } from '../../src/contracts/command-key.ts';
import { parseCommand } from '../../src/contracts/parse-command.ts';
import { publishedData } from '../../src/lifecycle/announce.ts';
import type { PendingCommand } from '../../src/lifecycle/command-order.ts';
import type { StateOf, TokenIdentity } from '../../src/lifecycle/state.ts';
import { eventAbout } from '../adapters/build-records.ts';
import { active, credential, managed } from '../lifecycle/build.ts';
import { HttpSetting } from './http-setting.ts';

/** The command in the examples of `docs/messages.md`, as it came. */
const requested = {
  specversion: '1.0',
  id: '8c1f6a52-5a8e-4f0e-9d35-0c4d7b1e2f90',
  source: '/self-service/form',
  type: 'keyturn.token.requested',
  subject: 'contoso/team-web',
  time: '2026-03-01T12:00:00Z',
  data: {
    registry: 'contoso',
    token: 'team-web',
    owner: 'team-web',
    access: { repositories: { 'teams/web/*': ['content/read', 'content/write'] } },
  },
};
const key = 'f7507a038a0d1ffaf10a8d22e3ff2e17d8773b84728f8a17fe4fb0bc19dacd94';
const entrance = 'token-requests';
const now = '2026-05-01T12:00:00.000Z';
const identity: TokenIdentity = { registry: 'contoso', loginServer: 'contoso.azurecr.io', token: 'team-web' };

/** What the examples of `docs/http.md` are asked of. */
export async function documentedSetting(): Promise<HttpSetting> {
  const setting = new HttpSetting();
  setting.http = { authentication: 'functionKey', entrances: 'all' };
  setting.clock.time = Date.parse(now);
  const state = teamWeb();
  setting.records.put(state);
  setting.records.of(identity).history.push(
    {
      at: '2026-04-28T07:14:21.000Z',
      plan: 9,
      work: 'rotate',
      result: 'done',
      incarnation: 1,
      generation: 2,
    },
    {
      ...{ at: '2026-03-01T12:01:40.000Z', plan: 7, work: 'provision', result: 'done', command: key },
      ...{ incarnation: 1, generation: 1 },
    },
  );
  await setting.addRow('team-web', inventoryRow(state, undefined, now));
  await setting.addRow('team-wiki', { status: 'active', findings: ['disabledOutOfBand'] });
  await addFindings(setting);
  const at = '2026-05-01T11:07:30.000Z';
  await setting.notes.writeNote(
    'contoso',
    'capacity',
    { tokens: 37, limit: 50_000, tier: 'Premium', at },
    undefined,
  );
  await addRequest(setting);
  return setting;
}

function teamWeb(): StateOf<'active'> {
  const previous = credential(0, {
    slotCreatedAt: '2026-03-01T12:00:05.000Z',
    publishedAt: '2026-03-01T12:01:35.000Z',
    expiresAt: '2026-05-14T12:00:05.000Z',
    secretVersion: '4387e9f3d6e14c459867679a90fd0f79',
    supersededAt: '2026-04-28T07:14:20.000Z',
  });
  const published = credential(0, {
    slot: 'password2',
    generation: 2,
    slotCreatedAt: '2026-04-28T07:12:41.000Z',
    publishedAt: '2026-04-28T07:14:20.000Z',
    expiresAt: '2026-07-11T07:12:41.000Z',
    secretVersion: 'b1a5f6c2d4e84a7f9c0d3e2f1a6b7c8d',
  });
  const state = active({
    identity,
    plan: 9,
    settled: 9,
    generation: 2,
    managed: managed({
      purpose: 'Pipelines of the web team',
      access: {
        scopeMap: 'team-web-scope-map',
        own: true,
        repositories: { 'teams/web/*': ['content/read', 'content/write'] },
      },
      endOfLife: '2027-03-01T00:00:00.000Z',
      delivery: {
        format: 'password',
        vault: 'teams-vault',
        secretName: 'acr-contoso--team-web',
        secretUri: 'https://teams-vault.vault.azure.net/secrets/acr-contoso--team-web',
      },
    }),
    credentials: { password1: previous, password2: published },
    published: 'password2',
  });
  const lookAt = publishedData(state, now)?.nextRotation;
  return { ...state, ...(lookAt === undefined ? {} : { lookAt }) };
}

/** Somebody disabled a token in the portal, and somebody made another one there. */
async function addFindings({ findings }: HttpSetting): Promise<void> {
  const { registry, loginServer } = identity;
  const since = '2026-05-01T09:41:04.118Z';
  const happenedAt = '2026-05-01T09:41:02.000Z';
  await findings.replaceOfToken({ registry, token: 'team-wiki' }, [
    {
      ...{ registry, loginServer, token: 'team-wiki', entrance, owner: 'team-web', severity: 'critical' },
      drift: {
        finding: 'disabledOutOfBand',
        ...{ since, happenedAt, deadline: happenedAt },
        differences: [{ what: 'status', believed: 'enabled', found: 'disabled' }],
        actor: { kind: 'user', name: 'ada.bauer@contoso.example', address: '203.0.113.7' },
        cause: 'person',
        evidence: [`Azure reports that user ada.bauer@contoso.example wrote the token at ${happenedAt}.`],
        ...{ noticedBy: 'report', done: 'nothing' },
      },
    },
  ]);
  findings.put({
    ...{ registry, loginServer, token: 'legacy-build', severity: 'warning' },
    drift: {
      finding: 'unmanagedToken',
      since: '2026-05-01T10:07:12.000Z',
      differences: [{ what: 'scopeMap', found: 'legacy-build-scope-map' }],
      ...{ cause: 'unknown', evidence: [], noticedBy: 'reconcile', done: 'nothing' },
    },
  });
}

async function addRequest({ requests, records }: HttpSetting): Promise<void> {
  const parsed = parseCommand(Buffer.from(JSON.stringify(requested)));
  if (!parsed.ok) throw new Error('The documented command is none.');
  const { command } = parsed;
  const enqueuedAt = '2026-03-01T12:00:00.400Z';
  const pending: PendingCommand = { key, entrance, enqueuedAt, sequenceNumber: '1', command };
  await requests.addRequest({ entrance, key, token: identity, enqueuedAt });
  const accepted = { ...pending, digest: contentDigest(command), acceptedAt: '2026-03-01T12:00:00.900Z' };
  const outcome = { key, status: 'done', at: '2026-03-01T12:01:40.000Z' } as const;
  await records.insertDenied(identity, accepted, outcome, eventAbout(identity, key));
}
