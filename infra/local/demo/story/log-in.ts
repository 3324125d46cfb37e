import { NotAsTold } from '../not-as-told.ts';
import { cast, type DemoToken } from './cast.ts';
import { beginStep, publishedAt, type Stage } from './stage.ts';

/** Consumers take their passwords out of the vault and log in. */
export async function logIn(stage: Stage): Promise<void> {
  await beginStep(
    stage,
    '3. Consumers take their passwords out of the vault, and log in',
    'Why: the identity "reader" may only read secrets. Keyturn may write them, and not read them.',
  );
  stage.screen.say('');
  for (const each of cast) await logInAs(each, stage);
}

async function logInAs({ token, repository, actions }: DemoToken, stage: Stage): Promise<void> {
  const { value } = await stage.reader.read(publishedAt(stage, token).secretName);
  const { status, granted } = await stage.loginServer.logIn(token, value, { repository });
  if (status !== 200) throw new NotAsTold(`The login of ${token} failed (${status})`);
  if (granted.toSorted().join() !== actions.toSorted().join())
    throw new NotAsTold(`${token} was granted "${granted.join(' ')}" on ${repository}`);
  stage.screen.say(
    `  ${token.padEnd(12)}  logs in; asks to pull and push ${repository}; may ${granted.toSorted().join(' and ')}`,
  );
}
