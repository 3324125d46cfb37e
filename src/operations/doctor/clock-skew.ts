import { type Diagnosis, ok, red, type Subject, warn } from './diagnosis.ts';

const warnAfter = 30_000;
const redAfter = 120_000;

const remedy =
  'Put the clock of this machine right. If it is, the time of the service is wrong; in the local cloud that is so once its clock was moved.';

/** @param ahead milliseconds by which the service's clock is ahead of this machine's; undefined: it did not say */
export function clockDiagnosis(name: string, ahead: number | undefined): Diagnosis {
  const subject: Subject = { kind: 'clock', name };
  if (ahead === undefined)
    return warn(subject, 'it does not say what time it has', 'Compare the clocks by other means.');
  const apart = Math.abs(ahead);
  if (apart <= warnAfter) return ok(subject, `agrees with this machine's to ${secondsOf(apart)} s`);
  const says = `is ${secondsOf(apart)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`;
  return apart > redAfter ? red(subject, says, remedy) : warn(subject, says, remedy);
}

/** Rounded up, since the time that is told is not exact. */
function secondsOf(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1_000));
}
