import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slots } from '../../src/lifecycle/credential.ts';
import { newState } from '../../src/lifecycle/state.ts';
import { type StepFailureCode, stepFailures } from '../../src/lifecycle/step-failures.ts';
import { repetitions } from '../counts.ts';
import { command, day, hour, identity, start } from './build.ts';
import { allowAll } from './model/allow-all.ts';
import { type Happening, happen, happenings, judge } from './model/happenings.ts';
import { LifecycleRun } from './model/lifecycle-run.ts';
import { Prober } from './model/prober.ts';

function runOf(list: readonly Happening[], rotateOnScopeMapChange: boolean): LifecycleRun {
  const prober = new Prober();
  const look = (seen: LifecycleRun) => prober.look(seen);
  const run = new LifecycleRun({ identity, now: start, judge, rules: { rotateOnScopeMapChange }, look });
  for (const happening of list) happen(run, happening);
  run.fates.length = 0;
  run.lostSettles = 0;
  run.passTime(2 * day, hour);
  return run;
}

const request = { owner: 'team-web', access: { scopeMap: 'shared-read' } };

function probedRun(): LifecycleRun {
  const prober = new Prober();
  const run = new LifecycleRun({ identity, now: start, judge: allowAll, look: (seen) => prober.look(seen) });
  run.send(command('keyturn.token.requested', 0, request));
  run.work();
  return run;
}

/** Every command has exactly one outcome. */
function expectAllEnded(run: LifecycleRun, list: readonly Happening[]): void {
  expect(run.pending).toEqual([]);
  const ended = run.outcomes.map(({ key }) => key);
  expect(new Set(ended).size).toBe(ended.length);
  expect(ended).toHaveLength(list.filter(({ kind }) => kind === 'command').length);
}

/** What the record calls published is what consumers read. */
function expectSettled({ state, world }: LifecycleRun): void {
  if (state.status !== 'active') return;
  const { slot, incarnation, generation } = world.newest()?.tags ?? {};
  expect(state.published).toBe(slot);
  expect(`${state.incarnation}/${state.generation}`).toBe(`${incarnation}/${generation}`);
}

describe('whatever happens to a token', () => {
  it('keeps its promises, and every command ends once', () => {
    fc.assert(
      fc.property(fc.array(happenings, { maxLength: 25 }), fc.boolean(), (list, rotateOnScopeMapChange) => {
        const run = runOf(list, rotateOnScopeMapChange);
        expectAllEnded(run, list);
        expect(run.state.failures).toEqual({});
        expectSettled(run);
      }),
      { numRuns: repetitions({ quick: 300, soak: 20_000 }) },
    );
  }, 300_000);
});

/** What others do to the token behind the lifecycle's back. */
const meddling = {
  disable: ({ world }: LifecycleRun) => Object.assign(world.token ?? {}, { enabled: false }),
  enable: ({ world }: LifecycleRun) => Object.assign(world.token ?? {}, { enabled: true }),
  removeToken: ({ world }: LifecycleRun) => (world.token = undefined),
  removeSecret: ({ world }: LifecycleRun) => (world.secret.standing = 'softDeleted'),
  wipePasswords: ({ world }: LifecycleRun) => world.token?.passwords.clear(),
  regenerate: ({ world }: LifecycleRun) =>
    world.token && slots.map((slot) => world.generate(slot, undefined)),
  writeSecret: ({ world }: LifecycleRun) => world.publish(0, world.instant(), {}),
  loseRecord: (run: LifecycleRun) => (run.state = newState(identity)),
};

const meddlings = fc.constantFrom(...Object.values(meddling));
const codes = fc.constantFrom(
  ...Object.keys(stepFailures).filter((code): code is StepFailureCode => code in stepFailures),
);
const anyTrouble = fc
  .array(
    fc.record({
      kind: fc.constantFrom('failsBefore' as const, 'failsMidway' as const, 'failsAfter' as const),
      code: codes,
      wait: fc.constant(0),
    }),
    { maxLength: 3 },
  )
  .map((fates): Happening => ({ kind: 'trouble', fates }));

describe('whatever others do to a token meanwhile, and for whatever reason steps fail', () => {
  it('always knows what to do next, and every command ends once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(happenings, anyTrouble, meddlings), { maxLength: 25 }), (list) => {
        const run = new LifecycleRun({ identity, now: start, judge });
        for (const each of list) {
          if (typeof each === 'function') each(run);
          else happen(run, each);
        }
        run.fates.length = 0;
        run.lostSettles = 0;
        run.passTime(8 * day, hour);
        expectAllEnded(
          run,
          list.filter((each) => typeof each !== 'function'),
        );
      }),
      { numRuns: repetitions({ quick: 200, soak: 10_000 }) },
    );
  }, 300_000);
});

describe('a token whose record is lost again and again', () => {
  it('keeps its password working, rotates in time and publishes nothing twice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), (waits) => {
        const run = probedRun();
        let days = 0;
        for (const wait of waits) {
          days += wait;
          run.passTime(wait * day, day);
          run.state = { ...newState(identity), applied: run.state.applied };
          run.work();
          expect(run.state).toMatchObject({ status: 'active', incarnation: 1 });
        }
        expect(run.world.secret.versions.length).toBeGreaterThan(Math.floor(days / 60));
        expect(run.world.secret.versions.length).toBeLessThanOrEqual(1 + Math.ceil(days / 53));
      }),
      { numRuns: repetitions({ quick: 60, soak: 2_000 }) },
    );
  }, 300_000);
});
