import { describe, it } from 'vitest';
import type { Judgement } from '../../../src/lifecycle/facts.ts';
import { newState } from '../../../src/lifecycle/state.ts';
import { active, at, command, credential, day, hour, identity, managed } from '../build.ts';
import { registryToken, vaultSecret, versionOf } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const none = newState(identity);
const request = command('keyturn.token.requested', hour, {
  owner: 'team-web',
  access: { scopeMap: 'shared-read' },
});

function judged(judgement: Judgement): { judgements: Record<string, Judgement> } {
  return { judgements: { [request.key]: judgement } };
}

const ownAccess = {
  scopeMap: 'team-web-scope-map',
  own: true,
  repositories: { 'team/web': ['content/read' as const, 'content/write' as const] },
};

const newToken: Table = {
  'makes the token on the existing map, then its password': {
    state: none,
    commands: [request],
    now: at(hour),
    expect: {
      work: { kind: 'provision', reissue: { incarnation: 1, generation: 1 } },
      steps: [
        { kind: 'createToken', input: { scopeMap: 'shared-read' } },
        { kind: 'issueCredential', input: { incarnation: 1, generation: 1, expiresAt: at(hour + 74 * day) } },
      ],
    },
  },
  'makes its own map first': {
    state: none,
    commands: [request],
    facts: judged({ verdict: 'allowed', managed: managed({ access: ownAccess }) }),
    expect: {
      work: { kind: 'provision' },
      steps: [
        {
          kind: 'ensureScopeMap',
          input: {
            scopeMap: 'team-web-scope-map',
            entrance: 'token-requests',
            repositories: ownAccess.repositories,
          },
        },
        'createToken',
        'issueCredential',
      ],
    },
  },
  'keeps the first password no longer than the vault allows': {
    state: none,
    commands: [request],
    facts: { rules: { disableSecret: true, rotateOnScopeMapChange: false, longestValidity: 'P30D' } },
    expect: {
      work: { kind: 'provision' },
      steps: ['createToken', { kind: 'issueCredential', input: { expiresAt: at(30 * day) } }],
    },
  },
  'does not take over a token that it did not make': {
    state: none,
    commands: [request],
    facts: { token: { ok: true, value: registryToken(active()) } },
    expect: { work: { kind: 'judge' }, blocked: { code: 'tokenNotOurs' } },
  },
  'does not write over a secret that it did not write': {
    state: none,
    commands: [request],
    facts: { secret: { ok: true, value: vaultSecret([versionOf(credential(0), { tags: {} })]) } },
    expect: { work: { kind: 'judge' }, blocked: { code: 'secretNotOurs' } },
  },
  'does not write over a deleted secret of somebody else either': {
    state: none,
    commands: [request],
    facts: {
      secret: {
        ok: true,
        value: vaultSecret([versionOf(credential(0), { tags: {} })], { standing: 'softDeleted' }),
      },
    },
    expect: { work: { kind: 'judge' }, blocked: { code: 'secretNotOurs' } },
  },
  'recovers a deleted secret before anything else, and counts its incarnations on': {
    state: none,
    commands: [request],
    facts: {
      secret: {
        ok: true,
        value: vaultSecret([versionOf(credential(0, { incarnation: 4 }))], { standing: 'softDeleted' }),
      },
    },
    expect: {
      work: { kind: 'provision', reissue: { incarnation: 5, generation: 1 } },
      steps: ['recoverSecret', 'createToken', 'issueCredential'],
    },
  },
  'is refused if its life is over before it begins': {
    state: none,
    commands: [request],
    now: at(day),
    facts: judged({ verdict: 'allowed', managed: managed({ endOfLife: at(day) }) }),
    expect: { work: { kind: 'deny', rule: 'tokenExpired' } },
  },
  'is superseded if a deletion or revocation that was sent after it came first': {
    state: { ...none, applied: { existence: { enqueuedAt: at(2 * hour), sequenceNumber: '1' } } },
    commands: [request],
    now: at(2 * hour),
    expect: { work: { kind: 'supersede' } },
  },
  'waits for a registry that cannot be read, as long as it asks': {
    state: none,
    commands: [request],
    facts: { token: { ok: false, code: 'throttled', retryAt: at(2 * hour) } },
    expect: { work: { kind: 'readLostRecord' }, blocked: { code: 'throttled', retryAt: at(2 * hour) } },
  },
  'is denied by the policy with its rule': {
    state: none,
    commands: [request],
    facts: judged({ verdict: 'denied', rule: 'registryNotAllowed', detail: 'contoso' }),
    expect: { work: { kind: 'deny', rule: 'registryNotAllowed', detail: 'contoso' } },
  },
  'waits if what the policy judges by cannot be read': {
    state: none,
    commands: [request],
    facts: judged({ verdict: 'unknown', code: 'throttled', retryAt: at(2 * hour) }),
    expect: { work: { kind: 'judge' }, blocked: { code: 'throttled', retryAt: at(2 * hour) } },
  },
};

const halfMade: Table = {
  'is taken for ours when its token is found, and goes on': {
    state: inStatus('provisioning', { command: { ...request, ...request.command } }),
    commands: [request],
    facts: { token: { ok: true, value: registryToken(none) } },
    expect: {
      work: { kind: 'provision', reissue: { incarnation: 1, generation: 1 } },
      steps: ['issueCredential'],
    },
  },
  'goes on with the publication that was not settled': {
    state: inStatus('provisioning'),
    commands: [request],
    facts: {
      token: { ok: true, value: registryToken(active()) },
      secret: { ok: true, value: vaultSecret([versionOf(credential(0))]) },
    },
    expect: {
      work: { kind: 'provision', reissue: { incarnation: 1, generation: 1 } },
      steps: ['issueCredential'],
    },
  },
  'takes the next generation if the password of that publication is dead': {
    state: inStatus('provisioning'),
    commands: [request],
    facts: {
      token: {
        ok: true,
        value: registryToken(none, { passwords: [{ slot: 'password1', createdAt: at(5) }] }),
      },
      secret: { ok: true, value: vaultSecret([versionOf(credential(0))]) },
    },
    expect: {
      work: { kind: 'provision', reissue: { incarnation: 1, generation: 2 } },
      steps: ['issueCredential'],
    },
  },
  'is enabled if something disabled it on the way': {
    state: inStatus('provisioning'),
    commands: [request],
    facts: { token: { ok: true, value: registryToken(none, { enabled: false }) } },
    expect: {
      work: { kind: 'provision' },
      steps: [{ kind: 'setTokenStatus', input: { enabled: true } }, 'issueCredential'],
    },
  },
  'is taken away again if its request is no longer allowed': {
    state: inStatus('provisioning', { command: { ...request, ...request.command } }),
    commands: [request],
    facts: judged({ verdict: 'denied', rule: 'actionNotAllowed' }),
    expect: { work: { kind: 'abandon', rule: 'actionNotAllowed' }, steps: ['deleteToken', 'deleteSecret'] },
  },
  'stays if it is another request that is denied': {
    state: inStatus('provisioning'),
    commands: [request],
    facts: judged({ verdict: 'denied', rule: 'ownedByAnother' }),
    expect: { work: { kind: 'deny', rule: 'ownedByAnother' } },
  },
};

describe('a request for a new token', () => {
  it.each(Object.entries(newToken))('%s', (_sentence, row) => check(row));
});

describe('a token half made', () => {
  it.each(Object.entries(halfMade))('%s', (_sentence, row) => check(row));
});
