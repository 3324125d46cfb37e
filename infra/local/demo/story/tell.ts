import { eventLine } from '../event-line.ts';
import { NotAsTold } from '../not-as-told.ts';
import { kindOf, type TokenEvent } from '../token-event.ts';
import { endTokens } from './end-tokens.ts';
import { letMonthsGoBy } from './let-months-go-by.ts';
import { logIn } from './log-in.ts';
import { requestTokens } from './request-tokens.ts';
import type { Stage } from './stage.ts';

/** Events that have no place in the demo. */
const outOfPlace = ['request-denied', 'request-failed', 'expired', 'revocation-incomplete', 'drift-detected'];

/** Plays the whole demo. @throws NotAsTold in the words of what went otherwise */
export async function tell(stage: Stage, months: number): Promise<void> {
  const { screen, events, prober } = stage;
  const wrong = Promise.withResolvers<never>();
  events.onEvent((event) => screen.say(eventLine(event)));
  const stopWatching = events.onEvent((event) => {
    if (outOfPlace.includes(kindOf(event))) wrong.reject(new NotAsTold(wordsFor(event)));
  });
  const story = async () => {
    await requestTokens(stage);
    await logIn(stage);
    await letMonthsGoBy(stage, months);
    await endTokens(stage);
  };
  await Promise.race([story(), prober.failure, wrong.promise]);
  stopWatching();
  await prober.close();
  sum(stage);
}

function sum({ screen, prober }: Stage): void {
  const { accepted, failed, withPrevious } = prober.totals;
  if (failed > 0) throw new NotAsTold(`The prober failed to log in ${failed} times`);
  screen.say(
    '',
    `The prober logged in ${accepted} times, ${withPrevious} of them with a password that had been replaced; ${failed} failed.`,
  );
}

function wordsFor(event: TokenEvent): string {
  return `An event came that has no place here:\n${eventLine(event)}`;
}
