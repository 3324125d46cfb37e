import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/lifecycle/decide.ts';
import type { Judgement, RegistryToken } from '../../../src/lifecycle/facts.ts';
import { newState, type StateOf } from '../../../src/lifecycle/state.ts';
import { active, at, command, credential, day, hour, identity, managed, minute } from '../build.ts';
import { situation, vaultSecret, versionOf } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const none = newState(identity);
const adoption = command('keyturn.token.adoption-requested', hour, { owner: 'team-web', slot: 'password2' });
const { key } = adoption;

/** As others made it: both passwords are in use. */
const found: RegistryToken = {
  enabled: true,
  scopeMap: 'made-by-others',
  passwords: [
    { slot: 'password1', createdAt: at(-90 * day) },
    { slot: 'password2', createdAt: at(-30 * day), expiresAt: at(60 * day) },
  ],
};
const there = { token: { ok: true, value: found } } as const;
const asked = managed({ access: { scopeMap: 'made-by-others', own: false } });

function judged(judgement: Judgement): { judgements: Record<string, Judgement> } {
  return { judgements: { [key]: judgement } };
}

/** Half way: it was begun, and nothing is published. */
function begun(changes: Partial<StateOf<'provisioning'>> = {}): StateOf<'provisioning'> {
  return inStatus('provisioning', {
    managed: asked,
    command: { ...inStatus('provisioning').command, key },
    adoption: { command: key, slot: 'password2' },
    ...changes,
  });
}

const issued = versionOf(credential(hour, { slot: 'password2' }));
const leaves: readonly unknown[] = ['deleteSecret'];

const adopting: Table = {
  'writes a new password into the slot that is named, and changes nothing else': {
    state: none,
    commands: [adoption],
    now: at(hour),
    facts: there,
    expect: {
      work: { kind: 'adopt', reissue: { incarnation: 1, generation: 1 } },
      steps: [
        {
          kind: 'issueCredential',
          input: { slot: 'password2', incarnation: 1, generation: 1, expiresAt: at(hour + 74 * day) },
        },
      ],
    },
  },
  'begins a new life where an earlier token of that name was deleted, over its secret': {
    state: inStatus('deleted', { incarnation: 3, since: at(0) }),
    commands: [adoption],
    now: at(hour),
    facts: {
      ...there,
      secret: {
        ok: true,
        value: vaultSecret([versionOf(credential(0, { incarnation: 3 }))], { standing: 'softDeleted' }),
      },
    },
    expect: {
      work: { kind: 'adopt', reissue: { incarnation: 4, generation: 1 } },
      steps: ['recoverSecret', { kind: 'issueCredential', input: { slot: 'password2' } }],
    },
  },
  'goes on where it was begun': {
    state: begun(),
    commands: [adoption],
    facts: there,
    expect: { work: { kind: 'adopt' }, steps: [{ kind: 'issueCredential', input: { slot: 'password2' } }] },
  },
  'takes up the publication that was not settled': {
    state: begun(),
    commands: [adoption],
    facts: {
      token: {
        ok: true,
        value: { ...found, passwords: [{ slot: 'password2', createdAt: at(hour) }] },
      },
      secret: { ok: true, value: vaultSecret([issued]) },
    },
    expect: {
      work: { kind: 'adopt', reissue: { incarnation: 1, generation: 1 } },
      steps: ['issueCredential'],
    },
  },
  'takes up a token whose record was lost first: it is managed': {
    state: none,
    commands: [adoption],
    facts: {
      token: { ok: true, value: { ...found, passwords: [{ slot: 'password2', createdAt: at(hour) }] } },
      secret: { ok: true, value: vaultSecret([issued]) },
    },
    expect: { work: { kind: 'recover' } },
  },
  'is denied for a token that is managed': {
    state: active(),
    commands: [adoption],
    expect: { work: { kind: 'deny', rule: 'alreadyManaged' } },
  },
  'is denied while another command makes or adopts the token': {
    state: begun({ adoption: { command: 'another', slot: 'password2' } }),
    commands: [adoption],
    facts: there,
    expect: { work: { kind: 'deny', rule: 'alreadyManaged' } },
  },
  'is denied for a token that is revoked': {
    state: inStatus('revoked'),
    commands: [adoption],
    expect: { work: { kind: 'deny', rule: 'tokenRevoked' } },
  },
  'is denied for a token that is not there': {
    state: none,
    commands: [adoption],
    facts: { token: { ok: true, value: null } },
    expect: { work: { kind: 'deny', rule: 'noSuchToken' } },
  },
  'is denied for a token that is disabled': {
    state: none,
    commands: [adoption],
    facts: { token: { ok: true, value: { ...found, enabled: false } } },
    expect: { work: { kind: 'deny', rule: 'tokenDisabled' } },
  },
  'is denied if its life is over before it begins': {
    state: none,
    commands: [adoption],
    now: at(day),
    facts: { ...there, ...judged({ verdict: 'allowed', managed: managed({ endOfLife: at(day) }) }) },
    expect: { work: { kind: 'deny', rule: 'tokenExpired' } },
  },
  'waits for a person where the secret is somebody else’s': {
    state: none,
    commands: [adoption],
    facts: {
      ...there,
      secret: { ok: true, value: vaultSecret([versionOf(credential(0), { tags: {} })]) },
    },
    expect: { work: { kind: 'judge' }, blocked: { code: 'secretNotOurs' } },
  },
  'is superseded by a deletion that was sent after it': {
    state: inStatus('deleted', { applied: { existence: { enqueuedAt: at(2 * hour), sequenceNumber: '9' } } }),
    commands: [adoption],
    now: at(2 * hour),
    facts: there,
    expect: { work: { kind: 'supersede' } },
  },
  'is done with when the token was disabled on the way, on request': {
    state: inStatus('disabled', {
      managed: asked,
      credentials: {},
      published: undefined,
      adoption: { command: key, slot: 'password2' },
    }),
    commands: [adoption],
    facts: { token: { ok: true, value: { ...found, enabled: false } } },
    expect: { work: { kind: 'acknowledge' } },
  },
};

const givenUp: Table = {
  'if the policy no longer allows it': {
    state: begun(),
    commands: [adoption],
    facts: { ...there, ...judged({ verdict: 'denied', rule: 'actionNotAllowed', detail: 'x' }) },
    expect: { work: { kind: 'abandon', rule: 'actionNotAllowed', detail: 'x' }, steps: leaves },
  },
  'if the token was disabled by others meanwhile': {
    state: begun(),
    commands: [adoption],
    facts: { token: { ok: true, value: { ...found, enabled: false } } },
    expect: { work: { kind: 'abandon', rule: 'tokenDisabled' }, steps: leaves },
  },
  'if the token is gone': {
    state: begun(),
    commands: [adoption],
    facts: { token: { ok: true, value: null } },
    expect: { work: { kind: 'abandon', rule: 'noSuchToken' }, steps: leaves },
  },
  'if its life has ended meanwhile': {
    state: begun(),
    commands: [adoption],
    now: at(day),
    facts: { ...there, ...judged({ verdict: 'allowed', managed: managed({ endOfLife: at(day) }) }) },
    expect: { work: { kind: 'abandon', rule: 'tokenExpired' }, steps: leaves },
  },
  'although it was disabled on request on the way': {
    state: inStatus('disabled', { managed: asked, adoption: { command: key, slot: 'password2' } }),
    commands: [adoption],
    facts: judged({ verdict: 'denied', rule: 'actionNotAllowed' }),
    expect: { work: { kind: 'abandon', rule: 'actionNotAllowed' }, steps: leaves },
  },
};

const meanwhile: Table = {
  'a request does not take over what is being adopted': {
    state: begun(),
    commands: [
      command('keyturn.token.requested', minute, { owner: 'team-web', access: { scopeMap: 'shared-read' } }),
    ],
    facts: there,
    expect: { work: { kind: 'judge' }, blocked: { code: 'tokenNotOurs' } },
  },
  'to enable what was disabled on the way writes into the same slot': {
    state: inStatus('disabled', {
      managed: asked,
      credentials: {},
      published: undefined,
      generation: 0,
      adoption: { command: key, slot: 'password2' },
    }),
    commands: [command('keyturn.token.enable-requested', 2 * hour, { reason: 'go on' })],
    facts: { token: { ok: true, value: { ...found, enabled: false } } },
    expect: {
      work: { kind: 'enable' },
      steps: ['setTokenStatus', { kind: 'issueCredential', input: { slot: 'password2' } }],
    },
  },
  'it waits for a disabling that is not complete, rather than take that for the work of others': {
    state: begun({
      failures: { later: { since: at(0), attempts: 1, code: 'throttled', retryAt: at(3 * hour) } },
    }),
    commands: [
      adoption,
      command('keyturn.token.disable-requested', 2 * hour, { reason: 'not needed' }, { key: 'later' }),
    ],
    now: at(2 * hour),
    facts: {
      token: { ok: true, value: { ...found, enabled: false } },
      judgements: { [key]: { verdict: 'allowed', managed: asked }, later: { verdict: 'allowed' } },
    },
    expect: { work: { kind: 'judge' }, blocked: { code: 'conflict' } },
  },
  'a deletion deletes the token like any other, and not its scope map': {
    state: begun(),
    commands: [command('keyturn.token.deletion-requested', 2 * hour, { reason: 'not needed' })],
    facts: there,
    expect: { work: { kind: 'delete' }, steps: ['deleteToken', 'deleteSecret'] },
  },
};

describe('an adoption', () => {
  it.each(Object.entries(adopting))('%s', (_sentence, row) => check(row));

  it('is in the record before anything is done, with the passwords that are none of its doing', () => {
    const decided = decide(situation({ state: none, commands: [adoption], now: at(hour), facts: there }));
    expect(decided.state).toMatchObject({
      status: 'provisioning',
      adoption: { command: key, slot: 'password2' },
      accounted: { password1: at(-90 * day), password2: at(-30 * day) },
      incarnation: 1,
      generation: 0,
      credentials: {},
    });
  });

  it('remembers a password that was made in the other slot after it began as not accounted for', () => {
    const first = decide(situation({ state: none, commands: [adoption], now: at(hour), facts: there }));
    const stolen = { ...found, passwords: [{ slot: 'password1' as const, createdAt: at(2 * hour) }] };
    const facts = { token: { ok: true, value: stolen } } as const;
    const again = decide(situation({ state: first.state, commands: [adoption], now: at(3 * hour), facts }));
    expect(again.state).toMatchObject({ accounted: { password1: at(-90 * day) } });
  });
});

describe('an adoption that was begun is given up, and leaves token and scope map as they are', () => {
  it.each(Object.entries(givenUp))('%s', (_sentence, row) => check(row));
});

describe('while a token is being adopted', () => {
  it.each(Object.entries(meanwhile))('%s', (_sentence, row) => check(row));
});
