import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  begun,
  type ComparisonNote,
  ended,
  gapLeft,
  isOverdue,
  leftBehind,
  readComparisonNote,
  renewed,
  withRequest,
} from '../../src/watch/comparison-note.ts';
import { repetitions } from '../counts.ts';
import { at, minute, second } from '../lifecycle/build.ts';

const wanted = (scope: 'tokens' | 'everything', now: string) => ({ scope, now, reports: [] });
const hold = (holder: string, until: string) => ({ holder, until });
const begin = (note: ComparisonNote, holder: string, milliseconds: number) =>
  begun(note, hold(holder, at(milliseconds + minute)), at(milliseconds));

describe('turns at a registry', () => {
  it('are taken when something is wanted, by one at a time', () => {
    expect(begin({}, 'one', 0)).toBeUndefined();
    const first = begin(withRequest({}, wanted('tokens', at(0)), at(0)), 'one', 0) ?? {};
    expect(first.running).toMatchObject({ holder: 'one', scope: 'tokens' });
    expect(begin(withRequest(first, wanted('tokens', at(1)), at(1)), 'two', 1)).toBeUndefined();
  });

  it('are taken over as they were from whoever has not renewed them, with what is wanted since left for later', () => {
    const first = begin(withRequest({}, wanted('everything', at(0)), at(0)), 'one', 0) ?? {};
    const further = renewed(first, hold('one', at(minute)), 'team-m') ?? {};
    const marked = withRequest(further, wanted('tokens', at(5)), at(5));
    const second = begin(marked, 'two', minute) ?? {};
    expect(second.running).toMatchObject({ holder: 'two', scope: 'everything', after: 'team-m' });
    expect(second.wanted).toMatchObject({ scope: 'tokens' });
    expect(renewed(second, hold('one', at(3 * minute)), 'team-z')).toBeUndefined();
    expect(ended(second, 'one', 10, at(2 * minute))).toBeUndefined();
  });

  it('of tokens alone rest in proportion to how long they take', () => {
    const rest = (took: number, after: number) =>
      gapLeft({ last: { at: at(0), took }, wanted: { ...wanted('tokens', at(0)), since: at(0) } }, at(after));
    expect(rest(10, 0)).toBe(1.5 * second);
    expect(rest(10 * second, 0)).toBe(40 * second);
    expect(rest(10 * minute, 0)).toBe(5 * minute);
    expect(rest(10 * second, 40 * second)).toBe(0);
  });

  it('are overdue when they are left behind, or nobody has begun for a minute', () => {
    const marked = withRequest({}, wanted('tokens', at(0)), at(0));
    expect([isOverdue(marked, at(59 * second)), isOverdue(marked, at(minute))]).toEqual([false, true]);
    const running = begin(marked, 'one', 0) ?? {};
    expect([isOverdue(running, at(59 * second)), isOverdue(running, at(minute))]).toEqual([false, true]);
    expect(isOverdue(leftBehind(running, 'one', at(5)) ?? {}, at(5))).toBe(true);
    expect(isOverdue({}, at(0))).toBe(false);
  });

  it('begin anew where a note of another release cannot be read', () => {
    expect(readComparisonNote({ running: 'yes' })).toEqual({});
    expect(readComparisonNote(undefined)).toEqual({});
  });
});

/** What may happen: a request comes, somebody tries to begin, the one at it ends, leaves it, or is stopped. */
type Happening = 'request' | 'begin' | 'end' | 'leave' | 'lapse';

it('no request is lost, whoever is stopped when: what ended last began after it', () => {
  const happenings = fc.array(fc.constantFrom<Happening>('request', 'begin', 'end', 'leave', 'lapse'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(happenings, (sequence) => {
      const run = new Run();
      for (const each of sequence) run.happen(each);
      run.drain();
      expect(run.covered).toBe(run.requested);
    }),
    { numRuns: repetitions({ quick: 300, soak: 20_000 }) },
  );
});

/** Requests are numbered by their times; a comparison covers those up to its own. */
class Run {
  requested = 0;
  covered = 0;
  #note: ComparisonNote = {};
  #time = 0;
  #holder = 0;

  happen(what: Happening): void {
    this.#time += 1;
    if (what === 'request') {
      this.requested = this.#time;
      this.#note = withRequest(this.#note, wanted('tokens', at(this.#time)), at(this.#time));
    } else if (what === 'begin') this.#begin();
    else if (what === 'end') this.#end();
    else if (what === 'leave') this.#note = leftBehind(this.#note, this.#name, at(this.#time)) ?? this.#note;
    else this.#time += minute;
  }

  drain(): void {
    for (let turn = 0; turn < 3; turn += 1)
      for (const each of ['lapse', 'begin', 'end'] as const) this.happen(each);
  }

  get #name(): string {
    return `holder-${this.#holder}`;
  }

  #begin(): void {
    const next = begin(this.#note, `holder-${this.#holder + 1}`, this.#time);
    if (!next) return;
    this.#holder += 1;
    this.#note = next;
  }

  #end(): void {
    const { running } = this.#note;
    const next = ended(this.#note, this.#name, 1, at(this.#time));
    if (!next || !running) return;
    this.covered = Date.parse(running.now) - Date.parse(at(0));
    this.#note = next;
  }
}
