import { describe, expect, it } from 'vitest';
import { newOwnRequestId } from '../../src/adapters/own-request-id.ts';
import type { InboundMessage } from '../../src/intake/inbound-message.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { takeReports } from '../../src/registry-activity/take-reports.ts';
import { at, day, minute } from '../lifecycle/build.ts';
import { WatchSetting } from '../watch/watch-setting.ts';
import { bodyOf, cloudEvent, dataOf, eventGridEvent, userClaims } from './reports-by-hand.ts';

const registry =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contoso';

/** A report of a change by a person, or with other data. */
const report = (operation: string, path: string, changes: Record<string, unknown> = {}) =>
  eventGridEvent(dataOf(operation, `${registry}${path}`, { claims: userClaims, ...changes }));
const message = (...events: unknown[]): InboundMessage => ({
  messageId: 'event-1',
  sequenceNumber: '7',
  enqueuedAt: at(0),
  body: bodyOf(events.length === 1 ? events[0] : events),
  contentType: 'application/json',
  properties: {},
});
const setting = () => {
  const made = new WatchSetting();
  for (const token of ['team-a', 'team-b']) made.add(token);
  return made;
};
const reportsOn = (made: WatchSetting, token: string) =>
  [...made.cloud.records.partitions].find(([key]) => key.endsWith(`~${token}`))?.[1].observed?.observation;

describe('a report on a token', () => {
  it('has a managed one looked at by its lifecycle, with who did what', async () => {
    const made = setting();
    const taken = await takeReports(message(report('tokens/write', '/tokens/TEAM-A')), made.ports());
    expect(taken).toMatchObject({
      result: 'taken',
      handled: [{ registry: 'contoso', reports: 1, own: 0, tokens: 1 }],
    });
    expect([made.woken, made.observed()]).toEqual([['team-a'], ['team-a']]);
    expect(reportsOn(made, 'team-a')).toMatchObject({
      noticedBy: 'report',
      reports: [
        {
          operation: 'tokenWritten',
          by: 'others',
          actor: { kind: 'user', name: 'ada.bauer@contoso.example' },
        },
      ],
    });
  });

  it('that nobody manages tells of it, and of its end', async () => {
    const made = setting();
    made.addUnmanaged('stray', 'shared-read');
    await takeReports(message(report('tokens/write', '/tokens/stray')), made.ports());
    made.cloud.registry.tokens.delete('stray');
    await takeReports(message(report('tokens/delete', '/tokens/stray')), made.ports());
    expect(made.told()).toEqual(['unmanagedToken stray', 'the end of unmanagedToken stray']);
    expect(made.woken).toEqual([]);
  });

  it('that is just being made by Keyturn says nothing', async () => {
    const made = setting();
    made.addUnmanaged('team-new', 'shared-read');
    const identity = { registry: 'contoso', loginServer: 'contoso.azurecr.io', token: 'team-new' };
    const always = {
      format: 1,
      plan: 1,
      settled: 0,
      incarnation: 0,
      generation: 0,
      applied: {},
      failures: {},
    } as const;
    made.cloud.records.put({ ...always, identity, status: 'none' });
    await takeReports(message(report('tokens/write', '/tokens/team-new')), made.ports());
    expect([made.told(), made.woken]).toEqual([[], []]);
  });
});

describe("Keyturn's own changes", () => {
  const own = {
    claims: { appid: '0a0a0a0a-0000-4000-8000-000000000002' },
    httpRequest: { clientRequestId: newOwnRequestId() },
  };
  const identified = () => {
    const made = setting();
    Object.assign(made.cloud.configuration.identity, { clientId: own.claims.appid });
    return made;
  };

  it('are dropped where the report shows them, and are a sign that reports come', async () => {
    const made = identified();
    made.notes.notes.clear();
    const taken = await takeReports(message(report('tokens/write', '/tokens/team-a', own)), made.ports());
    expect(taken).toMatchObject({ handled: [{ reports: 1, own: 1, tokens: 0 }] });
    expect(made.woken).toEqual([]);
    expect([...made.notes.notes.keys()]).toEqual(['contoso reports']);
  });

  it('are looked at where the report shows the request of another, and are known to be of our identity', async () => {
    const made = identified();
    const { claims } = own;
    await takeReports(
      message(
        report('tokens/write', '/tokens/team-a', { claims, httpRequest: { clientRequestId: 'another' } }),
      ),
      made.ports(),
    );
    expect(reportsOn(made, 'team-a')?.reports).toMatchObject([{ by: 'keyturn' }]);
  });
});

describe('a report on a scope map', () => {
  it('has those of its tokens looked at to which it matters, and reads it once', async () => {
    const made = setting();
    const asked: string[] = [];
    const ports = made.ports(async (call) => void asked.push(call));
    await takeReports(message(report('scopeMaps/write', '/scopeMaps/SHARED-read')), ports);
    expect(made.woken).toEqual([]);
    await made.cloud.registry.setScopeMapActions('shared-read', ['repositories/*/content/delete']);
    await takeReports(message(report('scopeMaps/write', '/scopeMaps/shared-read')), ports);
    expect([...made.woken].sort()).toEqual(['team-a', 'team-b']);
    expect(asked.filter((call) => call === 'registry.readScopeMap')).toHaveLength(2);
  });

  it('of one token finds it without going through the inventory', async () => {
    const made = setting();
    const { managed } = made.add('team-a');
    const access = {
      scopeMap: 'team-a-scope-map',
      own: true,
      repositories: { 'team/web': ['content/read' as const] },
    };
    made.add('team-a', { managed: { ...managed, access } });
    const asked: string[] = [];
    const ports = made.ports(async (call) => void asked.push(call));
    await takeReports(message(report('scopeMaps/delete', '/scopeMaps/team-a-scope-map')), ports);
    expect(made.woken).toEqual(['team-a']);
    expect(asked).not.toContain('inventory.listAll');
  });
});

describe('reports on new passwords', () => {
  it('lead to one comparison that finds whose they are', async () => {
    const made = setting();
    made.cloud.registry.regenerate('team-b', 'password2');
    const event = report('generateCredentials/action', '');
    const taken = await takeReports(message(event, event, event), made.ports());
    expect(taken).toMatchObject({
      handled: [{ compared: [{ scope: 'tokens', tokens: 2, deviating: 1, woken: 1 }] }],
    });
    expect(made.woken).toEqual(['team-b']);
    expect(reportsOn(made, 'team-b')?.reports).toMatchObject([
      { operation: 'credentialsGenerated', by: 'others' },
    ]);
  });

  it('that come while another one is at it leave word, and are looked after by that one', async () => {
    const made = setting();
    const event = report('generateCredentials/action', '');
    let second: Promise<unknown> | undefined;
    const ports = made.ports(async (call) => {
      if (call !== 'registry.listTokens' || second) return;
      second = takeReports(message(event), made.ports());
      await second;
      made.cloud.registry.regenerate('team-b', 'password2');
    });
    const taken = await takeReports(message(event), ports);
    expect(await second).toMatchObject({ handled: [{ compared: [] }] });
    expect(taken).toMatchObject({ handled: [{ compared: [{ woken: 1 }, { woken: 1 }] }] });
  });
});

describe('a message with reports', () => {
  it('of registries that are not configured, or of no interest, is taken and leads to nothing', async () => {
    const made = setting();
    const foreign = cloudEvent(dataOf('tokens/write', `${registry}2/tokens/team-a`));
    const failed = report('tokens/write', '/tokens/team-a');
    const taken = await takeReports(
      message(foreign, { ...failed, eventType: 'Microsoft.Resources.ResourceWriteFailure' }),
      made.ports(),
    );
    expect(taken).toEqual({ result: 'taken', handled: [], ignored: 1, foreign: 1 });
  });

  it('that cannot be read is set aside with the reason', async () => {
    const made = setting();
    const unreadable = { ...message({}), body: Buffer.from('{') };
    expect(await takeReports(unreadable, made.ports())).toMatchObject({ result: 'setAside' });
    expect(made.setAside).toMatchObject([
      { reason: 'notJson', messageId: 'event-1', body: Buffer.from('{') },
    ]);
  });

  it('of which one cannot be read is set aside, and the others are acted on', async () => {
    const made = setting();
    const taken = await takeReports(
      message(report('tokens/write', '/tokens/team-a'), { a: 1 }),
      made.ports(),
    );
    expect(taken).toMatchObject({ result: 'taken', rejection: { reason: 'notResourceEvent' } });
    expect([made.woken, made.setAside.length]).toEqual([['team-a'], 1]);
  });

  it('is put off while what it needs is down, and looks no further back than its copies', async () => {
    const made = setting();
    const down = made.ports(async (call) => {
      if (call === 'records.readState')
        throw new ServiceFailure({ service: 'records', operation: 'readState', code: 'unavailable' });
    });
    made.cloud.clock.time = Date.parse(at(minute));
    const taken = await takeReports(message(report('tokens/write', '/tokens/team-a')), down);
    expect(taken).toMatchObject({ result: 'putOff', why: 'records readState: unavailable' });
    expect(made.sentLater).toHaveLength(1);
    made.cloud.clock.time = Date.parse(at(8 * day));
    await expect(takeReports(message(report('tokens/write', '/tokens/team-a')), down)).rejects.toThrow(
      'Put off for a week',
    );
  });
});
