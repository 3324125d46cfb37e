import { describe, it } from 'vitest';
import type { Judgement } from '../../../src/lifecycle/facts.ts';
import { active, at, command, credential, day, hour, managed, minute, start } from '../build.ts';
import { registryToken, vaultSecret, versionOf } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const request = command('keyturn.token.requested', hour, {
  owner: 'team-web',
  access: { scopeMap: 'shared-read' },
});

function judged(judgement: Judgement): { judgements: Record<string, Judgement> } {
  return { judgements: { [request.key]: judgement } };
}

const existing: Table = {
  'that asks for what is there already is done': {
    state: active(),
    commands: [request],
    now: at(hour),
    expect: { work: { kind: 'acknowledge' } },
  },
  'that asks for another schedule changes the record only': {
    state: active(),
    commands: [request],
    facts: judged({
      verdict: 'allowed',
      managed: managed({
        schedule: { profile: 'live', rotateEvery: 'P30D', overlap: 'P3D' },
        endOfLife: at(90 * day),
      }),
    }),
    expect: { work: { kind: 'converge', changed: ['schedule', 'endOfLife'] } },
  },
  'that asks for another map binds it': {
    state: active(),
    commands: [request],
    facts: judged({
      verdict: 'allowed',
      managed: managed({ access: { scopeMap: 'shared-write', own: false } }),
    }),
    expect: {
      work: { kind: 'converge', changed: ['access'] },
      steps: [{ kind: 'bindScopeMap', input: { scopeMap: 'shared-write' } }],
    },
  },
  'never changes whose the token is, nor where its password goes': {
    state: active(),
    commands: [request],
    facts: judged({
      verdict: 'allowed',
      managed: managed({
        entrance: 'other-entrance',
        owner: 'other-team',
        purpose: 'builds',
        delivery: { ...managed().delivery, vault: 'other-vault' },
      }),
    }),
    expect: {
      work: {
        kind: 'converge',
        changed: ['purpose'],
        managed: { entrance: 'token-requests', owner: 'team-web', delivery: managed().delivery },
      },
    },
  },
  'makes a token again that somebody deleted in the registry': {
    state: active(),
    commands: [request],
    facts: { token: { ok: true, value: null } },
    expect: {
      work: { kind: 'provision', reissue: { incarnation: 2, generation: 1 } },
      steps: ['createToken', 'issueCredential'],
    },
  },
  'changes a disabled token without enabling it': {
    state: inStatus('disabled'),
    commands: [request],
    facts: judged({
      verdict: 'allowed',
      managed: managed({ access: { scopeMap: 'shared-write', own: false } }),
    }),
    expect: { work: { kind: 'converge' }, steps: ['bindScopeMap'] },
  },
  'that is older than what was asked for since is superseded': {
    state: active({
      applied: {
        existence: { enqueuedAt: at(0), sequenceNumber: '1' },
        access: { enqueuedAt: at(2 * hour), sequenceNumber: '2' },
        schedule: { enqueuedAt: at(2 * hour), sequenceNumber: '2' },
      },
    }),
    commands: [
      command('keyturn.token.requested', -hour, { owner: 'team-web', access: { scopeMap: 'x-map' } }),
    ],
    expect: { work: { kind: 'supersede' } },
  },
  'that is older than the last change of access changes the rest': {
    state: active({ applied: { access: { enqueuedAt: at(2 * hour), sequenceNumber: '2' } } }),
    commands: [request],
    facts: judged({
      verdict: 'allowed',
      managed: managed({ access: { scopeMap: 'shared-write', own: false }, purpose: 'builds' }),
    }),
    expect: {
      work: { kind: 'converge', changed: ['purpose'], managed: { access: { scopeMap: 'shared-read' } } },
    },
  },
  'brings an expired token back as a new incarnation, and enables it': {
    state: inStatus('expired'),
    commands: [request],
    facts: { token: { ok: true, value: registryToken(active(), { enabled: false }) } },
    expect: {
      work: { kind: 'provision', reissue: { incarnation: 2, generation: 1 } },
      steps: ['setTokenStatus', 'issueCredential'],
    },
  },
  'does not wait for what was promised in the life that has ended': {
    state: inStatus('expired'),
    commands: [request],
    expect: {
      work: { kind: 'provision', reissue: { mayCutShort: true } },
      steps: [{ kind: 'issueCredential', input: { mayCutShort: true } }],
    },
  },
  'brings a deleted token back, over its recovered secret': {
    state: inStatus('deleted', { since: start }),
    commands: [request],
    facts: {
      secret: { ok: true, value: vaultSecret([versionOf(credential(0))], { standing: 'softDeleted' }) },
    },
    expect: {
      work: { kind: 'provision', reissue: { incarnation: 2, generation: 1 } },
      steps: ['recoverSecret', 'createToken', 'issueCredential'],
    },
  },
  'sent a moment before the token was deleted does not bring it back, however late it arrives': {
    state: inStatus('deleted', { since: at(hour + 1) }),
    commands: [{ ...request, enqueuedAt: at(3 * day) }],
    now: at(3 * day),
    expect: { work: { kind: 'supersede' } },
  },
  'that the broker took before the deletion does not bring it back, whatever time it claims': {
    state: inStatus('deleted', {
      since: start,
      applied: { existence: { enqueuedAt: at(2 * hour), sequenceNumber: '1' } },
    }),
    commands: [request],
    expect: { work: { kind: 'supersede' } },
  },
  'sent before the deletion was asked for does not bring it back, although it arrives after it': {
    state: inStatus('deleted', {
      since: at(3 * hour),
      applied: { existence: { enqueuedAt: at(2 * hour), sequenceNumber: '1' } },
    }),
    commands: [{ ...request, enqueuedAt: at(3 * day) }],
    now: at(3 * day),
    expect: { work: { kind: 'supersede' } },
  },
  'sent after the deletion was asked for brings it back, although that was not done yet': {
    state: inStatus('deleted', {
      since: at(2 * hour),
      applied: { existence: { enqueuedAt: at(hour - 1), sequenceNumber: '1' } },
    }),
    commands: [request],
    expect: { work: { kind: 'provision' }, steps: ['createToken', 'issueCredential'] },
  },
  'sent at the moment of the deletion does bring it back': {
    state: inStatus('deleted', { since: at(hour) }),
    commands: [request],
    expect: { work: { kind: 'provision' }, steps: ['createToken', 'issueCredential'] },
  },
  'does not take a name over where somebody made a token after ours was deleted': {
    state: inStatus('deleted', { since: start }),
    commands: [request],
    facts: { token: { ok: true, value: registryToken(active()) } },
    expect: { work: { kind: 'judge' }, blocked: { code: 'tokenNotOurs' } },
  },
  'never brings a revoked token back': {
    state: inStatus('revoked'),
    commands: [request],
    expect: { work: { kind: 'deny', rule: 'tokenRevoked' } },
  },
  'older than the revocation is superseded by it': {
    state: inStatus('revoked', {
      applied: { status: { enqueuedAt: at(hour + minute), sequenceNumber: '99' } },
    }),
    commands: [request],
    expect: { work: { kind: 'supersede' } },
  },
};

describe('a request for a token that is known', () => {
  it.each(Object.entries(existing))('%s', (_sentence, row) => check(row));
});
