import { NotAsTold } from '../not-as-told.ts';
import { type DemoToken, device, partner, team } from './cast.ts';
import { beginStep, picture, publishedAt, type Stage } from './stage.ts';

interface Ending {
  readonly of: DemoToken;
  /** Where it is asked for, if not at the token's entrance. */
  readonly queue?: string;
  readonly asks: string;
  /** The event that says that it is done. */
  readonly becomes: string;
  readonly reason: string;
  readonly words: string;
}

const endings: readonly Ending[] = [
  {
    of: partner,
    asks: 'disable-requested',
    becomes: 'disabled',
    reason: 'contract paused',
    words: 'Disable: nothing rotates until it is enabled again.',
  },
  {
    of: team,
    queue: 'token-requests-urgent',
    asks: 'revocation-requested',
    becomes: 'revoked',
    reason: 'seen in a build log',
    words: 'Revoke, by the urgent queue: both passwords are regenerated, and nobody gets the new ones.',
  },
  {
    of: device,
    asks: 'deletion-requested',
    becomes: 'deleted',
    reason: 'device scrapped',
    words: 'Delete: token and secret go; the shared scope map stays.',
  },
];

/** One token is disabled, one revoked, one deleted; none of their passwords works any more. */
export async function endTokens(stage: Stage): Promise<void> {
  await beginStep(
    stage,
    '5. One token is disabled, one revoked, one deleted',
    'Why: an event says what was done; login server and vault show that it is true.',
  );
  stage.screen.live(() => picture(stage));
  for (const ending of endings) await end(ending, stage);
  stage.screen.freeze();
}

async function end({ of, queue, asks, becomes, reason, words }: Ending, stage: Stage): Promise<void> {
  const { screen, entrances, events, prober, reader } = stage;
  const { token, source } = of;
  const { secretName } = publishedAt(stage, token);
  const { value } = await reader.read(secretName);
  await prober.leave(token);
  screen.say('', `  ${words}`);
  await entrances.ask({ queue: queue ?? of.queue, source, what: asks, token, data: { reason } });
  await events.first(becomes, token);
  const { status } = await stage.loginServer.logIn(token, value);
  if (status !== 401)
    throw new NotAsTold(`${token} is ${becomes}, and its login was answered with ${status}`);
  const refusal = await refusalOf(reader.read(secretName));
  if (refusal !== 403 && refusal !== 404)
    throw new NotAsTold(
      `${token} is ${becomes}, and the vault answered its reader with ${refusal ?? 'a value'}`,
    );
  screen.say(
    `              its password: refused by the login server (${status}) and by the vault (${refusal})`,
  );
}

/** The status with which the vault refused; nothing if it did not. */
async function refusalOf(reading: Promise<unknown>): Promise<number | undefined> {
  return reading.then(
    () => undefined,
    (error: { statusCode?: number }) => error.statusCode,
  );
}
