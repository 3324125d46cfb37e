import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandType } from '../../src/contracts/commands.ts';
import type { PendingCommand } from '../../src/lifecycle/command-order.ts';
import { otherSlot, type Slot, slots } from '../../src/lifecycle/credential.ts';
import type { Judgement } from '../../src/lifecycle/facts.ts';
import type { TokenState } from '../../src/lifecycle/state.ts';
import { repetitions } from '../counts.ts';
import { command, day, hour, identity, minute, start } from './build.ts';
import { type Happening, happen, happenings, judge } from './model/happenings.ts';
import { LifecycleRun } from './model/lifecycle-run.ts';
import { Prober } from './model/prober.ts';
import type { World } from './model/world.ts';

const theirMap = 'made-by-others';

/** Some adoptions are allowed as they come in, and no longer when they are carried on with. */
function judgeAdoption(pending: PendingCommand, state: TokenState): Judgement {
  const { type, data } = pending.command;
  const isUnderWay = state.status !== 'none' && state.adoption?.command === pending.key;
  const changesItsMind = type === 'keyturn.token.adoption-requested' && Number(data.purpose) > 5;
  return isUnderWay && changesItsMind
    ? { verdict: 'denied', rule: 'actionNotAllowed' }
    : judge(pending, state);
}

/** A token that others made, with a password in each slot. */
function madeByOthers(look: (run: LifecycleRun) => void = () => undefined): LifecycleRun {
  const run = new LifecycleRun({ identity, now: start, judge: judgeAdoption, look });
  run.world.token = { enabled: true, scopeMap: theirMap, passwords: new Map() };
  for (const slot of slots) run.world.generate(slot, undefined);
  return run;
}

const mayDisable: readonly CommandType[] = [
  'keyturn.token.disable-requested',
  'keyturn.token.revocation-requested',
];

/** Says which promise was broken to whoever uses a token that is being adopted. */
class Bystander {
  /** The passwords as they were before the adoption began. */
  #theirs: ReadonlyMap<Slot, number> = new Map();
  #wasThere = true;

  begin({ world }: LifecycleRun): void {
    this.#theirs = passwordsOf(world);
  }

  look({ world, state, current, pending }: LifecycleRun): void {
    const adoption = state.status === 'none' ? undefined : state.adoption;
    const work = current?.work.kind;
    const passwords = passwordsOf(world);
    if (!adoption) this.#theirs = passwords;
    if (this.#wasThere && !world.token && adoption && work !== 'delete')
      throw new Error(`Removed by ${work}, while it was being adopted.`);
    this.#wasThere = world.token !== undefined;
    if (!adoption || !world.token || work === 'revoke') return;
    const other = otherSlot(adoption.slot);
    if (passwords.get(other) !== this.#theirs.get(other)) throw new Error(`${other} changed by ${work}.`);
    // Whoever has it disabled on the way owns it, and may ask for another map.
    if (state.status !== 'disabled' && world.token.scopeMap !== theirMap)
      throw new Error(`Bound to another map by ${work}.`);
    const isToBeDisabled =
      state.status === 'disabled' || pending.some(({ command: { type } }) => mayDisable.includes(type));
    if (!world.token.enabled && !isToBeDisabled) throw new Error(`Disabled by ${work}.`);
  }
}

function passwordsOf({ token }: World): ReadonlyMap<Slot, number> {
  return new Map([...(token?.passwords ?? [])].map(([slot, { value }]) => [slot, value]));
}

const adoptions: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constant('command' as const),
  type: fc.constant('keyturn.token.adoption-requested' as const),
  late: fc.constantFrom(0, 0, minute, hour),
  variant: fc.nat(7),
});

describe('a token that others made', () => {
  it('keeps its map and the password in the other slot while it is adopted, and is never removed for that', () => {
    let adopted = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: happenings }, { weight: 1, arbitrary: adoptions }), {
          minLength: 2,
          maxLength: 20,
        }),
        (list) => {
          const [prober, bystander] = [new Prober(), new Bystander()];
          const run = madeByOthers((seen) => {
            prober.look(seen);
            bystander.look(seen);
          });
          bystander.begin(run);
          for (const happening of list) happen(run, happening);
          run.fates.length = 0;
          run.lostSettles = 0;
          run.passTime(2 * day, hour);
          expect(run.pending).toEqual([]);
          const ended = run.outcomes.map(({ key }) => key);
          expect(new Set(ended).size).toBe(ended.length);
          expect(ended).toHaveLength(list.filter(({ kind }) => kind === 'command').length);
          if (run.events.some(({ type }) => type === 'keyturn.token.adopted')) adopted += 1;
        },
      ),
      { numRuns: repetitions({ quick: 300, soak: 10_000 }) },
    );
    expect(adopted).toBeGreaterThan(30);
  }, 600_000);
});

describe.each(slots)('a token that is adopted into %s', (slot) => {
  const adoption = () => command('keyturn.token.adoption-requested', 0, { owner: 'team-web', slot });

  function adopted(): { run: LifecycleRun; theirs: number } {
    const run = madeByOthers();
    const theirs = run.world.token?.passwords.get(otherSlot(slot))?.value ?? 0;
    run.send(adoption());
    run.work();
    return { run, theirs };
  }

  it('costs one registry write and one vault write', () => {
    const { run } = adopted();
    expect(run.world.writes).toEqual({ registry: 1, vault: 1 });
    expect(run.state).toMatchObject({
      status: 'active',
      published: slot,
      managed: { access: { own: false } },
    });
  });

  it('has both passwords working until its first rotation, which takes the other slot', () => {
    const { run, theirs } = adopted();
    const first = run.world.newest();
    expect(first?.tags.slot).toBe(slot);
    run.passTime(50 * day);
    expect([theirs, first?.value ?? 0].map((value) => run.world.logsIn(value))).toEqual([true, true]);
    expect(run.passTime(10 * day)).toContain('rotate');
    expect(run.world.newest()?.tags.slot).toBe(otherSlot(slot));
    expect([theirs, first?.value ?? 0].map((value) => run.world.logsIn(value))).toEqual([false, true]);
  });

  it('is adopted once, however often that is asked for', () => {
    const { run } = adopted();
    run.send(adoption());
    run.work();
    expect(run.outcomes.map(({ status, code }) => [status, code])).toEqual([
      ['done', undefined],
      ['denied', 'alreadyManaged'],
    ]);
    expect(run.world.secret.versions).toHaveLength(1);
  });

  it('goes on with its password where the settling was lost', () => {
    const run = madeByOthers();
    run.send(adoption());
    run.lostSettles = 2;
    run.work();
    expect(run.world.secret.versions).toHaveLength(1);
    expect(run.world.writes.registry).toBe(1);
    expect(run.events.map(({ type }) => type)).toEqual(['keyturn.token.adopted']);
  });
});
