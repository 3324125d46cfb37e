import { createSharedScopeMap } from '../shared-scope-map.ts';
import { cast, sharedScopeMap } from './cast.ts';
import { beginStep, picture, type Stage } from './stage.ts';

/** The operator makes what devices share; then three parties ask for tokens. */
export async function requestTokens(stage: Stage): Promise<void> {
  await shareScopeMap(stage);
  const { screen, entrances, events } = stage;
  await beginStep(
    stage,
    '2. Three parties ask for a token, each by a message to a queue of its own',
    'Why: only the queue proves who asks; its policy says what may be asked there.',
  );
  screen.say('');
  for (const { token, queue, source, request, words } of cast) {
    await entrances.ask({ queue, source, what: 'requested', token, data: request });
    screen.say(`  ${queue.padEnd(23)}  ${token.padEnd(12)}  ${words}`);
  }
  screen.say(
    '',
    '  Keyturn makes the tokens, proves that the passwords log in, and says where they are:',
    '',
  );
  screen.live(() => picture(stage));
  for (const { token } of cast) await events.first('provisioned', token);
  screen.freeze();
  screen.say('', '  No message holds a password. Each is in the vault, and nowhere else.');
}

async function shareScopeMap(stage: Stage): Promise<void> {
  const { screen, armEndpoint, registryId } = stage;
  await beginStep(
    stage,
    '1. The operator makes a scope map for all devices',
    'Why: one list of rights for thousands of tokens. Keyturn uses it and never changes it.',
  );
  await createSharedScopeMap({ armEndpoint, registryId, ...sharedScopeMap });
  const { name, actions } = sharedScopeMap;
  screen.say('', `  ${name} grants`, ...actions.map((action) => `    ${action}`));
}
