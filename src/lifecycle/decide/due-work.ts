import type { Instant } from '../../contracts/instants.ts';
import { type Credential, otherSlot } from '../credential.ts';
import { earliest, isDue, latest } from '../instant-arithmetic.ts';
import type { WorkKind, WorkOf } from '../plan.ts';
import {
  currentCredential,
  lastChance,
  nextTurn,
  type RotationTiming,
  rotationWanted,
  scheduledRotation,
} from '../rotation-times.ts';
import { endWarning } from '../schedule.ts';
import type { StateOf, TokenState } from '../state.ts';
import type { Step } from '../steps.ts';
import { onRecord, type Proposal, type Situation } from './proposal.ts';
import { decideDueRotation } from './rotation.ts';

type Active = StateOf<'active'>;

/** Something that becomes due with time. */
interface Due {
  readonly kind: WorkKind;
  readonly at: (state: Active, timing: RotationTiming) => Instant | undefined;
  readonly propose: (situation: Situation<Active>) => Proposal;
}

/**
 * In the order in which they are looked at: what changes the world goes before what is only told, but for what is told
 * of it beforehand.
 */
const dues: readonly Due[] = [
  { kind: 'expire', at: ({ managed }) => managed.endOfLife, propose: expire },
  { kind: 'retire', at: (state) => toRetire(state)?.retireAt, propose: retire },
  { kind: 'ignoreWindow', at: ignoresWindowAt, propose: ignoreWindow },
  { kind: 'rotate', at: (state, timing) => nextTurn(state, timing)?.at, propose: decideDueRotation },
  warning('ranOut', runsOutAt, (_state, deadline) => deadline),
  warning('overdue', runsOutAt, (state, deadline) => lastChance(state) ?? deadline),
  warning(
    'endOfLife',
    ({ managed }) => managed.endOfLife,
    (state, deadline) =>
      endWarning(deadline, state.managed.schedule, currentCredential(state)?.slotCreatedAt ?? deadline),
  ),
];

/** What is due by now without a command. Only an active token has anything: a disabled one neither rotates nor warns. */
export function decideDue(situation: Situation): Proposal | undefined {
  const { state, now } = situation;
  if (state.status !== 'active') return undefined;
  const due = dues.find((each) => isDue(dueAt(each, state, timingOf(situation)), now));
  return due?.propose({ ...situation, state });
}

/** Whether the next due work needs to know how the token is out there; it may turn out to wait for a window. */
export function dueNeedsWorld(state: TokenState, now: Instant): boolean {
  if (state.status !== 'active') return false;
  return dues.find((due) => isDue(dueAt(due, state, { windows: [], now }), now))?.kind === 'rotate';
}

/** When something becomes due next. */
export function nextDue(situation: Pick<Situation, 'state' | 'facts' | 'now'>): Instant | undefined {
  const { state } = situation;
  if (state.status !== 'active') return undefined;
  return earliest(...dues.map((due) => dueAt(due, state, timingOf(situation))));
}

function timingOf({ facts, now }: Pick<Situation, 'facts' | 'now'>): RotationTiming {
  return { windows: facts.rules.rotationWindows ?? [], now };
}

/** Failed work is due again when it is to be retried. */
function dueAt({ kind, at }: Due, state: Active, timing: RotationTiming): Instant | undefined {
  const due = at(state, timing);
  return due && latest(due, state.failures[kind]?.retryAt);
}

/** When consumers are left without a password because no rotation came; nothing if that is the end of life. */
function runsOutAt(state: Active): Instant | undefined {
  return scheduledRotation(state) && currentCredential(state)?.expiresAt;
}

/** When a rotation goes ahead outside of the windows, if that was not told yet. */
function ignoresWindowAt(state: Active, timing: RotationTiming): Instant | undefined {
  const turn = nextTurn(state, timing);
  const isTold = state.warned.rotationWindow === currentCredential(state)?.expiresAt;
  return turn?.ignored && !isTold ? turn.at : undefined;
}

function ignoreWindow(situation: Situation<Active>): Proposal {
  const { state, now } = situation;
  return onRecord({
    kind: 'ignoreWindow',
    due: rotationWanted(state) ?? now,
    opensAt: nextTurn(state, timingOf(situation))?.ignored?.opensAt ?? now,
    deadline: currentCredential(state)?.expiresAt ?? now,
  });
}

function toRetire({ credentials }: Active): Credential | undefined {
  return [credentials.password1, credentials.password2].find(
    (credential) => credential?.retireAt !== undefined && credential.retiredAt === undefined,
  );
}

function retire({ state }: Situation<Active>): Proposal {
  const credential = toRetire(state);
  const steps: Step[] = credential
    ? [{ kind: 'retireSlot', input: { slot: credential.slot, slotCreatedAt: credential.slotCreatedAt } }]
    : [];
  return { work: { kind: 'retire', slot: credential?.slot ?? otherSlot(state.published) }, steps };
}

/** Passwords end with the token's life by their own expiry; only a life that was cut short has to be ended. */
function expire({ state, now }: Situation<Active>): Proposal {
  const { password1, password2 } = state.credentials;
  const outlived = [password1, password2].some((credential) => credential && credential.expiresAt > now);
  const steps: Step[] = outlived ? [{ kind: 'setTokenStatus', input: { enabled: false } }] : [];
  return { work: { kind: 'expire' }, steps };
}

/** A warning is given once for each deadline. */
function warning(
  about: WorkOf<'warn'>['about'],
  deadlineOf: (state: Active) => Instant | undefined,
  dueFor: (state: Active, deadline: Instant) => Instant,
): Due {
  return {
    kind: 'warn',
    at: (state) => {
      const deadline = deadlineOf(state);
      return deadline === undefined || state.warned[about] === deadline ? undefined : dueFor(state, deadline);
    },
    propose: ({ state }) => onRecord({ kind: 'warn', about, deadline: deadlineOf(state) ?? '' }),
  };
}
