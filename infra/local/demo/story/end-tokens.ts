import { NotAsTold } from '../not-as-told.ts';
import { type DemoToken, device, partner, team } from './cast.ts';
import { beginStep, picture, type Stage, secretNameOf } from './stage.ts';

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
    words: 'Disable: it can be enabled again, and nothing rotates until then.',
  },
  {
    of: team,
    queue: 'token-requests-urgent',
    asks: 'revocation-requested',
    becomes: 'revoked',
    reason: 'password seen in a build log',
    words: 'Revoke, by the urgent queue: both passwords are replaced, and the new ones thrown away.',
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
    '5. The end of three tokens',
    'Why: the prober has left them; from here on a login that is accepted would be the failure.',
  );
  for (const ending of endings) await end(ending, stage);
  stage.screen.live(() => picture(stage));
  stage.screen.freeze();
}

async function end({ of, queue, asks, becomes, reason, words }: Ending, stage: Stage): Promise<void> {
  const { screen, entrances, events, prober, reader, loginServer } = stage;
  const { token, source } = of;
  const secretName = secretNameOf(stage, token);
  const { value } = await reader.read(secretName);
  await prober.leave(token);
  screen.say(`  ${words}`);
  await entrances.ask({ queue: queue ?? of.queue, source, what: asks, token, data: { reason } });
  await events.first(becomes, token);
  const { status } = await loginServer.logIn(token, value);
  if (status !== 401)
    throw new NotAsTold(`${token} is ${becomes}, and its login was answered with ${status}`);
  const refusal = await reader.read(secretName).then(
    () => undefined,
    (error: { statusCode?: number }) => error.statusCode,
  );
  if (refusal !== 403 && refusal !== 404)
    throw new NotAsTold(`${token} is ${becomes}, and the vault still gives out its password`);
  screen.say(
    `              ${token}: the login server refuses it (401), the vault has no password for it (${refusal})`,
    '',
  );
}
