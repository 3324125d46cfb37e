import { setTimeout as wait } from 'node:timers/promises';
import { styleText } from 'node:util';
import { UsageError } from '../part.ts';
import { type DemoCommand, helpText, parseCommandLine } from './command-line.ts';
import { NotAsTold } from './not-as-told.ts';
import { openStage } from './open-stage.ts';
import { playOnText } from './play-on.ts';
import { Screen } from './screen.ts';
import { type DemoService, registryReplicationSeconds, startService } from './service.ts';
import { picture, type Stage } from './story/stage.ts';
import { tell } from './story/tell.ts';

/** Ctrl-C is obeyed within two seconds, whatever still runs. */
const patienceMilliseconds = 1_500;

/** Between the steps, for a person at a terminal. */
const readingMilliseconds = 1_500;

/** What runs so far, and is to be closed. */
interface Running {
  service?: DemoService;
  stage?: Stage;
}

/** Runs the demo as the command line says, and ends the process. Exit codes: 1 not as told, 2 a person's mistake. */
export async function runDemo(words: readonly string[]): Promise<void> {
  const screen = new Screen(process.stdout);
  const running: Running = {};
  const played = play(words, screen, running).then(
    () => 0,
    (error: unknown) => exitCodeAfter(error, screen, running),
  );
  const code = await Promise.race([played, stopSignal(screen)]);
  await Promise.race([close(running), wait(patienceMilliseconds)]);
  process.exit(code);
}

async function play(words: readonly string[], screen: Screen, running: Running): Promise<void> {
  const command = parseCommandLine(words);
  if (command === 'help') return screen.say(helpText.trimEnd());
  screen.say(
    styleText('bold', 'Keyturn on this machine: tokens of a container registry, from request to rotation'),
    'Starting a local cloud (registry, vault, Service Bus, storage) and Keyturn beside it ...',
  );
  const startedAt = performance.now();
  const service = await startService(command);
  running.service = service;
  screen.say(
    `Both are up after ${secondsSince(startedAt, 1)} s. The local registry replicates a new password in ` +
      `${registryReplicationSeconds} s; Azure takes a minute.`,
  );
  const readingTime = screen.isTerminal && !command.once ? readingMilliseconds : 0;
  running.stage = openStage(service, screen, readingTime);
  await Promise.race([perform(command, running.stage, service), service.keyturn.unexpectedEnd]);
}

async function perform(command: DemoCommand, stage: Stage, service: DemoService): Promise<void> {
  const startedAt = performance.now();
  await tell(stage, command.months);
  const { screen } = stage;
  screen.say('', styleText(['bold', 'green'], `All went as told, in ${secondsSince(startedAt)} s.`));
  if (command.once) return;
  screen.say(...playOnText(service));
  if (screen.isTerminal) screen.live(() => picture(stage));
  await new Promise<never>(() => {});
}

/** First the clients, while there is somebody to say goodbye to. */
async function close({ service, stage }: Running): Promise<void> {
  const left = Promise.all([stage?.prober.close(), stage?.events.close()]);
  await Promise.race([left, wait(patienceMilliseconds / 3)]);
  await service?.close();
}

function exitCodeAfter(error: unknown, screen: Screen, { service }: Running): number {
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
function stopSignal(screen: Screen): Promise<number> {
  return new Promise((resolve) => {
    const stop = () => {
      screen.freeze();
      screen.say('', 'Stopping ...');
      resolve(0);
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}

function secondsSince(start: number, digits = 0): string {
  return ((performance.now() - start) / 1_000).toFixed(digits);
}
