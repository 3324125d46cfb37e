import { describe, it } from 'vitest';
import { active, at, command, credential, day, hour, managed, second } from '../build.ts';
import { registryToken, vaultSecret, versionOf } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const disable = command('keyturn.token.disable-requested', hour, { reason: 'pause' });
const enable = command('keyturn.token.enable-requested', hour, { reason: 'go on' });

const off = { kind: 'setTokenStatus', input: { enabled: false } };
const on = { kind: 'setTokenStatus', input: { enabled: true } };
const secretOff = {
  kind: 'setSecretVersion',
  input: { secretName: 'acr-contoso--team-web', enabled: false },
};
const secretOn = { kind: 'setSecretVersion', input: { secretName: 'acr-contoso--team-web', enabled: true } };
const newer = { status: { enqueuedAt: at(2 * hour), sequenceNumber: '999' } };

const disabling: Table = {
  "turns the registry's token off first, then the vault's version": {
    state: active(),
    commands: [disable],
    expect: { work: { kind: 'disable' }, steps: [off, secretOff] },
  },
  'keeps the secret if the policy says so': {
    state: active(),
    commands: [disable],
    facts: { rules: { disableSecret: false, rotateOnScopeMapChange: false } },
    expect: { work: { kind: 'disable' }, steps: [off] },
  },
  'needs nothing to be read, so that nothing can hold it up': {
    state: active(),
    commands: [disable],
    facts: { token: { ok: false, code: 'unavailable' }, secret: { ok: false, code: 'unavailable' } },
    expect: { work: { kind: 'disable' }, steps: [off, secretOff] },
  },
  'counts although a newer command has enabled the token': {
    state: active({ applied: newer }),
    commands: [disable],
    expect: { work: { kind: 'disable' }, steps: [off, secretOff] },
  },
  'makes sure once more of a token that is disabled': {
    state: inStatus('disabled'),
    commands: [disable],
    expect: { work: { kind: 'disable' }, steps: [off, secretOff] },
  },
  'has nothing to add for a token that was revoked': {
    state: inStatus('revoked'),
    commands: [disable],
    expect: { work: { kind: 'acknowledge' } },
  },
};

/** So much before the published password of the examples runs out, its overlap begins. */
const lastDays = 60 * day;
const revived = credential(0);

const enabling: Table = {
  'brings a token back with the password it had, and its secret with it': {
    state: inStatus('disabled'),
    commands: [enable],
    facts: { secret: { ok: true, value: vaultSecret([versionOf(revived, { enabled: false })]) } },
    expect: { work: { kind: 'enable' }, steps: [on, secretOn] },
  },
  'leaves a secret alone that is on': {
    state: inStatus('disabled'),
    commands: [enable],
    expect: { work: { kind: 'enable' }, steps: [on] },
  },
  'keeps a password that has its whole overlap left': {
    state: inStatus('disabled'),
    commands: [enable],
    now: at(lastDays),
    expect: { work: { kind: 'enable' }, steps: [on] },
  },
  'issues a new password if a second of it is missing': {
    state: inStatus('disabled'),
    commands: [enable],
    now: at(lastDays + second),
    expect: {
      work: { kind: 'enable', reissue: { generation: 2, mayCutShort: false } },
      steps: [on, 'issueCredential'],
    },
  },
  'issues none that would end no later, with the life of the token': {
    state: inStatus('disabled', {
      managed: managed({ endOfLife: at(74 * day) }),
    }),
    commands: [enable],
    now: at(70 * day),
    expect: { work: { kind: 'enable' }, steps: [on] },
  },
  'issues a new password if somebody regenerated the published one': {
    state: inStatus('disabled'),
    commands: [enable],
    facts: {
      token: {
        ok: true,
        value: registryToken(inStatus('disabled'), {
          passwords: [{ slot: 'password1', createdAt: at(day) }],
        }),
      },
    },
    expect: { work: { kind: 'enable', reissue: { generation: 2 } }, steps: [on, 'issueCredential'] },
  },
  'issues a new password if the secret is gone, once it is recovered': {
    state: inStatus('disabled'),
    commands: [enable],
    facts: { secret: { ok: true, value: vaultSecret([versionOf(revived)], { standing: 'softDeleted' }) } },
    expect: {
      work: { kind: 'enable', reissue: { generation: 2 } },
      steps: ['recoverSecret', on, 'issueCredential'],
    },
  },
  'makes up for a rotation that was put off while it was disabled': {
    state: inStatus('disabled', {
      deferredRotation: {
        command: inStatus('provisioning').command,
        compromised: true,
        previousValidFor: 'PT0S',
      },
    }),
    commands: [enable],
    expect: {
      work: { kind: 'enable', reissue: { generation: 2, mayCutShort: true, previousValidFor: 'PT0S' } },
      steps: [on, 'issueCredential', { kind: 'retireSlot', input: { slot: 'password1' } }],
    },
  },
  'first ends a password whose time was over while it was disabled': {
    state: inStatus('disabled', {
      generation: 2,
      credentials: {
        password1: credential(0, { supersededAt: at(day), retireAt: at(2 * day) }),
        password2: credential(day, { generation: 2, slot: 'password2' }),
      },
      published: 'password2',
    }),
    commands: [enable],
    now: at(2 * day),
    expect: { work: { kind: 'enable' }, steps: [{ kind: 'retireSlot', input: { slot: 'password1' } }, on] },
  },
  'takes up a publication of its own that was not settled': {
    state: inStatus('disabled'),
    commands: [enable],
    facts: {
      token: {
        ok: true,
        value: registryToken(inStatus('disabled'), {
          passwords: [{ slot: 'password2', createdAt: at(hour), expiresAt: at(74 * day) }],
        }),
      },
      secret: {
        ok: true,
        value: vaultSecret([versionOf(credential(hour, { generation: 2, slot: 'password2' }))]),
      },
    },
    expect: { work: { kind: 'enable', reissue: { generation: 2 } }, steps: [on, 'issueCredential'] },
  },
  'has nothing to do where the registry shows that the token is enabled': {
    state: active(),
    commands: [enable],
    expect: { work: { kind: 'acknowledge' } },
  },
  'enables a token that somebody else disabled': {
    state: active(),
    commands: [enable],
    facts: { token: { ok: true, value: registryToken(active(), { enabled: false }) } },
    expect: { work: { kind: 'enable' }, steps: [on] },
  },
  'makes a token again that is gone': {
    state: inStatus('disabled'),
    commands: [enable],
    facts: { token: { ok: true, value: null } },
    expect: {
      work: { kind: 'enable', reissue: { generation: 2 } },
      steps: ['createToken', 'issueCredential'],
    },
  },
  'is superseded by a newer command about the status': {
    state: inStatus('disabled', { applied: newer }),
    commands: [enable],
    expect: { work: { kind: 'supersede' } },
  },
  'is refused after the end of life': {
    state: inStatus('disabled', { managed: managed({ endOfLife: at(day) }) }),
    commands: [enable],
    now: at(day),
    expect: { work: { kind: 'deny', rule: 'tokenExpired' } },
  },
  'never leaves revoked': {
    state: inStatus('revoked'),
    commands: [enable],
    expect: { work: { kind: 'deny', rule: 'tokenRevoked' } },
  },
};

describe('disabling', () => {
  it.each(Object.entries(disabling))('%s', (_sentence, row) => check(row));
});

describe('enabling', () => {
  it.each(Object.entries(enabling))('%s', (_sentence, row) => check(row));
});
