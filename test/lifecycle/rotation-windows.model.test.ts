import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { WeeklyWindow } from '../../src/calendar/weekly-window.ts';
import { internalEntrance } from '../../src/contracts/internal-commands.ts';
import { repetitions } from '../counts.ts';
import { command, day, hour, identity, start } from './build.ts';
import { type Happening, happen, happenings, judge } from './model/happenings.ts';
import { LifecycleRun } from './model/lifecycle-run.ts';
import { Prober } from './model/prober.ts';

const policies: readonly (readonly WeeklyWindow[])[] = [
  [{ from: '22:00', to: '04:00', timeZone: 'Europe/Berlin' }],
  [{ days: ['sat', 'sun'], from: '00:00', to: '00:00', timeZone: 'America/New_York' }],
  [{ days: ['wed'], from: '12:00', to: '12:30', timeZone: 'UTC' }],
];

/** What happens to a token, and rotations that a schedule of the configuration asks for. */
const anything = fc.oneof(
  { weight: 8, arbitrary: happenings },
  { weight: 1, arbitrary: fc.constant({ kind: 'posted' as const }) },
);

function post(run: LifecycleRun): void {
  const now = run.world.now - Date.parse(start);
  run.send(
    command('keyturn.token.rotation-requested', now, { compromised: false }, { entrance: internalEntrance }),
  );
  run.work();
}

function runOf(
  list: readonly (Happening | { kind: 'posted' })[],
  rotationWindows: readonly WeeklyWindow[],
): LifecycleRun {
  const prober = new Prober();
  const look = (seen: LifecycleRun) => prober.look(seen);
  const run = new LifecycleRun({ identity, now: start, judge, rules: { rotationWindows }, look });
  for (const each of list) {
    if (each.kind === 'posted') post(run);
    else happen(run, each);
  }
  run.fates.length = 0;
  run.lostSettles = 0;
  // A rotation that failed may have to wait for the window of next week.
  run.passTime(9 * day, 3 * hour);
  return run;
}

it('whatever happens to a token under rotation windows, all promises are kept, and every command ends once', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 25 }), fc.constantFrom(...policies), (list, windows) => {
      const run = runOf(list, windows);
      const ended = run.outcomes.map(({ key }) => key);
      expect(run.pending).toEqual([]);
      expect(new Set(ended).size).toBe(ended.length);
      expect(ended).toHaveLength(list.filter(({ kind }) => kind === 'command' || kind === 'posted').length);
      expect(run.state.failures).toEqual({});
    }),
    { numRuns: repetitions({ quick: 60, soak: 3_000 }) },
  );
}, 600_000);
