import { describe, it } from 'vitest';
import type { Judgement } from '../../../src/lifecycle/facts.ts';
import { newState } from '../../../src/lifecycle/state.ts';
import { active, at, command, credential, day, hour, identity, managed, minute, second } from '../build.ts';
import { registryToken, vaultSecret, versionOf } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const change = command('keyturn.token.access-changed', hour, { access: { scopeMap: 'other-map' } });
const ownMap = {
  scopeMap: 'team-web-scope-map',
  own: true,
  repositories: { web: ['content/read' as const] },
};
const wider = { ...ownMap, repositories: { web: ['content/read' as const, 'content/write' as const] } };
const withOwnMap = active({ managed: managed({ access: ownMap }) });

function gives(access: Extract<Judgement, { verdict: 'allowed' }>['access'] & object) {
  return { [change.key]: { verdict: 'allowed' as const, access } };
}

const generation1 = credential(0, { supersededAt: at(day + minute + second) });
const generation2 = credential(day, { generation: 2, slot: 'password2', secretVersion: 'version2' });
const justRotated = active({
  generation: 2,
  credentials: { password1: generation1, password2: generation2 },
  published: 'password2',
});
const rotateToo = { disableSecret: true, rotateOnScopeMapChange: true };

const table: Table = {
  'to another map binds it, and nothing else': {
    state: active(),
    commands: [change],
    expect: {
      work: { kind: 'converge', changed: ['access'] },
      steps: [{ kind: 'bindScopeMap', input: { scopeMap: 'other-map' } }],
    },
  },
  "writes the token's own map, which applies at once": {
    state: withOwnMap,
    commands: [change],
    facts: { judgements: gives(wider) },
    expect: {
      work: { kind: 'converge' },
      steps: [
        {
          kind: 'ensureScopeMap',
          input: { scopeMap: 'team-web-scope-map', repositories: wider.repositories },
        },
      ],
    },
  },
  'from its own map to a shared one removes its own when it is no longer in use': {
    state: withOwnMap,
    commands: [change],
    expect: {
      work: { kind: 'converge' },
      steps: [
        { kind: 'bindScopeMap', input: { scopeMap: 'other-map' } },
        { kind: 'deleteScopeMap', input: { scopeMap: 'team-web-scope-map', entrance: 'token-requests' } },
      ],
    },
  },
  'from a shared map to its own makes that first, and leaves the shared one': {
    state: active(),
    commands: [change],
    facts: { judgements: gives(ownMap) },
    expect: { work: { kind: 'converge' }, steps: ['ensureScopeMap', 'bindScopeMap'] },
  },
  'to what it grants already, in whatever order it is written, is done': {
    state: active({ managed: managed({ access: wider }) }),
    commands: [change],
    facts: { judgements: gives({ ...wider, repositories: { web: ['content/write', 'content/read'] } }) },
    expect: { work: { kind: 'acknowledge' } },
  },
  'does not bind a map that is bound already': {
    state: active(),
    commands: [change],
    facts: { token: { ok: true, value: registryToken(active(), { scopeMap: 'OTHER-map' }) } },
    expect: { work: { kind: 'converge' }, steps: [] },
  },
  'also changes the password if the policy says so': {
    state: active(),
    commands: [change],
    facts: { rules: rotateToo },
    expect: {
      work: { kind: 'converge', reissue: { generation: 2, mayCutShort: false } },
      steps: ['bindScopeMap', 'issueCredential'],
    },
  },
  'changes the password later if no slot is free': {
    state: justRotated,
    commands: [change],
    now: at(2 * day),
    facts: { rules: rotateToo },
    expect: { work: { kind: 'converge', rotateAt: at(15 * day + minute + second) }, steps: ['bindScopeMap'] },
  },
  'takes up the new password that it published before its plan was cut': {
    state: active(),
    commands: [change],
    now: at(2 * day),
    facts: {
      rules: rotateToo,
      token: { ok: true, value: registryToken(justRotated) },
      secret: { ok: true, value: vaultSecret([versionOf(generation1), versionOf(generation2)]) },
    },
    expect: {
      work: { kind: 'converge', reissue: { generation: 2 } },
      steps: ['bindScopeMap', { kind: 'issueCredential', input: { generation: 2 } }],
    },
  },
  'recovers a secret that somebody deleted before it is written over': {
    state: active(),
    commands: [change],
    facts: {
      rules: rotateToo,
      secret: { ok: true, value: vaultSecret([versionOf(credential(0))], { standing: 'softDeleted' }) },
    },
    expect: { work: { kind: 'converge' }, steps: ['bindScopeMap', 'recoverSecret', 'issueCredential'] },
  },
  'of what the own map grants keeps the password': {
    state: withOwnMap,
    commands: [change],
    facts: { rules: rotateToo, judgements: gives(wider) },
    expect: { work: { kind: 'converge' }, steps: ['ensureScopeMap'] },
  },
  'of a disabled token does not change the password': {
    state: inStatus('disabled'),
    commands: [change],
    facts: { rules: rotateToo },
    expect: { work: { kind: 'converge' }, steps: ['bindScopeMap'] },
  },
  'of a disabled token that is gone is only written down': {
    state: inStatus('disabled'),
    commands: [change],
    facts: {
      token: { ok: true, value: null },
      secret: { ok: true, value: vaultSecret([versionOf(credential(0))]) },
    },
    expect: { work: { kind: 'converge' }, steps: [] },
  },
  'of a token that is gone waits for a person': {
    state: active(),
    commands: [change],
    facts: { token: { ok: true, value: null } },
    expect: { work: { kind: 'judge' }, blocked: { code: 'tokenMissing' } },
  },
  'that a newer one has overtaken is superseded': {
    state: active({ applied: { access: { enqueuedAt: at(2 * hour), sequenceNumber: '1' } } }),
    commands: [change],
    expect: { work: { kind: 'supersede' } },
  },
  'of an unknown token is refused': {
    state: newState(identity),
    commands: [change],
    expect: { work: { kind: 'deny', rule: 'noSuchToken' } },
  },
  'of a token that is not provisioned is refused': {
    state: inStatus('provisioning'),
    commands: [change],
    expect: { work: { kind: 'deny', rule: 'tokenNotProvisioned' } },
  },
  'of an expired token is refused': {
    state: inStatus('expired'),
    commands: [change],
    expect: { work: { kind: 'deny', rule: 'tokenExpired' } },
  },
  'of a revoked token is refused': {
    state: inStatus('revoked'),
    commands: [change],
    expect: { work: { kind: 'deny', rule: 'tokenRevoked' } },
  },
};

describe('a change of access', () => {
  it.each(Object.entries(table))('%s', (_sentence, row) => check(row));
});
