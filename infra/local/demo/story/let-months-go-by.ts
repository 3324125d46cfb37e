import { NotAsTold } from '../not-as-told.ts';
import { kindOf, type TokenEvent } from '../token-event.ts';
import { rowsAfter } from '../token-row.ts';
import { cast } from './cast.ts';
import { beginStep, picture, publishedAt, type Stage } from './stage.ts';

const dayMilliseconds = 24 * 60 * 60 * 1_000;

/** The clock runs through months of 30 days, and passwords are replaced while the prober uses them. */
export async function letMonthsGoBy(stage: Stage, months: number): Promise<void> {
  const { screen, control, events, prober } = stage;
  await beginStep(
    stage,
    `4. ${months === 1 ? 'A month goes' : `${months} months go`} by: passwords are replaced before they expire`,
    'Why: a password is published when it logs in everywhere; the one before works on for a while.',
  );
  screen.say(
    '',
    '  A prober takes the passwords from the vault and logs in with them, several times a second;',
    '  with those that were replaced, too, for as long as Keyturn promised that they work.',
    '',
  );
  for (const { token, overlapDays } of cast)
    prober.watch({ token, ...publishedAt(stage, token), overlap: overlapDays * dayMilliseconds });
  const stopTelling = events.onEvent((event) => tellProber(event, stage));
  screen.live(() => picture(stage));
  for (let month = 1; month <= months; month += 1) {
    await control.advance('P30D');
    const today = stage.now().toISOString();
    await events.until(`every rotation that was due by ${today}`, () => !isAnyOverdue(stage, today));
  }
  screen.freeze();
  stopTelling();
  for (const { token } of cast) {
    if (!prober.counts.get(token)?.accepted) throw new NotAsTold(`The prober never logged in as ${token}`);
  }
}

function tellProber(event: TokenEvent, { prober }: Stage): void {
  const { token, secretVersion, previousValidUntil } = event.data;
  if (kindOf(event) === 'rotated' && secretVersion && previousValidUntil)
    prober.rotated(token, secretVersion, new Date(previousValidUntil));
}

/** Whether a rotation was announced for an instant that has gone by. */
function isAnyOverdue({ events }: Stage, instant: string): boolean {
  return rowsAfter(events.all).some(
    ({ nextRotation }) => nextRotation !== undefined && nextRotation <= instant,
  );
}
