import { type Diagnosis, red, type Subject } from './diagnosis.ts';
import { failed } from './failed.ts';

/** Looks at one thing. It asks, and what it finds becomes lines. */
export interface Check {
  readonly subject: Subject;
  /** Milliseconds after which it is given up. */
  readonly timeLimit?: number;
  examine(signal: AbortSignal): Promise<readonly Diagnosis[]>;
}

const usualTimeLimit = 30_000;

/** Never throws: a check that fails, or does not end, is a red line. */
export async function carryOut({
  subject,
  timeLimit = usualTimeLimit,
  examine,
}: Check): Promise<readonly Diagnosis[]> {
  const signal = AbortSignal.timeout(timeLimit);
  const { promise: late, resolve } = Promise.withResolvers<readonly Diagnosis[]>();
  const giveUp = () => resolve([tooLate(subject, timeLimit)]);
  signal.addEventListener('abort', giveUp, { once: true });
  const examined = examine(signal).catch((error: unknown) => [
    signal.aborted ? tooLate(subject, timeLimit) : failed(subject, 'could not be examined', error),
  ]);
  try {
    return await Promise.race([examined, late]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function tooLate(subject: Subject, timeLimit: number): Diagnosis {
  const seconds = timeLimit / 1_000;
  return red(
    subject,
    `no answer within ${seconds} s`,
    'Look at the lines about reaching the service, and run the doctor again.',
  );
}
