import { setTimeout as wait } from 'node:timers/promises';
import { styleText } from 'node:util';
import { UsageError } from '../part.ts';
import { type DemoCommand, helpText, parseCommandLine } from './command-line.ts';
import { Entrances } from './entrances.ts';
import { LoginServer } from './login-server.ts';
import { NotAsTold } from './not-as-told.ts';
import { playOnText } from './play-on.ts';
import { Prober } from './prober.ts';
import { Screen } from './screen.ts';
import { type DemoService, registryReplicationSeconds, startService } from './service.ts';
import { picture, type Stage } from './story/stage.ts';
import { tell } from './story/tell.ts';
import { TokenEvents } from './token-events.ts';
import { VaultReader } from './vault-reader.ts';

/** Ctrl-C is obeyed within two seconds, whatever still runs. */
const patienceMilliseconds = 1_500;

/** Runs the demo as the command line says, and ends the process. Exit codes: 1 not as told, 2 a person's mistake. */
export async function runDemo(words: readonly string[]): Promise<void> {
  const screen = new Screen(process.stdout);
  const running: { service?: DemoService } = {};
  const stopped = stopSignal();
  const played = play(words, screen, running).then(
    () => 0,
    (error: unknown) => exitCodeAfter(error, screen, running.service),
  );
  const code = await Promise.race([played, stopped]);
  screen.freeze();
  if (running.service) await Promise.race([running.service.close(), wait(patienceMilliseconds)]);
  process.exit(code);
}

async function play(
  words: readonly string[],
  screen: Screen,
  running: { service?: DemoService },
): Promise<void> {
  const command = parseCommandLine(words);
  if (command === 'help') return screen.say(helpText.trimEnd());
  screen.say(
    styleText('bold', 'Keyturn on this machine: tokens of a container registry, from request to rotation'),
    'Starting a local cloud (registry, vault, Service Bus, storage) and Keyturn beside it ...',
  );
  const startedAt = performance.now();
  const service = await startService(command);
  running.service = service;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  screen.say(
    `Both are up after ${seconds} s. A new password is known to all of the local registry within`,
    `${registryReplicationSeconds} s; on Azure that takes about a minute.`,
  );
  await Promise.race([perform(service, command, screen), service.keyturn.unexpectedEnd]);
}

async function perform(service: DemoService, command: DemoCommand, screen: Screen): Promise<void> {
  const startedAt = performance.now();
  const stage = openStage(service, screen, screen.isTerminal && !command.once ? 1_500 : 0);
  await tell(stage, command.months);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  screen.say('', styleText(['bold', 'green'], `All went as told, in ${seconds} s.`));
  if (!command.once) await playOn(service, stage);
}

/** Until the process is told to stop. */
async function playOn(service: DemoService, stage: Stage): Promise<never> {
  stage.screen.say(...playOnText(service));
  if (stage.screen.isTerminal) stage.screen.live(() => picture(stage));
  return new Promise<never>(() => {});
}

function openStage({ cloud, control }: DemoService, screen: Screen, readingTime: number): Stage {
  const setting = (name: string): string => {
    const value = cloud.environment[name];
    if (value === undefined) throw new Error(`The local cloud has no ${name}.`);
    return value;
  };
  const loginServerUrl = cloud.endpoints.find(([, name]) => name === 'login-server contoso')?.[2] ?? '';
  const connection = setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING');
  const now = () => cloud.clock.now();
  const reader = new VaultReader(setting('KEY_VAULT_URL'));
  const loginServer = new LoginServer(new URL(loginServerUrl).host);
  return {
    screen,
    control,
    now,
    armEndpoint: setting('AZURE_RESOURCE_MANAGER_ENDPOINT'),
    registryId: setting('REGISTRY_RESOURCE_ID'),
    entrances: new Entrances(connection, now),
    events: new TokenEvents(connection, ({ message }) => screen.say(`  Service Bus: ${message}`)),
    reader,
    loginServer,
    prober: new Prober({
      now,
      read: (secretName) => reader.read(secretName),
      logIn: async (token, password) => (await loginServer.logIn(token, password)).status,
    }),
    readingTime,
  };
}

function exitCodeAfter(error: unknown, screen: Screen, service: DemoService | undefined): number {
  screen.freeze();
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`\nNot as told: ${error instanceof NotAsTold ? message : (stack ?? message)}\n`);
  if (service) process.stderr.write(`Keyturn's log is ${service.keyturn.logFile}\n`);
  return 1;
}

/** Resolves with the exit code. */
function stopSignal(): Promise<number> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(0));
    process.once('SIGTERM', () => resolve(0));
  });
}
