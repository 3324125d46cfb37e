import { type Duration, milliseconds } from '../../../src/contracts/durations.ts';
import { aspects, isOlder, type Marks } from '../../../src/lifecycle/command-order.ts';
import { earliest, plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import type { Work, WorkKind } from '../../../src/lifecycle/plan.ts';
import type { Managed, Status } from '../../../src/lifecycle/state.ts';
import type { LifecycleRun } from './lifecycle-run.ts';

/** Work after which a password may stop working before its time. */
const cutting: readonly WorkKind[] = ['disable', 'delete', 'revoke', 'expire', 'abandon'];

/** Looks at a run whenever anything happened, and says which promise of the design was broken. */
export class Prober {
  #expectsPublished = false;
  /** Replaced passwords that have to work for a while. */
  #promises: { readonly value: number; readonly since: string; readonly until: string }[] = [];
  #published: { readonly value: number; readonly overlap: Duration; readonly endsAt?: string } | undefined;
  #versions = 0;
  #status: Status = 'none';
  #marks: Marks = {};

  look(run: LifecycleRun): void {
    const work = run.current?.work;
    if (work && cutting.includes(work.kind)) this.#letGo();
    if (work?.kind === 'rotate' && work.reissue.mayCutShort) this.#promises = [];
    this.#lookAtStatus(run.state.status, work?.kind);
    if (isOver(run)) this.#letGo();
    if (run.state.status !== 'none') this.#lookAtPublications(run, run.state.managed, work);
    if (run.state.status !== 'none') this.#shorten(run.state.managed.schedule.overlap);
    this.#lookAtLogins(run);
    this.#lookAtMarks(run.state.applied);
  }

  #letGo(): void {
    this.#expectsPublished = false;
    this.#promises = [];
  }

  #lookAtStatus(status: Status, work: WorkKind | undefined): void {
    if (status === this.#status) return;
    if (this.#status === 'revoked' && work !== 'reinstate') throw new Error(`Left revoked by ${work}.`);
    if (status === 'active') this.#expectsPublished = true;
    else this.#letGo();
    this.#status = status;
  }

  #lookAtPublications({ world, state }: LifecycleRun, { schedule, endOfLife }: Managed, work?: Work): void {
    const { versions } = world.secret;
    if (versions.length === this.#versions) return;
    this.#versions = versions.length;
    const ids = versions.map(({ tags }) => `${tags.incarnation}/${tags.generation}`);
    if (new Set(ids).size < ids.length) throw new Error(`Published twice: ${ids.join(', ')}.`);
    if (state.status === 'disabled' && work?.kind !== 'enable')
      throw new Error(`Disabled, and yet ${work?.kind}.`);
    const replaced = this.#published;
    const { overlap: wanted } = work?.kind === 'converge' ? work.managed.schedule : schedule;
    if (replaced && this.#expectsPublished && (work?.kind === 'rotate' || work?.kind === 'converge')) {
      const overlap = Math.min(milliseconds(replaced.overlap), milliseconds(wanted));
      const asked = work.reissue?.previousValidFor;
      const until = plus(
        world.instant(),
        asked === undefined ? overlap : Math.min(overlap, milliseconds(asked)),
      );
      this.#promises.push({
        value: replaced.value,
        since: world.instant(),
        until: earliest(until, endOfLife, replaced.endsAt),
      });
    }
    const newest = world.newest();
    // A password that was kept short by an end of life cannot have its whole overlap when that is moved.
    const endsAt = endOfLife === undefined ? undefined : newest?.expiresAt;
    this.#published = newest && {
      value: newest.value,
      overlap: wanted,
      ...(endsAt === undefined ? {} : { endsAt }),
    };
  }

  /** A request for a shorter overlap counts for the password that was replaced before, too. */
  #shorten(overlap: Duration): void {
    this.#promises = this.#promises.map(({ value, since, until }) => ({
      value,
      since,
      until: earliest(until, plus(since, milliseconds(overlap))),
    }));
  }

  #lookAtLogins({ world, current }: LifecycleRun): void {
    const now = world.instant();
    const newest = world.newest();
    if (this.#expectsPublished && newest && !(newest.enabled && world.logsIn(newest.value))) {
      throw new Error(`${now}: the published password does not log in, after ${current?.work.kind}.`);
    }
    this.#promises = this.#promises.filter(({ until }) => until > now);
    const broken = this.#promises.find(({ value }) => !world.logsIn(value));
    if (broken)
      throw new Error(`${now}: replaced password ended before ${broken.until}, after ${current?.work.kind}.`);
  }

  #lookAtMarks(marks: Marks): void {
    for (const aspect of aspects) {
      const [before, after] = [this.#marks[aspect], marks[aspect]];
      if (before && (!after || isOlder(after, before))) throw new Error(`An older command undid ${aspect}.`);
    }
    this.#marks = marks;
  }
}

/** Whether its end of life has come, to the second: passwords keep no more than that. */
function isOver({ state, world }: LifecycleRun): boolean {
  const endOfLife = state.status === 'none' ? undefined : state.managed.endOfLife;
  return endOfLife !== undefined && plus(world.instant(), 1000) > endOfLife;
}
