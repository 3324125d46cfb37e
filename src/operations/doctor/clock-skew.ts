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
  if (apart <= warnAfter) return ok(subject, `agrees with this machine's to ${inWords(apart)}`);
  const says = `is ${inWords(apart)} ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`;
  return apart > redAfter ? red(subject, says, remedy) : warn(subject, says, remedy);
}

const minute = 60_000;
const units = [
  { text: 'days', length: 24 * 60 * minute },
  { text: 'h', length: 60 * minute },
  { text: 'min', length: minute },
] as const;

/** Rounded up, since the time that is told is not exact; in the largest unit of which there are more than two. */
function inWords(milliseconds: number): string {
  const unit = units.find(({ length }) => milliseconds > 2 * length);
  if (unit) return `${Math.ceil(milliseconds / unit.length)} ${unit.text}`;
  return `${Math.max(1, Math.ceil(milliseconds / 1_000))} s`;
}
