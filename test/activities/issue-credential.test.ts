import { describe, expect, it } from 'vitest';
import { deliveredSecret } from '../../src/activities/steps/delivered-secret.ts';
import { plus } from '../../src/lifecycle/instant-arithmetic.ts';
import type { LoginVerdict } from '../../src/ports/login-server.ts';
import { command, day, identity, managed, minute, second, start } from '../lifecycle/build.ts';
import {
  attempt,
  issue,
  publicationsOf,
  publishedLogsIn,
  secretName,
  token,
  withoutPassword,
  withPublished,
} from './issue-setting.ts';
import type { MemoryCloud } from './memory/memory-cloud.ts';

const refused: LoginVerdict = { verdict: 'refused' };
const unknown: LoginVerdict = { verdict: 'unknown', why: 'unavailable', status: 503 };

function sameVerdict(cloud: MemoryCloud, verdict: LoginVerdict, times = 1_000): void {
  cloud.registry.verdicts.push(...Array.from({ length: times }, () => verdict));
}

describe('issuing a credential', () => {
  it('publishes one version with all that a lost record is taken up from', async () => {
    const cloud = withoutPassword();
    const result = await attempt(cloud, issue(1));
    expect(result).toMatchObject({ ok: true, slot: 'password1', secretVersion: 'version1', verified: true });
    expect(cloud.vault.newest(secretName)).toMatchObject({
      contentType: 'text/plain',
      expiresAt: plus(start, 74 * day),
      tags: { token, incarnation: '1', generation: '1', slot: 'password1', entrance: 'token-requests' },
    });
    expect(cloud.registry.writes).toEqual(['generatePassword password1']);
    expect(cloud.vault.writes).toEqual(['writeVersion']);
  });

  it('changes nothing when it is done again', async () => {
    const cloud = withoutPassword();
    const first = await attempt(cloud, issue(1));
    expect(await attempt(cloud, issue(1))).toEqual(first);
    expect(cloud.registry.everIssued).toHaveLength(1);
    expect(cloud.vault.writes).toEqual(['writeVersion']);
    expect(cloud.leases.held.size).toBe(0);
  });

  it('waits with a first password for nothing, and with a regenerated one until the registry has settled', async () => {
    const first = withoutPassword();
    await attempt(first, issue(1));
    expect(first.clock.time - Date.parse(start)).toBeLessThan(second);
    const { cloud, state } = await withPublished();
    cloud.clock.time += 80 * day;
    const begun = cloud.clock.time;
    const { credentials, published } = state;
    const changes = { expiresAt: plus(start, 200 * day) };
    const step = { ...issue(2, { credentials, published }, changes), plannedAt: cloud.clock.instant() };
    await attempt(cloud, step);
    expect(cloud.registry.writes).toEqual(['generatePassword password2']);
    cloud.registry.regenerate(token, 'password2', plus(start, 100 * day));
    expect(await attempt(cloud, step)).toMatchObject({ ok: false, code: 'publicationDead' });
    const again = issue(3, { credentials, published }, changes);
    expect(await attempt(cloud, { ...again, plannedAt: cloud.clock.instant() })).toMatchObject({ ok: true });
    expect(cloud.clock.time - begun).toBeGreaterThanOrEqual(10 * second);
  });

  it('starts over when somebody regenerates the slot between its login and its end', async () => {
    const cloud = withoutPassword();
    let meddled = false;
    const result = await attempt(cloud, issue(1), async (call) => {
      if (call !== 'after vault.writeVersion' || meddled) return;
      meddled = true;
      cloud.clock.time += second;
      cloud.registry.regenerate(token, 'password1');
    });
    expect(result).toMatchObject({ ok: true, secretVersion: 'version2' });
    expect(publishedLogsIn(cloud)).toBe(true);
  });

  it('leaves it to the next plan when the slot is regenerated again and again', async () => {
    const cloud = withoutPassword();
    const result = await attempt(cloud, issue(1), async (call) => {
      const slot = cloud.vault.newest(secretName)?.tags.slot === 'password2' ? 'password2' : 'password1';
      if (call === 'after vault.writeVersion') cloud.registry.regenerate(token, slot);
    });
    expect(result).toMatchObject({ ok: false, code: 'publicationDead' });
  });

  it('keeps the published slot when the new password never logs in', async () => {
    const { cloud, state } = await withPublished();
    const { credentials, published } = state;
    sameVerdict(cloud, refused);
    const result = await attempt(cloud, issue(2, { credentials, published }));
    expect(result).toEqual({ kind: 'issueCredential', ok: false, code: 'neverAccepted' });
    expect(cloud.clock.time - Date.parse(start)).toBeGreaterThanOrEqual(5 * minute);
    expect(publicationsOf(cloud, 2)).toBe(0);
    expect(publishedLogsIn(cloud)).toBe(true);
  });

  it('asks on for ten minutes when the answers say nothing about the password', async () => {
    const cloud = withoutPassword();
    sameVerdict(cloud, unknown);
    expect(await attempt(cloud, issue(1))).toMatchObject({ ok: false, code: 'acceptanceUnknown' });
    expect(cloud.clock.time - Date.parse(start)).toBeGreaterThanOrEqual(10 * minute);
    expect(cloud.vault.writes).toEqual([]);
  });

  it('counts only logins in a row', async () => {
    const cloud = withoutPassword();
    const accepted: LoginVerdict = { verdict: 'accepted' };
    cloud.registry.verdicts.push(accepted, accepted, refused, accepted, unknown, accepted, accepted, refused);
    expect(await attempt(cloud, issue(1))).toMatchObject({ ok: true, verified: true });
    expect(cloud.registry.verdicts).toEqual([]);
  });

  it('waits instead of logging in where the login server cannot be reached, and says so', async () => {
    const cloud = withoutPassword({ registry: { verification: 'wait', replicas: true } });
    sameVerdict(cloud, refused);
    expect(await attempt(cloud, issue(1))).toMatchObject({ ok: true, verified: false });
    expect(await attempt(cloud, issue(1))).toMatchObject({ ok: true, verified: false });
    expect(cloud.clock.time - Date.parse(start)).toBeGreaterThanOrEqual(10 * second);
  });

  it('ends when a revocation comes while it logs in', async () => {
    const cloud = withoutPassword();
    sameVerdict(cloud, refused);
    const revocation = command('keyturn.token.revocation-requested', 0, { reason: 'Stolen' });
    const accepted = { ...revocation, digest: 'digest', acceptedAt: start };
    const result = await attempt(cloud, issue(1), async (call) => {
      if (call === 'after loginServer.tryLogin') await cloud.records.insertCommand(identity, accepted);
    });
    expect(result).toMatchObject({ ok: false, code: 'revocationPending' });
    expect(cloud.vault.writes).toEqual([]);
  });

  it('stops without writing when its lease is lost', async () => {
    const cloud = withoutPassword();
    const result = await attempt(cloud, issue(1), async (call) => {
      if (call === 'after registry.generatePassword')
        await cloud.leases.takeOverLease(identity, { holder: 'another', until: plus(start, minute) });
    });
    expect(result).toMatchObject({ ok: false, code: 'leaseLost' });
    expect(cloud.vault.writes).toEqual([]);
  });

  const refusals: Record<string, { given: (cloud: MemoryCloud) => void; code: string }> = {
    'does nothing for a plan that is not the record’s': {
      given: ({ records }) => records.partitions.clear(),
      code: 'planSuperseded',
    },
    'says until when somebody else has the lease': {
      given: ({ leases }) => void leases.takeOverLease(identity, { holder: 'other', until: plus(start, 99) }),
      code: 'leaseTaken',
    },
    'says that the token is gone': { given: ({ registry }) => registry.tokens.clear(), code: 'tokenMissing' },
    'names a policy when a new token is disabled': {
      given: ({ registry }) => {
        registry.tokens.set(token, { enabled: false, scopeMap: 'shared-read', passwords: new Map() });
      },
      code: 'disabledByPolicy',
    },
    'never writes over a secret that is not its own': {
      given: ({ vault }) => {
        const version = {
          version: 'v',
          createdAt: start,
          enabled: true,
          tags: {},
          value: 'x',
          contentType: '',
        };
        vault.secrets.set(secretName, { deleted: false, versions: [version] });
      },
      code: 'secretNotOurs',
    },
  };

  it.each(Object.entries(refusals))('%s', async (_sentence, { given, code }) => {
    const cloud = withoutPassword();
    given(cloud);
    expect(await attempt(cloud, issue(1))).toMatchObject({ ok: false, code });
    expect(cloud.registry.everIssued).toEqual([]);
    expect(cloud.vault.writes).toEqual([]);
  });

  it('waits for a slot, unless a password may be cut short, and then says whose', async () => {
    const { cloud, state } = await withPublished();
    const { credentials, published } = state;
    expect(await attempt(cloud, issue(2, { credentials, published }))).toMatchObject({ ok: true });
    const later = { ...issue(3, { credentials, published }), plannedAt: plus(start, day) };
    expect(await attempt(cloud, later)).toMatchObject({ ok: false, code: 'noSlotFree' });
    const cut = issue(3, { credentials, published: 'password2' }, { mayCutShort: true });
    const result = await attempt(cloud, { ...cut, plannedAt: plus(start, day) });
    expect(result).toMatchObject({ ok: true, cutShort: { slot: 'password1', generation: 1 } });
    const repeated = await attempt(cloud, { ...cut, plannedAt: plus(start, day) });
    expect(repeated).toMatchObject({ ok: true, cutShort: { slot: 'password1', generation: 1 } });
  });

  it('writes into the slot that is named, whatever it holds and whichever is free', async () => {
    const cloud = withoutPassword();
    cloud.registry.regenerate(token, 'password2');
    const into = issue(1, { credentials: {} }, { slot: 'password2' });
    expect(await attempt(cloud, into)).toMatchObject({ ok: true, slot: 'password2' });
    expect(cloud.registry.writes).toEqual(['generatePassword password2']);
    expect(await attempt(cloud, into)).toMatchObject({ ok: true, slot: 'password2' });
    expect(cloud.registry.writes).toHaveLength(1);
  });

  it('leaves it to the next plan where a token that is being adopted was disabled', async () => {
    const cloud = withoutPassword();
    await cloud.registry.setTokenStatus(token, false);
    cloud.registry.writes.length = 0;
    const into = issue(1, { credentials: {} }, { slot: 'password2' });
    expect(await attempt(cloud, into)).toMatchObject({ ok: false, code: 'conflict' });
    expect(cloud.registry.writes).toEqual([]);
  });

  it('delivers a docker config file that holds the login', () => {
    const login = { loginServer: 'contoso.azurecr.io', username: 'team-web', password: 'p"w' };
    const { value, contentType } = deliveredSecret('dockerConfigJson', login);
    expect(contentType).toBe('application/json');
    expect(JSON.parse(value)).toEqual({
      auths: {
        'contoso.azurecr.io': {
          username: 'team-web',
          password: 'p"w',
          auth: Buffer.from('team-web:p"w').toString('base64'),
        },
      },
    });
    expect(managed().delivery.format).toBe('password');
  });
});
