import { systemClock } from '../../adapters/system-clock.ts';
import { runCommand } from '../run-command.ts';
import { useSettings } from '../settings-file.ts';
import { helpText, parseCommandLine } from './command-line.ts';
import { runDoctor } from './run-doctor.ts';
import { asJson, asText, columnsFor, exitCode, summary } from './show-diagnoses.ts';

async function main(): Promise<number> {
  const command = parseCommandLine(process.argv.slice(2));
  if (command === 'help') {
    process.stdout.write(helpText);
    return 0;
  }
  const { json, canary, settings } = command;
  const diagnoses = await runDoctor({
    environment: useSettings(settings),
    canary,
    clock: systemClock,
    show: (diagnosis, subjects) =>
      process.stdout.write(json ? asJson(diagnosis) : asText(diagnosis, columnsFor(subjects))),
  });
  if (!json) process.stdout.write(`\n${summary(diagnoses)}`);
  return exitCode(diagnoses);
}

await runCommand(main);
// What a check was given up for may still hold connections open.
process.exit();
