import { chosenRegistries, openPorts } from '../open-ports.ts';
import { runCommand } from '../run-command.ts';
import { help, parseCommandLine } from './command-line.ts';
import { outcomeLines, summaryLines } from './outcome-lines.ts';
import { rebuild } from './rebuild.ts';

await runCommand(async () => {
  const command = parseCommandLine(process.argv.slice(2));
  if (command === 'help') {
    process.stdout.write(help);
    return 0;
  }
  const { configuration, ports } = openPorts(command.settingsFiles);
  try {
    const registries = chosenRegistries(command.registries, configuration);
    const now = command.now ?? ports.clock.now().toISOString();
    const outcomes = await rebuild({ registries, write: command.write, now }, { ...ports, configuration });
    const lines = [...outcomeLines(outcomes, now), '', ...summaryLines(outcomes, command.write)];
    process.stdout.write(`${lines.join('\n').trimStart()}\n`);
    return 0;
  } finally {
    await ports.close();
  }
});
