import { type Instant, later } from '../contracts/instants.ts';
import { plus, second } from '../lifecycle/instant-arithmetic.ts';
import type { StoredNote } from '../ports/registry-notes.ts';
import { ServiceFailure } from '../ports/service-failure.ts';
import {
  begun,
  type ComparisonNote,
  type ComparisonRequest,
  ended,
  gapLeft,
  isOverdue,
  leftBehind,
  type Running,
  readComparisonNote,
  renewed,
  withRequest,
} from './comparison-note.ts';
import type { WatchPorts } from './watch-ports.ts';

/** So often somebody else may be faster before we give up. */
const mostTries = 10;
/** Milliseconds that a turn waits at most for its registry's rest to be over; then the timer sees to it. */
const longestWait = 20 * second;

/** One's turn at a registry. */
export interface Turn {
  readonly registry: string;
  readonly running: Running;
  /** Says how far it is, and keeps it from others. @throws TurnLost */
  goOn(after?: string): Promise<void>;
}

/** Somebody else has taken over; what is left to do is theirs. */
export class TurnLost extends Error {
  override readonly name = 'TurnLost';
}

export type TurnPorts = Pick<WatchPorts, 'notes' | 'clock' | 'pause'> & {
  /** For so long one has a registry for oneself; it is renewed on the way. */
  readonly configuration: Pick<WatchPorts['configuration'], 'lease'>;
};

/** Wants a registry to be compared. @throws ServiceFailure */
export async function requestComparison(
  registry: string,
  request: ComparisonRequest,
  ports: Pick<TurnPorts, 'notes' | 'clock'>,
): Promise<void> {
  await changeNote(registry, ports, (note, at) => withRequest(note, request, at));
}

/** Whether a comparison is wanted or left behind that nobody has seen to. @throws ServiceFailure */
export async function isComparisonOverdue(
  registry: string,
  { notes, clock }: Pick<TurnPorts, 'notes' | 'clock'>,
): Promise<boolean> {
  const note = readComparisonNote((await notes.readNote(registry, 'comparison'))?.value);
  return isOverdue(note, clock.now().toISOString());
}

/**
 * Takes turns at a registry until nothing more is wanted there, `until` has come, or its rest between two comparisons
 * would take too long to wait for: what is left then is seen to by the timer. While somebody else is at it, nothing.
 *
 * @param compare one comparison; false: it stopped before its end, for lack of time
 * @throws ServiceFailure, or what the comparison throws; it is then left behind to be gone on with
 */
export async function takeTurns<Compared>(
  registry: string,
  until: Instant,
  ports: TurnPorts,
  compare: (turn: Turn) => Promise<Compared | false>,
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (;;) {
    const turn = await takeTurn(registry, until, ports);
    if (!turn) return compared;
    const result = await takeOneTurn(turn, ports, compare);
    if (result === false) return compared;
    compared.push(result);
  }
}

async function takeTurn(registry: string, until: Instant, ports: TurnPorts): Promise<Turn | undefined> {
  const { clock, pause, configuration } = ports;
  const holder = crypto.randomUUID();
  const hold = (at: Instant) => ({ holder, until: later(at, configuration.lease.length) });
  for (;;) {
    const at = clock.now().toISOString();
    if (at >= until) return undefined;
    const note = readComparisonNote((await ports.notes.readNote(registry, 'comparison'))?.value);
    const gap = gapLeft(note, at);
    if (!begun(note, hold(at), at) || gap > longestWait || plus(at, gap) >= until) return undefined;
    if (gap > 0) await pause(gap);
    else break;
  }
  const note = await changeNote(registry, ports, (current, at) => begun(current, hold(at), at));
  const running = note?.running;
  if (running?.holder !== holder) return undefined;
  const goOn = async (after?: string) => {
    if (!(await changeNote(registry, ports, (current, at) => renewed(current, hold(at), after))))
      throw new TurnLost();
  };
  return { registry, running, goOn };
}

async function takeOneTurn<Compared>(
  turn: Turn,
  ports: TurnPorts,
  compare: (turn: Turn) => Promise<Compared | false>,
): Promise<Compared | false> {
  const { registry, running } = turn;
  const started = ports.clock.now().getTime();
  let result: Compared | false = false;
  try {
    result = await compare(turn);
  } catch (error) {
    if (error instanceof TurnLost) return false;
    // If not even that is possible, its hold ends by itself.
    await changeNote(registry, ports, (note, at) => leftBehind(note, running.holder, at)).catch(
      () => undefined,
    );
    throw error;
  }
  const took = ports.clock.now().getTime() - started;
  await changeNote(registry, ports, (note, at) =>
    result === false ? leftBehind(note, running.holder, at) : ended(note, running.holder, took, at),
  );
  return result;
}

/** Undefined if `change` says that nothing is to be changed. */
async function changeNote(
  registry: string,
  { notes, clock }: Pick<TurnPorts, 'notes' | 'clock'>,
  change: (note: ComparisonNote, at: Instant) => ComparisonNote | undefined,
): Promise<ComparisonNote | undefined> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const stored: StoredNote | undefined = await notes.readNote(registry, 'comparison');
    const changed = change(readComparisonNote(stored?.value), clock.now().toISOString());
    if (!changed || (await notes.writeNote(registry, 'comparison', changed, stored))) return changed;
  }
  throw new ServiceFailure({ service: 'records', operation: 'writeNote', code: 'conflict' });
}
