import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type RunningCloud, startCloud } from './cloud.ts';
import { readCloudConfig } from './cloud-config.ts';
import { type CloudCommand, helpText, parseCommandLine } from './command-line.ts';
import { endpointTable } from './endpoint-table.ts';
import { environmentFileText } from './environment-file.ts';
import { UsageError } from './part.ts';

/** Ctrl-C is obeyed within two seconds, whatever still runs. */
const patienceMilliseconds = 1_500;

async function main(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2), join(import.meta.dirname, 'cloud.config.json'));
  if (command === 'help') {
    process.stdout.write(helpText);
    return;
  }
  const stopped = stopSignal();
  const starting = start(command);
  await Promise.race([stopped, starting.then(() => stopped)]);
  process.stdout.write('\nStopping …\n');
  await Promise.race([starting.then((cloud) => cloud.close()), wait(patienceMilliseconds)]);
  process.exit(0);
}

async function start(command: CloudCommand): Promise<RunningCloud> {
  const startedAt = performance.now();
  const cloud = await startCloud({
    config: await readCloudConfig(command.configFile),
    dataFolder: command.dataFolder,
    only: command.only,
    port: command.port,
  });
  await mkdir(dirname(command.environmentFile), { recursive: true });
  await writeFile(command.environmentFile, environmentFileText(cloud.environment));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(
    `The local cloud is up after ${seconds} s.\n\n${endpointTable(cloud.endpoints)}\n` +
      `Point clients at it:  set -a; . ${command.environmentFile}; set +a\nCtrl-C stops it.\n`,
  );
  return cloud;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
