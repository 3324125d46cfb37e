import { NotAsTold } from '../not-as-told.ts';
import { kindOf } from '../token-event.ts';
import { rowsAfter } from '../token-row.ts';
import { cast } from './cast.ts';
import { beginStep, picture, type Stage, secretNameOf } from './stage.ts';

const dayMilliseconds = 24 * 60 * 60 * 1_000;

/** The clock runs through months, and passwords are replaced while the prober uses them. */
export async function letMonthsGoBy(stage: Stage, months: number): Promise<void> {
  const { screen, control, events, prober } = stage;
  await beginStep(
    stage,
    `4. ${months === 1 ? 'A month goes' : `${months} months go`} by; passwords are replaced before they expire`,
    'Why: a new password is published only when it logs in everywhere, and the one before works on meanwhile.',
  );
  screen.say(
    '  A prober reads every password from the vault and logs in with it, all the time; with the one',
  );
  screen.say('  before, too, for as long as Keyturn promised that it works.', '');
  const stopTelling = events.onEvent((event) => {
    const { token, secretVersion, previousValidUntil } = event.data;
    if (kindOf(event) === 'rotated' && secretVersion && previousValidUntil)
      prober.rotated(token, secretVersion, new Date(previousValidUntil));
  });
  for (const { token, overlapDays } of cast)
    prober.watch(token, secretNameOf(stage, token), overlapDays * dayMilliseconds);
  screen.live(() => picture(stage));
  for (let month = 1; month <= months; month += 1) {
    await control.advance('P30D');
    await events.until(
      `every rotation that was due by ${stage.now().toISOString()}`,
      () => overdue(stage) === undefined,
    );
  }
  screen.freeze();
  stopTelling();
  for (const { token } of cast) checkProbed(stage, token);
}

/** A token whose rotation was announced for an instant that has gone by. */
function overdue({ events, now }: Stage): string | undefined {
  const instant = now().toISOString();
  return rowsAfter(events.all).find(
    ({ nextRotation }) => nextRotation !== undefined && nextRotation <= instant,
  )?.token;
}

function checkProbed({ prober }: Stage, token: string): void {
  if (!prober.counts.get(token)?.accepted) throw new NotAsTold(`The prober never logged in as ${token}`);
}
