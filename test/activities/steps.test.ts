import { describe, expect, it } from 'vitest';
import { ownScopeMapDescription } from '../../src/contracts/names.ts';
import { plus } from '../../src/lifecycle/instant-arithmetic.ts';
import { cutOffParts, type Step, type StepResult } from '../../src/lifecycle/steps.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { identity, start } from '../lifecycle/build.ts';
import { attempt, request, secretName, token, withoutPassword, withPublished } from './issue-setting.ts';
import { leaksIn } from './leaks.ts';
import type { MemoryCloud } from './memory/memory-cloud.ts';

const some: unknown = expect.any(String);
const vault = 'team-vault';
const entrance = 'token-requests';
const ownMap = 'team-web-scope-map';
const repositories = { 'team/web': ['content/read' as const] };
const actions = ['repositories/team/web/content/read'];
const description = ownScopeMapDescription(entrance, token);

interface Row {
  readonly step: Step;
  readonly given?: (cloud: MemoryCloud) => unknown;
  readonly expect: Readonly<Record<string, unknown>>;
  /** What is written to registry and vault. */
  readonly writes: readonly string[];
  /** What a second run answers, if not the same. */
  readonly again?: Readonly<Record<string, unknown>>;
}

const map = (changes: object = {}) => ({ name: ownMap, description, actions, system: false, ...changes });
const ensure: Step = { kind: 'ensureScopeMap', input: { scopeMap: ownMap, entrance, repositories } };
const disable: Step = { kind: 'setTokenStatus', input: { enabled: false } };
const enable: Step = { kind: 'setTokenStatus', input: { enabled: true } };
const switchOff: Step = { kind: 'setSecretVersion', input: { vault, secretName, enabled: false } };
const recover: Step = { kind: 'recoverSecret', input: { vault, secretName } };
const bind: Step = { kind: 'bindScopeMap', input: { scopeMap: ownMap } };
const create: Step = { kind: 'createToken', input: { scopeMap: 'shared-read' } };
const dropMap: Step = { kind: 'deleteScopeMap', input: { scopeMap: ownMap, entrance } };
const dropSecret: Step = { kind: 'deleteSecret', input: { vault, secretName } };
const revoke: Step = { kind: 'revoke', input: { missing: cutOffParts, vault, secretName } };

const gone = ({ registry }: MemoryCloud) => registry.tokens.clear();
const foreignSecret = ({ vault: { secrets } }: MemoryCloud) => {
  for (const secret of secrets.values())
    secret.versions = secret.versions.map((each) => ({ ...each, tags: { team: 'other' } }));
};
const withMap =
  (changes: object = {}) =>
  ({ registry }: MemoryCloud) =>
    registry.scopeMaps.set(ownMap, map(changes));
const deletedSecret = ({ vault: store }: MemoryCloud) => {
  const secret = store.secrets.get(secretName);
  if (secret) secret.deleted = true;
};
const policy = (what: 'enabled' | 'disabled') => (cloud: MemoryCloud) => {
  cloud.registry.policy = what;
};
const turnedOff = ({ registry }: MemoryCloud) => {
  const found = registry.tokens.get(token);
  if (found) found.enabled = false;
};

const rows: Record<string, Row> = {
  'makes an own scope map that is absent': {
    step: ensure,
    expect: { ok: true, changed: true },
    writes: ['createScopeMap'],
    again: { ok: true, changed: false },
  },
  'gives its own scope map other grants': {
    step: ensure,
    given: withMap({ actions: [] }),
    expect: { ok: true, changed: true },
    writes: ['setScopeMapActions'],
    again: { ok: true, changed: false },
  },
  'leaves a scope map that grants what is asked': {
    step: ensure,
    given: withMap(),
    expect: { ok: true, changed: false },
    writes: [],
  },
  'never touches a scope map of others': {
    step: ensure,
    given: withMap({ description: 'Made by hand' }),
    expect: { ok: false, code: 'scopeMapNotOurs' },
    writes: [],
  },
  'never touches a system scope map': {
    step: ensure,
    given: withMap({ system: true }),
    expect: { ok: false, code: 'scopeMapNotOurs' },
    writes: [],
  },
  'makes a token that is absent': {
    step: create,
    given: gone,
    expect: { ok: true, created: true },
    writes: ['createToken'],
    again: { ok: true, created: false },
  },
  'never replaces a token': { step: create, expect: { ok: true, created: false }, writes: [] },
  'says when a token was made by somebody else in the meantime': {
    step: { kind: 'createToken', input: { scopeMap: ownMap } },
    expect: { ok: false, code: 'tokenNotOurs' },
    writes: [],
  },
  'names a policy when a new token does not stay enabled': {
    step: create,
    given: (cloud) => {
      gone(cloud);
      policy('disabled')(cloud);
    },
    expect: { ok: false, code: 'disabledByPolicy' },
    writes: ['createToken'],
  },
  'binds another scope map': {
    step: bind,
    given: withMap(),
    expect: { ok: true, changed: true },
    writes: ['bindScopeMap'],
    again: { ok: true, changed: false },
  },
  'binds no scope map that does not exist': {
    step: bind,
    expect: { ok: false, code: 'scopeMapMissing' },
    writes: [],
  },
  'disables a token': {
    step: disable,
    expect: { ok: true, changed: true },
    writes: ['setTokenStatus'],
    again: { ok: true, changed: false },
  },
  'takes a token that is gone for disabled': {
    step: disable,
    given: gone,
    expect: { ok: true, changed: false },
    writes: [],
  },
  'enables no token that is gone': {
    step: enable,
    given: gone,
    expect: { ok: false, code: 'tokenMissing' },
    writes: [],
  },
  'says when a token does not stay disabled': {
    step: disable,
    given: policy('enabled'),
    expect: { ok: false, code: 'enabledByOthers' },
    writes: ['setTokenStatus'],
  },
  'says when a token does not stay enabled': {
    step: enable,
    given: (cloud) => {
      turnedOff(cloud);
      policy('disabled')(cloud);
    },
    expect: { ok: false, code: 'disabledByPolicy' },
    writes: ['setTokenStatus'],
  },
  'switches the published version off': {
    step: switchOff,
    expect: { ok: true, changed: true },
    writes: ['setVersionEnabled'],
    again: { ok: true, changed: false },
  },
  'switches off nothing that others wrote': {
    step: switchOff,
    given: foreignSecret,
    expect: { ok: true, changed: false },
    writes: [],
  },
  'recovers a deleted secret': {
    step: recover,
    given: deletedSecret,
    expect: { ok: true, recovered: true },
    writes: ['recoverSecret'],
    again: { ok: true, recovered: false },
  },
  'recovers no secret of others': {
    step: recover,
    given: (cloud) => {
      foreignSecret(cloud);
      deletedSecret(cloud);
    },
    expect: { ok: false, code: 'secretNotOurs' },
    writes: [],
  },
  'deletes a token': {
    step: { kind: 'deleteToken', input: {} },
    expect: { ok: true, deleted: true },
    writes: ['deleteToken'],
    again: { ok: true, deleted: false },
  },
  'deletes its own scope map': {
    step: dropMap,
    given: withMap(),
    expect: { ok: true, deleted: true },
    writes: ['deleteScopeMap'],
    again: { ok: true, deleted: false },
  },
  'leaves a scope map of others': {
    step: dropMap,
    given: withMap({ description: 'Made by hand' }),
    expect: { ok: true, deleted: false },
    writes: [],
  },
  'deletes its own secret': {
    step: dropSecret,
    expect: { ok: true, deleted: true },
    writes: ['deleteSecret'],
    again: { ok: true, deleted: false },
  },
  'leaves a secret of others': {
    step: dropSecret,
    given: foreignSecret,
    expect: { ok: true, deleted: false },
    writes: [],
  },
  'cuts a token off that is gone, without an error': {
    step: revoke,
    given: (cloud) => {
      gone(cloud);
      cloud.vault.secrets.clear();
    },
    expect: { ok: true, disabledAt: some, secretOffAt: some, regeneratedAt: some },
    writes: [],
  },
  'calls a kind of step that another release knows retryable': {
    step: { ...ensure, kind: 'polishToken' as 'ensureScopeMap' } as Step,
    expect: { kind: 'polishToken', ok: false, code: 'unknownStep' },
    writes: [],
  },
};

describe('a step', () => {
  it.each(Object.entries(rows))('%s', async (_sentence, row) => {
    const { cloud } = await withPublished();
    cloud.registry.writes.length = 0;
    row.given?.(cloud);
    const result = await attempt(cloud, request(row.step));
    expect(result).toMatchObject(row.expect);
    const writes = () => [...cloud.registry.writes, ...cloud.vault.writes];
    expect(writes()).toEqual(row.writes);
    expect(cloud.leases.held.size).toBe(0);
    if ('ok' in row.expect && row.expect.ok !== true) return;
    expect(await attempt(cloud, request(row.step))).toMatchObject(row.again ?? row.expect);
    expect(writes()).toEqual(row.writes);
  });

  it('ends a replaced password once, and never the published one', async () => {
    const { cloud, state } = await withPublished();
    const slotCreatedAt = state.credentials.password1?.slotCreatedAt ?? '';
    const published = { kind: 'retireSlot', input: { slot: 'password1', slotCreatedAt } } as const;
    expect(await attempt(cloud, request(published))).toMatchObject({ ok: false, code: 'slotIsPublished' });
    const { createdAt } = cloud.registry.regenerate(token, 'password2', plus(start, 1_000_000));
    const replaced = { kind: 'retireSlot', input: { slot: 'password2', slotCreatedAt: createdAt } } as const;
    expect(await attempt(cloud, request(replaced))).toMatchObject({ ok: true, regenerated: true });
    expect(await attempt(cloud, request(replaced))).toMatchObject({ ok: true, regenerated: false });
    expect(cloud.registry.writes).toEqual(['generatePassword password2']);
  });

  it('revokes all of a token, and takes the lease over from whoever has it', async () => {
    const { cloud } = await withPublished();
    const before = cloud.vault.newest(secretName)?.value ?? '';
    await cloud.leases.takeLease(identity, { holder: 'busy', until: plus(start, 60_000) });
    const result = await attempt(cloud, request(revoke));
    expect(result).toMatchObject({
      ok: true,
      disabledAt: expect.any(String),
      secretOffAt: expect.any(String),
    });
    expect(result).not.toHaveProperty('code');
    expect(cloud.registry.logsIn(token, before)).toBe(false);
    expect(cloud.registry.tokens.get(token)?.enabled).toBe(false);
    expect(cloud.vault.newest(secretName)?.enabled).toBe(false);
    expect(leaksIn(JSON.stringify(result), cloud.registry.everIssued)).toEqual([]);
  });

  it('tries each part of a revocation whatever became of the others', async () => {
    for (const [call, done] of [
      ['registry.setTokenStatus', ['secretOffAt', 'regeneratedAt']],
      ['vault.readSecret', ['disabledAt', 'regeneratedAt']],
      ['registry.replaceBothPasswords', ['disabledAt', 'secretOffAt']],
    ] as const) {
      const { cloud } = await withPublished();
      const result: StepResult = await attempt(cloud, request(revoke), async (asked) => {
        if (asked === `before ${call}`) throw throttled;
      });
      expect(result).toMatchObject({ ok: true, code: 'throttled', retryAt: start });
      expect(Object.keys(result).filter((key) => key.endsWith('At') && key !== 'retryAt')).toEqual(done);
    }
  });

  it('answers with a code when a port throws, and lets no text of an error out', async () => {
    const secret = 'Pa$$word+of/somebody==';
    const cloud = withoutPassword();
    const result = await attempt(cloud, request(disable), async (call) => {
      if (call === 'before registry.readToken') throw new TypeError(`cannot read ${secret}`);
    });
    expect(result).toEqual({ kind: 'setTokenStatus', ok: false, code: 'unexpected' });
    expect(cloud.reports).toMatchObject([{ activity: 'step', kind: 'setTokenStatus', what: 'TypeError' }]);
    expect(leaksIn(JSON.stringify(cloud.reports), [secret])).toEqual([]);
  });
});

const throttled = new ServiceFailure({
  service: 'registry',
  operation: 'anything',
  code: 'throttled',
  retryAt: start,
});
