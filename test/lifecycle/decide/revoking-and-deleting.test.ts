import { describe, it } from 'vitest';
import type { PendingCommand } from '../../../src/lifecycle/command-order.ts';
import { active, at, command, credential, day, hour, managed, minute, second, start } from '../build.ts';
import { vaultSecret, versionOf } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const enable = command('keyturn.token.enable-requested', hour, { reason: 'go on' });
const revoke = command('keyturn.token.revocation-requested', hour, { reason: 'leaked' });
const reinstate = command('keyturn.token.reinstatement-requested', hour, { reason: 'found again' });
const remove = command('keyturn.token.deletion-requested', hour, { reason: 'done' });

const on = { kind: 'setTokenStatus', input: { enabled: true } };
const newer = { status: { enqueuedAt: at(2 * hour), sequenceNumber: '999' } };

const revived = credential(0);

const begun = { command: inStatus('provisioning').command, since: start, attempts: 3, ended: false };
const allParts = ['disabled', 'secretVersionOff', 'passwordsRegenerated'];
const access = command('keyturn.token.access-changed', minute, { access: { scopeMap: 'other-map' } });

const revoking: Table = {
  'tries every part at once, before all other commands, without reading anything': {
    state: active(),
    commands: [access, revoke],
    facts: { token: { ok: false, code: 'unavailable' } },
    expect: { work: { kind: 'revoke' }, steps: [{ kind: 'revoke', input: { missing: allParts } }] },
  },
  'goes on with what is missing when its time has come': {
    state: active({
      revocation: { ...begun, disabledAt: start },
      failures: { revoke: { since: start, attempts: 3, code: 'unavailable', retryAt: at(second) } },
    }),
    now: at(second),
    expect: {
      work: { kind: 'revoke' },
      steps: [{ kind: 'revoke', input: { missing: ['secretVersionOff', 'passwordsRegenerated'] } }],
    },
  },
  'does nothing else until then': {
    state: active({
      revocation: { ...begun, disabledAt: start },
      failures: { revoke: { since: start, attempts: 3, code: 'unavailable', retryAt: at(second) } },
    }),
    commands: [access, enable, reinstate],
    now: at(second - 1),
    expect: { waitUntil: at(second) },
  },
  'but delete the token': {
    state: active({
      revocation: begun,
      failures: { revoke: { since: start, attempts: 3, code: 'unavailable', retryAt: at(second) } },
    }),
    commands: [remove],
    expect: { work: { kind: 'delete' }, steps: ['deleteToken', 'deleteSecret'] },
  },
  'is not done again for a token that was revoked since': {
    state: inStatus('revoked', { since: at(hour) }),
    commands: [revoke],
    expect: { work: { kind: 'acknowledge' } },
  },
  'is done again if it was asked for after that: a reinstatement may have come half way': {
    state: inStatus('revoked', { since: at(hour - 1) }),
    commands: [revoke],
    expect: { work: { kind: 'revoke' }, steps: [{ kind: 'revoke', input: { missing: allParts } }] },
  },
  'counts although a newer command has enabled the token': {
    state: active({ applied: newer }),
    commands: [revoke],
    expect: { work: { kind: 'revoke' }, steps: ['revoke'] },
  },
};

const reinstating: Table = {
  'enables the token and always issues a new password': {
    state: inStatus('revoked'),
    commands: [reinstate],
    expect: {
      work: { kind: 'reinstate', reissue: { incarnation: 1, generation: 2 } },
      steps: [on, 'issueCredential'],
    },
  },
  'makes the token again if it was deleted since': {
    state: inStatus('revoked', { removed: true }),
    commands: [reinstate],
    facts: {
      token: { ok: true, value: null },
      secret: { ok: true, value: vaultSecret([versionOf(revived)], { standing: 'softDeleted' }) },
    },
    expect: { work: { kind: 'reinstate' }, steps: ['recoverSecret', 'createToken', 'issueCredential'] },
  },
  'is superseded by a newer revocation': {
    state: inStatus('revoked', { applied: newer }),
    commands: [reinstate],
    expect: { work: { kind: 'supersede' } },
  },
  'is refused for a token that was not revoked': {
    state: inStatus('disabled'),
    commands: [reinstate],
    expect: { work: { kind: 'deny', rule: 'tokenNotRevoked' } },
  },
  'is refused after the end of life': {
    state: inStatus('revoked', { managed: managed({ endOfLife: at(day) }) }),
    commands: [reinstate],
    now: at(day),
    expect: { work: { kind: 'deny', rule: 'tokenExpired' } },
  },
};

const ownMap = {
  scopeMap: 'team-web-scope-map',
  own: true,
  repositories: { web: ['content/read' as const] },
};

const deleting: Table = {
  'takes away the token, its own map, then the secret': {
    state: active({ managed: managed({ access: ownMap }) }),
    commands: [remove],
    expect: {
      work: { kind: 'delete' },
      steps: [
        'deleteToken',
        { kind: 'deleteScopeMap', input: { scopeMap: 'team-web-scope-map', entrance: 'token-requests' } },
        { kind: 'deleteSecret', input: { vault: 'team-vault' } },
      ],
    },
  },
  'leaves a shared map alone': {
    state: active(),
    commands: [remove],
    expect: { work: { kind: 'delete' }, steps: ['deleteToken', 'deleteSecret'] },
  },
  'counts although it is older than the last request': {
    state: active({ applied: { existence: { enqueuedAt: at(day), sequenceNumber: '9' } } }),
    commands: [remove],
    expect: { work: { kind: 'delete' }, steps: ['deleteToken', 'deleteSecret'] },
  },
  'takes a revoked token away too': {
    state: inStatus('revoked'),
    commands: [remove],
    expect: { work: { kind: 'delete' }, steps: ['deleteToken', 'deleteSecret'] },
  },
  'has nothing to do twice': {
    state: inStatus('deleted'),
    commands: [remove],
    facts: { judgements: allowed(remove) },
    expect: { work: { kind: 'acknowledge' } },
  },
};

function allowed({ key }: PendingCommand) {
  return { [key]: { verdict: 'allowed' as const } };
}

describe('revoking', () => {
  it.each(Object.entries(revoking))('%s', (_sentence, row) => check(row));
});

describe('reinstating', () => {
  it.each(Object.entries(reinstating))('%s', (_sentence, row) => check(row));
});

describe('deleting', () => {
  it.each(Object.entries(deleting))('%s', (_sentence, row) => check(row));
});
