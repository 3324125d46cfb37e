import { milliseconds } from '../../contracts/durations.ts';
import type { Instant } from '../../contracts/instants.ts';
import { earliest, millisecondsBetween, minute, plus, second } from '../../lifecycle/instant-arithmetic.ts';
import type { LoginVerdict } from '../../ports/login-server.ts';
import type { StepContext } from '../step-context.ts';
import { StepStopped } from '../step-stopped.ts';

/** Logins in a row, each on a new connection and so perhaps at another node. */
const loginsInARow = 3;
/** After so long a password that is refused will never be accepted. */
const patienceWhenRefused = 5 * minute;
/** After so long with no clear answer the old password stays. */
const patienceWhenUnknown = 10 * minute;
const pauseBetweenTries = 3 * second;
/** Between looks for a revocation while nothing else is done. */
const longestPause = 15 * second;

/** A password that was just made, and whether its slot was empty before. */
export interface Unproven {
  readonly value: string;
  readonly isFirst: boolean;
}

/**
 * Waits until all of the registry accepts a password. False: the registry cannot be reached from here, as configured,
 * and nothing but time went by.
 *
 * @throws StepStopped `neverAccepted`, `acceptanceUnknown`, `revocationPending` or `leaseLost`
 */
export async function provePassword({ value, isFirst }: Unproven, context: StepContext): Promise<boolean> {
  const { settleAfter, verification } = context.settings;
  const settledAt = plus(
    now(context),
    milliseconds(isFirst ? settleAfter.firstPassword : settleAfter.regenerated),
  );
  await waitUntil(settledAt, context);
  if (verification === 'wait') return false;
  await logInUntilAccepted(value, context);
  return true;
}

async function logInUntilAccepted(password: string, context: StepContext): Promise<void> {
  const { loginServer, identity } = context;
  const begun = now(context);
  await goOn(context);
  for (let inARow = 0; ; ) {
    const answer = await loginServer.tryLogin(identity.token, password);
    inARow = answer.verdict === 'accepted' ? inARow + 1 : 0;
    if (inARow === loginsInARow) return;
    // First: whoever was frozen for so long that another attempt took over has nothing to say about the password.
    await goOn(context);
    if (answer.verdict === 'accepted') continue;
    giveUpInTime(answer, begun, context);
    await waitUntil(nextTryAt(answer, begun, context), context);
  }
}

/** An answer that is no clear refusal says nothing about the password. */
function giveUpInTime({ verdict }: LoginVerdict, begun: Instant, context: StepContext): void {
  const tried = millisecondsBetween(begun, now(context));
  if (verdict === 'refused' && tried >= patienceWhenRefused) throw new StepStopped('neverAccepted');
  if (verdict === 'unknown' && tried >= patienceWhenUnknown) throw new StepStopped('acceptanceUnknown');
}

function nextTryAt(answer: LoginVerdict, begun: Instant, context: StepContext): Instant {
  const soon = plus(now(context), pauseBetweenTries);
  if (answer.verdict !== 'unknown' || answer.retryAt === undefined || answer.retryAt < soon) return soon;
  return earliest(answer.retryAt, plus(begun, patienceWhenUnknown));
}

async function waitUntil(instant: Instant, context: StepContext): Promise<void> {
  for (;;) {
    const left = millisecondsBetween(now(context), instant);
    if (left <= 0) return;
    await context.pause(Math.min(left, longestPause, context.lease.pace));
    await goOn(context);
  }
}

/** @throws StepStopped `revocationPending` or `leaseLost` */
async function goOn({ lease, revocation }: StepContext): Promise<void> {
  await lease.keep();
  await revocation.stopIfRevokedLately();
}

function now({ clock }: StepContext): Instant {
  return clock.now().toISOString();
}
