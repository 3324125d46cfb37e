import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evolve } from '../../src/lifecycle/evolve.ts';
import type { WorkPlan } from '../../src/lifecycle/plan.ts';
import { readState, stateFormat } from '../../src/lifecycle/read-state.ts';
import { newState, type TokenState } from '../../src/lifecycle/state.ts';
import type { StepResult } from '../../src/lifecycle/steps.ts';
import { active, at, credential, day, hour, identity, managed, minute, start } from './build.ts';
import { inStatus } from './build-states.ts';
import { stored } from './model/lifecycle-run.ts';

/**
 * Records as earlier releases stored them, some with the plan that was under way. Files are never changed: a release
 * that keeps something new adds some, with `RECORD_STATES=release-name`.
 */
interface StoredRecord {
  readonly state: unknown;
  readonly plan?: WorkPlan;
  readonly results?: readonly StepResult[];
}

const folder = 'test/lifecycle/records';
const release = process.env.RECORD_STATES;
if (release) recordStates(release);
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

function read(file: string): StoredRecord {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

describe('a record', () => {
  it.each(files)('of an earlier release is read without loss: %s', (file) => {
    const { state } = read(file);
    expect(stored(readState(state))).toEqual({ ...Object(state), format: stateFormat });
  });

  it.each(files.filter((file) => read(file).plan))('has its plan settled by this release: %s', (file) => {
    const { state, plan, results = [] } = read(file);
    if (!plan) throw new Error(`${file} holds no plan.`);
    const settled = evolve(readState(state), plan, results, plan.plannedAt);
    expect(settled.history).toMatchObject([{ plan: plan.number, result: 'done' }]);
    expect(settled.outcomes).toMatchObject([{ status: 'done' }]);
  });

  it('covers every status', () => {
    const statuses = files.map((file) => readState(read(file).state).status);
    expect(new Set(statuses)).toEqual(
      new Set(['none', 'provisioning', 'active', 'disabled', 'expired', 'deleted', 'revoked']),
    );
  });

  it('of a later release is refused, not misread', () => {
    expect(() => readState({ ...active(), format: stateFormat + 1 })).toThrow('reads up to');
  });

  it.each([
    ['no object', 'state'],
    ['no format', {}],
    ['nothing', undefined],
  ])('that is %s is refused', (_name, damaged) => {
    expect(() => readState(damaged)).toThrow('is no record');
  });

  it('that is damaged is refused by the name of the field, and shows nothing of its content', () => {
    const damaged = { ...active(), published: 'a-secret-that-got-here', managed: { ...managed(), owner: 5 } };
    expect(() => readState(damaged)).toThrow('damaged at: managed.owner, published');
    expect(() => readState(damaged)).not.toThrow('a-secret-that-got-here');
  });
});

function recordStates(name: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [moment, record] of Object.entries(records())) {
    writeFileSync(join(folder, `${name}-${moment}.json`), `${JSON.stringify(record, null, 2)}\n`);
  }
}

function records(): Readonly<Record<string, StoredRecord & { state: TokenState }>> {
  const reference = inStatus('provisioning').command;
  const order = { enqueuedAt: start, sequenceNumber: '1' };
  const failures = {
    rotate: {
      since: start,
      attempts: 3,
      code: 'unavailable',
      retryAt: at(hour),
      told: { severity: 'info' as const, at: start },
    },
  };
  const plan: WorkPlan = {
    kind: 'work',
    number: 3,
    plannedAt: start,
    work: {
      kind: 'provision',
      command: reference,
      reissue: { incarnation: 1, generation: 1, mayCutShort: false },
    },
    steps: [{ kind: 'createToken', input: { scopeMap: 'shared-read' } }],
  };
  const issuedFirst: StepResult = {
    kind: 'issueCredential',
    ok: true,
    slot: 'password1',
    slotCreatedAt: start,
    publishedAt: at(minute),
    expiresAt: at(74 * day),
    secretVersion: 'version1',
    verified: true,
  };
  return {
    none: { state: { ...newState(identity), applied: { existence: order } } },
    'provisioning-mid-plan': {
      state: inStatus('provisioning', { plan: 3, settled: 2, lookAt: at(hour) }),
      plan,
      results: [{ kind: 'createToken', ok: true, created: true }, issuedFirst],
    },
    active: {
      state: active({
        plan: 9,
        settled: 9,
        lookAt: at(56 * day),
        managed: managed({
          purpose: 'builds',
          endOfLife: at(300 * day),
          access: {
            scopeMap: 'team-web-scope-map',
            own: true,
            repositories: { 'team/web': ['content/read'] },
          },
        }),
        applied: { existence: order, access: order, schedule: order, status: order },
        credentials: {
          password1: credential(0),
          password2: credential(-60 * day, {
            slot: 'password2',
            supersededAt: start,
            retireAt: at(day),
            retiredAt: at(day),
          }),
        },
        deferredRotation: {
          command: reference,
          compromised: true,
          previousValidFor: 'PT0S',
          notBefore: at(day),
        },
        failures,
        parked: { since: start, work: 'rotate', code: 'refused', toDo: 'Look into it.' },
        warned: { endOfLife: at(300 * day), overdue: at(74 * day), ranOut: at(74 * day) },
      }),
    },
    'active-being-revoked': {
      state: active({
        plan: 3,
        settled: 2,
        revocation: {
          command: reference,
          since: start,
          attempts: 2,
          ended: false,
          disabledAt: start,
          toldAt: start,
        },
      }),
      plan: { ...plan, work: { kind: 'revoke', command: reference } },
      results: [{ kind: 'revoke', ok: true, secretOffAt: at(minute), regeneratedAt: at(minute) }],
    },
    disabled: {
      state: inStatus('disabled', { deferredRotation: { command: reference, compromised: false } }),
    },
    expired: { state: inStatus('expired') },
    deleted: { state: inStatus('deleted') },
    revoked: { state: inStatus('revoked', { removed: true }) },
  };
}
